// Says in words whether what is shown is live.
import {el, hiddenText} from './dom.js';
import {localTime} from './format.js';

const SHORT = {
  connecting: () => 'Connecting …',
  live: () => 'Live',
  lost: (s) => `Reconnecting since ${s} s`,
  unheard: (s) => `API server unheard for ${s} s`,
  refused: () => 'Not connected',
};

const SENTENCES = {
  connecting: () => 'Connecting to Baton.',
  live: () => 'What is shown is live.',
  lost: (time) => `The connection to Baton is lost. What is shown is from ${time}, and may be out of date.`,
  unheard: (time) => `Baton itself has heard nothing from the API server since ${time}. What is shown may be out of date.`,
  refused: (time, message) => `Baton tells this page nothing new: ${message}`,
};

export class Connection {
  constructor() {
    this.dot = el('span', {class: 'dot', 'aria-hidden': 'true'});
    this.words = el('span', {class: 'connection-words'});
    this.element = el('span', {class: 'connection', hidden: true}, this.dot, this.words);
    this.banner = el('p', {class: 'banner', hidden: true});
    // The seconds count up where they are seen; only a change of state is said aloud.
    this.spoken = hiddenText('');
    this.spoken.setAttribute('role', 'status');
    this.spoken.setAttribute('aria-live', 'polite');
    this.kind = null;
  }

  show({kind, seconds, message}) {
    this.element.hidden = false;
    this.element.className = `connection ${kind}`;
    this.#say(this.words, SHORT[kind](seconds));
    if (kind === this.kind) return;
    const sentence = SENTENCES[kind](localTime(new Date(Date.now() - seconds * 1000)), message);
    this.banner.hidden = kind === 'connecting' || kind === 'live';
    this.#say(this.banner, sentence);
    this.#say(this.spoken, sentence);
    this.kind = kind;
  }

  hide() {
    this.element.hidden = true;
    this.banner.hidden = true;
    this.kind = null;
  }

  #say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
}
