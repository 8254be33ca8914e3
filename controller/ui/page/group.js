// One group: who is in it, what it does now, what it did.
import {api} from './api.js';
import {level, phaseOf} from './attention.js';
import {phaseBadge} from './badges.js';
import {el, hiddenText, Slot} from './dom.js';
import {overview} from './overview.js';
import {conditionList, memberTable, notices} from './group_parts.js';
import {History} from './history.js';
import {picture, pictureModel} from './picture.js';
import {spoken, steps, verdict} from './progress.js';
import {Requests} from './requests.js';
import {SwitchoverDialog} from './switchover.js';

const AGING = 10000;    // ms; how often what is told as "... ago" is told anew
const GATHERING = 150;  // ms; a role change makes several events

export class GroupView {
  constructor(store, live, {namespace, name}, expired) {
    Object.assign(this, {store, live, namespace, name, expired, key: `${namespace}/${name}`});
    this.heading = el('h1', {tabindex: -1}, el('span', {class: 'namespace'}, `${namespace}/`), name);
    this.history = new History();
    this.requests = new Requests();
    this.dialog = null;
    this.spoken = hiddenText('');
    this.spoken.setAttribute('aria-live', 'polite');
    this.slots = Object.fromEntries(['badge', 'notices', 'facts', 'picture', 'members', 'active', 'conditions', 'action']
      .map((part) => [part, new Slot(el('div', {class: `part-${part}`}))]));
    this.button = el('button', {type: 'button', class: 'primary-action', on: {click: () => this.#ask()}}, 'Switch over …');
    this.missing = el('p', {class: 'empty'});
    this.body = el('div', {}, this.#sections());
    this.element = el('div', {class: 'view'}, el('nav', {'aria-label': 'Way back'}, el('a', {href: '#/'}, '← All groups')),
      this.spoken, this.missing, this.body);
    this.#show();
    this.#fetch();
    this.aging = setInterval(() => this.#showFacts(), AGING);
  }

  #sections() {
    const part = (name) => this.slots[name].element;
    return [
      el('div', {class: 'group-head'}, this.heading, part('badge'), el('div', {class: 'action'}, this.button, part('action'))),
      part('notices'), part('facts'), part('active'),
      el('section', {class: 'panel', 'aria-labelledby': 'members-title'}, el('h2', {id: 'members-title'}, 'Members'), part('picture'), part('members')),
      this.history.element,
      el('section', {class: 'panel', 'aria-labelledby': 'conditions-title'}, el('h2', {id: 'conditions-title'}, 'Conditions'), part('conditions')),
      this.requests.element];
  }

  title() {
    const group = this.group();
    return group ? `${level(group) === 'calm' ? '' : '! '}${phaseOf(group)} ${this.key}` : this.key;
  }

  group() {
    return this.store.groups.get(this.key) ?? null;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.aging);
    this.history.close();
    this.dialog?.close();
  }

  changed(keys) {
    if (!keys.has(this.key) && this.group()) return;
    this.#show();
    this.dialog?.groupChanged();
    this.#later();
  }

  requestChanged(data) {
    this.dialog?.requestChanged(data);
    if (data.namespace === this.namespace && data.group === this.name) this.#later();
  }

  // What happened meanwhile was not told.
  snapshotCame() {
    this.#later();
  }

  #later() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.#fetch();
    }, GATHERING);
  }

  async #fetch() {
    if (this.fetching) {
      this.fetchAgain = true;
      return;
    }
    this.fetching = true;
    this.fetchAgain = false;
    try {
      const {group, requests} = await api.group(this.namespace, this.name);
      if (this.closed) return;
      this.requests.show(requests, !this.store.complete || this.store.rights(this.namespace).requests);
      this.history.show(group.status.history ?? [], group);
    } catch (failure) {
      if (this.closed) return;
      if (failure.status === 401) this.expired();
      else if (failure.status === 0 || failure.status === 429 || failure.status >= 500) this.#failed();
    } finally {
      this.fetching = false;
    }
    if (this.fetchAgain && !this.closed) this.#fetch();
  }

  // The stream may go on although this call did not: ask once more, later.
  #failed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.#fetch();
    }, 3000);
  }

  #show() {
    const group = this.group();
    this.body.hidden = !group;
    this.missing.hidden = Boolean(group);
    if (!group) {
      this.missing.textContent = this.store.complete
        ? `There is no group ${this.key}, or you may not see it.` : 'Waiting for Baton to tell its groups …';
      return;
    }
    const {slots} = this;
    const rights = this.store.rights(this.namespace);
    slots.badge.show(phaseOf(group), () => phaseBadge(group));
    slots.notices.show(group, () => notices(group));
    this.#showFacts();
    slots.picture.show([group.status.primary, pictureModel(group)], () => picture(group, true));
    slots.members.show([group.status.primary, group.status.members], () => memberTable(group));
    slots.conditions.show(group.status.conditions, () => conditionList(group));
    slots.active.show(group.activeRequest, () => this.#active(group.activeRequest));
    this.#showAction(rights.switch);
    const said = group.activeRequest ? spoken(group.activeRequest) : '';
    if (said !== this.spoken.textContent) this.spoken.textContent = said;
  }

  #showFacts() {
    const group = this.group();
    if (group) this.slots.facts.show([group, Math.floor(Date.now() / AGING)], () => overview(group));
  }

  #active(request) {
    if (!request) return [];
    return el('section', {class: 'panel', 'aria-labelledby': 'active-title'},
      el('h2', {id: 'active-title'}, `Running: ${request.name}`), verdict(request), steps(request));
  }

  #showAction(may) {
    this.button.disabled = !may;
    if (may) this.button.removeAttribute('aria-describedby');
    else this.button.setAttribute('aria-describedby', 'why-not');
    this.slots.action.show(may, () => (may ? [] : el('p', {id: 'why-not', class: 'why-not'},
      `You may look, but not switch over. That takes the right to create switchoverrequests in namespace ${this.namespace}.`)));
  }

  #ask() {
    this.dialog = new SwitchoverDialog(() => this.group(), () => {
      this.dialog = null;
      if (!this.closed) this.button.focus();
    }, this.expired);
    this.element.append(this.dialog.element);
    this.dialog.open();
  }
}
