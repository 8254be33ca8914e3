// What the stream has told so far. Changes are handed on together, shortly after the first of them, so that a thousand
// events in a second are not a thousand times the work.
import {keyOf} from './attention.js';

const GATHERING = 100;  // ms

export class Store {
  constructor(changed) {
    this.changed = changed;  // called with the Set of keys whose group is another, or gone
    this.forget();
  }

  forget() {
    clearTimeout(this.timer);
    this.timer = null;
    this.groups = new Map();
    this.namespaces = {};
    this.version = '';
    this.keys = new Set();
    this.complete = false;  // a snapshot has come
  }

  rights(namespace) {
    return this.namespaces[namespace] ?? {requests: false, switch: false};
  }

  snapshot({version, namespaces, groups}) {
    this.version = version;
    const now = new Map(groups.map((group) => [keyOf(group), group]));
    const rightsChanged = JSON.stringify(namespaces) !== JSON.stringify(this.namespaces);
    this.namespaces = namespaces;
    for (const key of this.groups.keys()) if (!now.has(key)) this.keys.add(key);
    for (const [key, group] of now) {
      if (rightsChanged || JSON.stringify(group) !== JSON.stringify(this.groups.get(key))) this.keys.add(key);
    }
    this.groups = now;
    this.complete = true;
    this.#later();
  }

  group(group) {
    this.groups.set(keyOf(group), group);
    this.keys.add(keyOf(group));
    this.#later();
  }

  gone(group) {
    this.groups.delete(keyOf(group));
    this.keys.add(keyOf(group));
    this.#later();
  }

  #later() {
    this.timer ??= setTimeout(() => {
      const keys = this.keys;
      this.timer = null;
      this.keys = new Set();
      this.changed(keys);
    }, GATHERING);
  }
}
