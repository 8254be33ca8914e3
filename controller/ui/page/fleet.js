// All groups, a card for each. A change of one group makes one card anew.
import {compare, condition, holds, keyOf, level, matches, needsAttention, phaseOf} from './attention.js';
import {blocked, phaseBadge} from './badges.js';
import {el, Slot} from './dom.js';
import {plural} from './format.js';
import {icon} from './icons.js';
import {picture, pictureModel} from './picture.js';
import {GROUP_PHASES, requestPhase} from './words.js';

export const linkOf = (group) => `#/${encodeURIComponent(group.namespace)}/${encodeURIComponent(group.name)}`;

// What of a group its card shows. A probe each second changes the group, and mostly nothing of this.
function cardModel(group) {
  const active = group.activeRequest;
  return {
    level: level(group), phase: phaseOf(group), primary: group.status.primary, epoch: group.status.epoch,
    ready: group.status.readyMembers, members: pictureModel(group), blocked: blocked(group), conflict: holds(group, 'Conflict'),
    split: holds(group, 'SplitBrain') ? condition(group, 'SplitBrain').message : '',
    invalid: condition(group, 'Ready')?.reason === 'InvalidSpec', held: holds(group, 'Held'), paused: group.paused,
    disabled: !group.switchoverEnabled,
    active: active && {name: active.name, phase: requestPhase(active), mode: active.spec.mode, to: active.status?.to},
  };
}

function notes(group, model) {
  const list = [];
  if (model.blocked) list.push(el('p', {class: 'note bad'}, el('b', {}, `Failover blocked: ${model.blocked.reason}`), `, ${model.blocked.sentence}.`));
  if (model.held && model.blocked?.reason !== 'Held') list.push(el('p', {class: 'note bad'}, el('b', {}, 'Held'), ': a failed role change waits for a person.'));
  if (model.split) list.push(el('p', {class: 'note bad'}, model.split));
  if (model.conflict) list.push(el('p', {class: 'note warn'}, el('b', {}, 'Conflict'), ' with an older group.'));
  if (model.invalid) list.push(el('p', {class: 'note warn'}, el('b', {}, 'InvalidSpec'), ': the group’s spec cannot be used.'));
  if (model.active) {
    const to = model.active.to ? ` to ${model.active.to}` : '';
    list.push(el('p', {class: 'note busy'}, el('b', {}, model.active.phase), `${to} (${model.active.name})`));
  } else if (group.status.activeRequest) {
    list.push(el('p', {class: 'note busy'}, `A role change is running: ${group.status.activeRequest}`));
  }
  if (model.paused && model.phase !== 'Paused') list.push(el('p', {class: 'note'}, el('b', {}, 'Paused')));
  if (model.disabled) list.push(el('p', {class: 'note'}, 'Planned switchovers are disabled.'));
  return list;
}

function card(group, model) {
  return el('li', {class: `card level-${model.level}`},
    el('div', {class: 'card-head'},
      el('h2', {}, el('a', {href: linkOf(group)}, el('span', {class: 'namespace'}, `${group.namespace}/`), group.name)),
      phaseBadge(group)),
    picture(group),
    notes(group, model),
    el('p', {class: 'facts'},
      el('span', {}, 'Primary ', el('b', {}, model.primary || 'nobody')),
      el('span', {}, 'Epoch ', el('b', {}, String(model.epoch ?? 0))),
      el('span', {}, 'Ready ', el('b', {}, model.ready || '0/0'))));
}

