// The stream of events, and what is known about whether it still tells the truth.
import {api} from './api.js';

const SILENCE = 15000;    // ms without an event, of which there is one every 5 s: the stream is dead, whatever the browser thinks
const FIRST_SILENCE = 90000;  // ms; the first event is everything at once, which may take a while on a slow line
const HIDDEN = 60000;     // ms; a page that nobody looks at gives its connection back: a browser has six for each server
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
    document.addEventListener('visibilitychange', () => this.#seen(document.visibilityState === 'visible'));
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
    this.watch = null;
    clearTimeout(this.again);
    clearTimeout(this.sleep);
    this.source = null;
    this.again = null;
    this.asleep = false;
    this.failures = 0;         // streams in a row that brought nothing
    this.refusal = '';         // why the server gives no stream, in its words
    this.run = (this.run ?? 0) + 1;
    this.lostSince = null;     // since when there is no connection; null while there is one
    this.everLive = false;
    this.lastEvent = null;
    this.unheard = 0;          // seconds, as the newest pulse had it
  }

  // {kind: 'connecting' | 'live' | 'lost' | 'unheard' | 'refused', seconds, message}
  state(now = Date.now()) {
    if (this.refusal) return {kind: 'refused', seconds: 0, message: this.refusal};
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
    this.brought = false;
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
    this.brought = true;
    this.failures = 0;
    this.refusal = '';
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
    if (this.source && Date.now() - last > (this.brought ? SILENCE : FIRST_SILENCE)) this.#lost();
    this.listener('state');
  }

  #seen(visible) {
    clearTimeout(this.sleep);
    if (!this.watch) return;
    if (!visible) {
      this.sleep = setTimeout(() => {
        this.asleep = true;
        this.source?.close();
        this.source = null;
        clearTimeout(this.again);
      }, HIDDEN);
    } else if (this.asleep) {
      this.asleep = false;
      this.lostSince = Date.now();
      this.#comeBack(this.run);
      this.listener('state');
    }
  }

  #lost() {
    if (this.asleep) return;
    if (this.source && !this.brought) this.failures += 1;
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
      if (this.failures > 1) await api.tryEvents();  // a stream does not say why there is none
    } catch (failure) {
      if (run !== this.run) return;
      if (failure.status === 401) return this.listener('signed-out');
      this.refusal = failure.status === 503 ? failure.message : '';
      return this.#lost();
    }
    this.refusal = '';
    if (run === this.run && !this.asleep && !this.source) this.#open();
  }
}
