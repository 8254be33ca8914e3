// The stream of events, and what is known about whether it still tells the truth.
import {api} from './api.js';

const SILENCE = 15000;    // ms without an event, of which there is one every 5 s: the stream is dead, whatever the browser thinks
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 5000;
const EVENTS = ['snapshot', 'group', 'gone', 'request', 'pulse'];

// Tells `listener(event, data)` of each event, of 'state' when the connection's state changed, and of 'signed-out' when
// the session is over. The browser's own way of coming back is not used: it gives up at an answer that is an error, and
// does not say that the session has ended.
export class Live {
  constructor(listener) {
    this.listener = listener;
    this.stop();
  }

  start() {
    this.stop();
    this.lostSince = Date.now();
    this.pause = FIRST_PAUSE;
    this.watch = setInterval(() => this.#look(), 1000);
    this.#open();
  }

  stop() {
    this.source?.close();
    clearInterval(this.watch);
    clearTimeout(this.again);
    this.source = null;
    this.again = null;
    this.run = (this.run ?? 0) + 1;
    this.lostSince = null;     // since when there is no connection; null while there is one
    this.everLive = false;
    this.lastEvent = null;
    this.unheard = 0;          // seconds, as the newest pulse had it
  }

  // {kind: 'connecting' | 'live' | 'lost' | 'unheard', seconds}
  state(now = Date.now()) {
    if (this.lostSince !== null) {
      return {kind: this.everLive ? 'lost' : 'connecting', seconds: Math.floor((now - this.lostSince) / 1000)};
    }
    if (this.unheard > 0) return {kind: 'unheard', seconds: this.unheard + Math.floor((now - this.unheardAt) / 1000)};
    return {kind: 'live', seconds: 0};
  }

  #open() {
    const source = new EventSource('/ui/api/events');
    this.source = source;
    this.openedAt = Date.now();
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        if (source === this.source) this.#heard(name, JSON.parse(event.data));
      });
    }
    source.addEventListener('error', () => {
      if (source === this.source) this.#lost();
    });
  }

  #heard(name, data) {
    this.lastEvent = Date.now();
    // Only a snapshot makes the page right again after a break.
    if (name === 'snapshot') {
      this.lostSince = null;
      this.everLive = true;
      this.pause = FIRST_PAUSE;
    }
    if (name === 'pulse') {
      this.unheard = data.unheardSeconds ?? 0;
      this.unheardAt = this.lastEvent;
    }
    this.listener(name, data);
    if (name === 'snapshot' || name === 'pulse') this.listener('state');
  }

  // Timers of a page in the background, or of a machine that slept, come late; the clock does not.
  #look() {
    const last = Math.max(this.lastEvent ?? 0, this.openedAt ?? 0);
    if (this.source && Date.now() - last > SILENCE) this.#lost();
    this.listener('state');
  }

  #lost() {
    this.source?.close();
    this.source = null;
    this.lostSince ??= this.lastEvent ?? Date.now();
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#comeBack(this.run), this.pause);
    this.pause = Math.min(this.pause * 1.5, LONGEST_PAUSE);
    this.listener('state');
  }

  async #comeBack(run) {
    try {
      await api.session();
    } catch (failure) {
      if (run !== this.run) return;
      if (failure.status === 401) this.listener('signed-out');
      else this.#lost();
      return;
    }
    if (run === this.run) this.#open();
  }
}
