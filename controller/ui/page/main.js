// Puts the page together: who is signed in, which view is open, and what the stream tells them.
import {api} from './api.js';
import {Connection} from './connection.js';
import {el} from './dom.js';
import {FleetView} from './fleet.js';
import {GroupView} from './group.js';
import {Live} from './live.js';
import {SignIn} from './signin.js';
import {Store} from './store.js';

const byId = (id) => document.getElementById(id);

// '#/NAMESPACE/NAME' is a group; anything else is the fleet.
function opened() {
  const found = /^#\/([^/]+)\/([^/]+)$/.exec(location.hash);
  if (!found) return null;
  try {
    return {namespace: decodeURIComponent(found[1]), name: decodeURIComponent(found[2])};
  } catch {
    return null;
  }
}

class Page {
  constructor() {
    this.main = byId('main');
    this.who = byId('who');
    this.connection = new Connection();
    byId('connection').append(this.connection.element, this.connection.spoken);
    byId('banner').append(this.connection.banner);
    this.signIn = new SignIn((session) => {
      this.others.postMessage(session.user);
      this.signedIn(session);
    });
    this.store = new Store((keys) => this.changed(keys));
    this.live = new Live((name, data) => this.heard(name, data));
    this.fleet = null;
    this.group = null;
    // Other windows of this browser have the same session.
    this.others = new BroadcastChannel('baton-session');
    this.others.addEventListener('message', ({data}) => data !== (this.session?.user ?? null) && this.begin());
    window.addEventListener('hashchange', () => this.session && this.open());
    document.querySelector('.skip').addEventListener('click', (event) => {
      event.preventDefault();  // the hash says what is open
      this.main.focus();
    });
  }

  async begin() {
    try {
      this.signedIn(await api.session());
    } catch (failure) {
      this.signedOut(failure.status === 401 ? '' : failure.message);
    }
  }

  signedIn(session) {
    this.live.stop();
    this.group?.close();
    this.group = null;
    this.store.forget();
    this.session = session;
    this.who.replaceChildren(el('span', {class: 'user'}, session.user),
      el('button', {type: 'button', class: 'plain', on: {click: () => this.leave()}}, 'Sign out'));
    this.fleet = new FleetView(this.store);
    this.live.start();
    this.connection.show(this.live.state());
    this.open();
  }

  // The hash stays, so that whoever signs in again is where he was.
  signedOut(notice) {
    this.session = null;
    this.live.stop();
    this.store.forget();
    this.group?.close();
    this.group = null;
    this.fleet = null;
    this.connection.hide();
    this.who.replaceChildren();
    this.main.replaceChildren(this.signIn.element);
    document.title = 'Sign in – Baton';
    this.signIn.show(notice);
  }

  async leave() {
    this.live.stop();  // nothing is asked any more in the name of who goes
    this.group?.close();
    try {
      await api.signOut();
    } catch (failure) {
      if (failure.status !== 401) {
        this.signedOut('Baton did not answer, so the session may still be open. Close the browser, or sign in and out again.');
        return;
      }
    }
    this.others.postMessage(null);
    this.signedOut('You are signed out.');
  }

  open() {
    const wanted = opened();
    const before = this.group?.key;
    this.group?.close();
    this.group = wanted && new GroupView(this.store, this.live, wanted, () => this.expired());
    const view = this.group ?? this.fleet;
    this.main.replaceChildren(view.element);
    if (!wanted) this.fleet.update();
    this.#title();
    if (wanted) view.heading.focus();
    else this.fleet.focus(before);
    if (!before || wanted) window.scrollTo(0, 0);
  }

  expired() {
    if (this.session) this.signedOut('Your session has ended. Sign in again to go on where you were.');
  }

  heard(name, data) {
    if (name === 'state') this.connection.show(this.live.state());
    if (name === 'signed-out') this.expired();
    if (name === 'snapshot') this.store.snapshot(data);
    if (name === 'group') this.store.group(data);
    if (name === 'gone') this.store.gone(data);
    if (name === 'request') this.group?.requestChanged(data);
    if (name === 'snapshot') this.group?.snapshotCame();
  }

  changed(keys) {
    byId('version').textContent = this.store.version && `Baton ${this.store.version}`;
    if (this.group) this.group.changed(keys);
    else this.fleet?.update(keys);
    this.#title();
  }

  #title() {
    if (this.session) document.title = `${(this.group ?? this.fleet).title()} – Baton`;
  }
}

new Page().begin();
