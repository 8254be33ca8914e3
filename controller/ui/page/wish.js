// The form that says what is wished: to whom, how, and why.
import {members} from './attention.js';
import {el, Slot} from './dom.js';
import {roleOf} from './picture.js';

const PLANNED = 'Nothing is lost: the old primary gives the role up first, and the new one gets all that it had. What fails before the point of no return is taken back.';

function forcedText(group) {
  const primary = group?.status.primary;
  return `Goes on without the consent of ${primary || 'the old primary'}. Writes that it has acknowledged and the new primary has not got yet are lost. `
    + 'Unless fencing proves it harmless, it may go on accepting writes by itself.';
}

export class WishForm {
  constructor(group, changed) {
    Object.assign(this, {group, changed, name: group().name});
    const radio = (name, value, checked) => el('input', {type: 'radio', name, value, id: `${name}-${value}`, checked, on: {change: () => this.#changed()}});
    this.target = {best: radio('target', 'best', true), pod: radio('target', 'pod'), zone: radio('target', 'zone')};
    this.mode = {Planned: radio('mode', 'Planned', true), Forced: radio('mode', 'Forced')};
    const select = (name, label) => el('select', {'aria-label': label, on: {change: () => {
      this.target[name].checked = true;
      this.#changed();
    }}});
    this.pod = select('pod', 'Pod');
    this.zone = select('zone', 'Zone');
    this.pods = new Slot(this.pod);
    this.zones = new Slot(this.zone);
    this.reason = el('input', {id: 'wish-reason', maxlength: 256, autocomplete: 'off', placeholder: 'for example: kernel update of node-3', on: {input: () => this.#changed()}});
    this.confirmation = el('input', {id: 'wish-confirm', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', on: {input: () => this.#changed()}});
    this.what = el('p', {class: 'mode-text'});
    this.confirm = el('div', {class: 'stacked'}, el('label', {for: 'wish-confirm'}, 'Type the group’s name to confirm: ', el('b', {}, this.name)), this.confirmation);
    const choice = (input, words, more) => el('div', {class: 'choice'}, el('label', {}, input, ` ${words}`), more);
    this.element = el('div', {class: 'wish'},
      el('fieldset', {}, el('legend', {}, 'Who gets the role'),
        choice(this.target.best, 'The best candidate'), choice(this.target.pod, 'This pod', this.pod), choice(this.target.zone, 'The best in this zone', this.zone)),
      el('fieldset', {}, el('legend', {}, 'How'), el('div', {class: 'modes'}, choice(this.mode.Planned, 'Planned'), choice(this.mode.Forced, 'Forced')), this.what, this.confirm),
      el('div', {class: 'stacked'}, el('label', {for: 'wish-reason'}, 'Why (kept with the request)'), this.reason));
    this.update();
  }

  focus() {
    this.target.best.focus();
  }

  forced() {
    return this.mode.Forced.checked;
  }

  confirmed() {
    return !this.forced() || this.confirmation.value.trim() === this.name;
  }

  // As the interface takes it; what is not wished is left out.
  wish() {
    const reason = this.reason.value.trim();
    return {
      mode: this.forced() ? 'Forced' : 'Planned',
      ...(this.target.pod.checked && this.pod.value && {candidate: this.pod.value}),
      ...(this.target.zone.checked && this.zone.value && {candidateZone: this.zone.value}),
      ...(reason && {reason})};
  }

  // Members come and go while the dialog is open; what was chosen stays chosen when it still can be.
  update() {
    const group = this.group();
    if (!group) return;
    const pods = members(group).map((m) => ({pod: m.pod, note: roleOf(group, m) === 'primary' ? ' (primary)' : m.ready ? '' : ' (not ready)'}));
    const primary = members(group).find((m) => roleOf(group, m) === 'primary');
    this.#options(this.pods, pods, ({pod, note}) => el('option', {value: pod}, pod + note), primary?.pod);
    const zones = [...new Set(members(group).map((m) => m.zone).filter(Boolean))].sort();
    this.#options(this.zones, zones, (zone) => el('option', {value: zone}, zone), primary?.zone);
    this.target.zone.disabled = zones.length === 0;
    this.zone.hidden = zones.length === 0;
    this.#mode();
  }

  // Where the role is already is not offered first.
  #options(slot, list, build, present) {
    const before = slot.element.value;
    slot.show(list, () => list.map(build));
    const values = [...slot.element.options].map((option) => option.value);
    if (values.includes(before)) slot.element.value = before;
    else slot.element.value = values.find((value) => value !== present) ?? values[0] ?? '';
  }

  #mode() {
    const text = this.forced() ? forcedText(this.group()) : PLANNED;
    if (this.what.textContent !== text) this.what.textContent = text;
    this.what.classList.toggle('danger', this.forced());
    this.confirm.hidden = !this.forced();
  }

  #changed() {
    this.#mode();
    this.changed();
  }
}
