// Follows one request to its end. Asks each second, and at once when the stream tells of the request: so it is right
// too where the stream is broken, or does not tell of requests because the user may not list them.
import {api} from './api.js';
import {hasEnded} from './words.js';

const PAUSE = 1000;     // ms
const PATIENCE = 30000; // ms until a request that was made is known to the replica that is asked

export class Following {
  // told(request) on each answer; failed(failure) when it can't be followed any more.
  constructor(request, told, failed) {
    Object.assign(this, {request, told, failed, over: false, asking: false, askAgain: false, known: false, began: Date.now()});
    if (!this.#end(request)) this.#later();
  }

  stop() {
    this.over = true;
    clearTimeout(this.timer);
  }

  // Of an event `request`.
  hear({namespace, name}) {
    if (!this.over && namespace === this.request.namespace && name === this.request.name) this.#ask();
  }

  #end(request) {
    if (hasEnded(request.status?.phase)) this.stop();
    this.told(request);
    return this.over;
  }

  // Without an answer, or with one of something between, it is asked again. It may be told of before its replica has
  // heard of it.
  #isFinal({status}) {
    if (status === 404) return this.known || Date.now() - this.began > PATIENCE;
    return status >= 400 && status < 500 && status !== 429;
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    this.askAgain = false;
    try {
      const request = await api.request(this.request.namespace, this.request.name);
      this.known = true;
      if (this.over || this.#end(request)) return;
    } catch (failure) {
      if (this.over) return;
      if (this.#isFinal(failure)) {
        this.stop();
        this.failed(failure);
        return;
      }
    } finally {
      this.asking = false;
    }
    if (this.askAgain) this.#ask();
    else this.#later();
  }
}