export class FleetView {
  constructor(store) {
    this.store = store;
    this.filter = {text: '', attention: false, phase: ''};
    this.cards = new Map();  // key: {text, level, element}
    this.list = el('ul', {class: 'fleet', 'aria-label': 'Groups'});
    this.empty = el('p', {class: 'empty'});
    this.found = el('p', {class: 'found', role: 'status'});
    this.heading = el('h1', {tabindex: -1}, 'Groups');
    this.search = el('input', {id: 'filter', type: 'search', autocomplete: 'off', spellcheck: 'false', placeholder: 'namespace, group, pod, zone',
      on: {input: () => this.#filterBy({text: this.search.value})}});
    const counts = el('div', {class: 'counts', role: 'group', 'aria-label': 'Show only'});
    this.counts = new Slot(counts);
    this.element = el('div', {class: 'view'},
      el('div', {class: 'bar'}, this.heading, el('div', {class: 'field'}, el('label', {for: 'filter'}, 'Filter'), this.search), counts),
      this.found, this.list, this.empty);
  }

  title() {
    const count = [...this.store.groups.values()].filter(needsAttention).length;
    return count ? `(${count}) Groups` : 'Groups';
  }

  #filterBy(change) {
    Object.assign(this.filter, change);
    for (const [key, {element}] of this.cards) element.hidden = !matches(this.store.groups.get(key), this.filter);
    this.#tell();
  }

  // `keys`: of the groups that have changed; without it all are looked at.
  update(keys = new Set([...this.cards.keys(), ...this.store.groups.keys()])) {
    let moved = false;
    for (const key of keys) moved = this.#updateCard(key) || moved;
    if (moved) this.#order();
    this.#tell();
  }

  #updateCard(key) {
    const group = this.store.groups.get(key);
    const old = this.cards.get(key);
    if (!group) {
      old?.element.remove();
      this.cards.delete(key);
      return false;
    }
    const model = cardModel(group);
    const text = JSON.stringify(model);
    if (old?.text !== text) {
      const focused = old?.element.contains(document.activeElement);
      const element = card(group, model);
      old?.element.replaceWith(element);
      this.cards.set(key, {text, level: model.level, element});
      if (focused) element.querySelector('a').focus({preventScroll: true});
    }
    this.cards.get(key).element.hidden = !matches(group, this.filter);
    return old?.level !== model.level;
  }

  // Only cards that are out of place are moved.
  #order() {
    const focused = document.activeElement;
    const sorted = [...this.store.groups.values()].sort(compare);
    let place = this.list.firstElementChild;
    for (const group of sorted) {
      const element = this.cards.get(keyOf(group))?.element;
      if (!element) continue;
      if (element === place) place = place.nextElementSibling;
      else this.list.insertBefore(element, place);
    }
    if (focused !== document.activeElement && this.list.contains(focused)) focused.focus({preventScroll: true});
  }

  #tell() {
    const groups = [...this.store.groups.values()];
    const byPhase = Object.keys(GROUP_PHASES).map((phase) => [phase, groups.filter((g) => phaseOf(g) === phase).length]);
    const model = {attention: groups.filter(needsAttention).length, filter: this.filter,
      byPhase: byPhase.filter(([phase, count]) => count > 0 || this.filter.phase === phase)};
    this.#showCounts(model);
    const shown = groups.filter((group) => matches(group, this.filter)).length;
    const found = shown === groups.length ? plural(shown, 'group') : `${shown} of ${plural(groups.length, 'group')}`;
    if (this.found.textContent !== found) this.found.textContent = found;
    this.empty.hidden = shown > 0;
    this.empty.textContent = this.#whyEmpty(groups.length);
  }

  #whyEmpty(all) {
    if (!this.store.complete) return 'Waiting for Baton to tell its groups …';
    if (all > 0) return 'No group matches the filter.';
    return 'There is no group that you may see. To see those of a namespace takes the right to list hagroups there.';
  }

  #showCounts(model) {
    const focused = document.activeElement?.dataset?.filter;
    this.counts.show(model, () => [
      this.#toggle('attention', this.filter.attention, model.attention, 'Needs attention', {attention: !this.filter.attention}),
      model.byPhase.map(([phase, count]) => this.#toggle(
        phase, this.filter.phase === phase, count, phase, {phase: this.filter.phase === phase ? '' : phase}))]);
    if (focused && !this.counts.element.contains(document.activeElement)) {
      this.counts.element.querySelector(`[data-filter="${focused}"]`)?.focus();
    }
  }

  #toggle(name, pressed, count, words, change) {
    return el('button', {type: 'button', class: `toggle phase-${name}`, 'data-filter': name, 'aria-pressed': String(pressed),
      on: {click: () => this.#filterBy(change)}},
    icon(name === 'attention' ? 'Degraded' : name), `${words} `, el('b', {}, String(count)));
  }

  // Where the reader was before he opened a group.
  focus(key) {
    const link = this.cards.get(key)?.element.querySelector('a');
    (link ?? this.heading).focus();
  }
}
