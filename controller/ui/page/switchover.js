// The dialog that asks for a switchover: choose, try without changing anything, and only then do it.
import {api} from './api.js';
import {candidates} from './candidates.js';
import {el, hiddenText} from './dom.js';
import {Following} from './follow.js';
import {spoken, steps, verdict} from './progress.js';
import {WishForm} from './wish.js';
import {hasEnded} from './words.js';

// The reason is for whoever reads it later; it decides nothing.
const same = (a, b) => JSON.stringify({...a, reason: ''}) === JSON.stringify({...b, reason: ''});

export class SwitchoverDialog {
  // group(): as it is now, or null. closed(): afterwards. expired(): the session is over.
  constructor(group, closed, expired) {
    Object.assign(this, {group, closed, expired});
    const {namespace, name} = group();
    Object.assign(this, {namespace, name});
    this.form = new WishForm(group, () => this.#changed());
    this.tried = null;    // {wish, primary, request} of the newest dry run
    this.asked = null;    // the request that was made
    this.result = el('div', {class: 'result'});
    this.spoken = hiddenText('');
    this.spoken.setAttribute('aria-live', 'polite');
    this.hint = el('p', {class: 'hint', id: 'go-hint'});
    this.tryButton = el('button', {type: 'submit'}, 'Dry run');
    this.goButton = el('button', {type: 'button', class: 'primary-action', disabled: true, 'aria-describedby': 'go-hint', on: {click: () => this.#go()}}, 'Switch over');
    this.closeButton = el('button', {type: 'button', on: {click: () => this.element.close()}}, 'Cancel');
    this.title = el('h2', {id: 'dialog-title', tabindex: -1}, `Switch over ${this.namespace}/${this.name}`);
    this.element = el('dialog', {'aria-labelledby': 'dialog-title', on: {close: () => this.#closed()}},
      el('form', {class: 'dialog-form', novalidate: true, on: {submit: (event) => this.#try(event)}},
        this.title, this.form.element, this.spoken, this.result, this.hint,
        el('div', {class: 'buttons'}, this.closeButton, this.tryButton, this.goButton)));
    this.#changed();
  }

  open() {
    this.element.showModal();
    this.form.focus();
  }

  close() {
    this.element.close();
  }

  groupChanged() {
    if (this.asked) return;
    if (!this.group()) {
      this.result.replaceChildren(el('p', {class: 'verdict bad'}, 'The group was deleted.'));
      this.tried = null;
    }
    this.form.update();
    this.#changed();
  }

  requestChanged(data) {
    this.following?.hear(data);
  }

  #closed() {
    this.following?.stop();
    this.over = true;
    this.element.remove();
    this.closed();
  }

  // What the dry run told is worth something only for the same wish and the same primary.
  #changed() {
    if (this.asked) return;
    const {tried} = this;
    const primary = this.group()?.status.primary ?? '';
    let why = '';
    if (!this.group()) why = 'The group was deleted.';
    else if (this.busy) why = 'The dry run is under way.';
    else if (!tried) why = 'First make a dry run: it changes nothing, and shows who would get the role.';
    else if (tried.request.status?.phase !== 'Succeeded') why = 'The dry run was refused, so would the switchover be.';
    else if (!same(tried.wish, this.form.wish())) why = 'The choice is another than that of the dry run. Make it again.';
    else if (tried.primary !== primary) why = `The primary was ${tried.primary || 'nobody'} and is ${primary || 'nobody'} by now. Make the dry run again.`;
    else if (!this.form.confirmed()) why = `Type the group’s name, ${this.name}, to confirm what Forced means.`;
    this.goButton.disabled = Boolean(why) || Boolean(this.sending);
    this.tryButton.disabled = Boolean(this.busy || this.sending) || !this.group();
    this.hint.textContent = why;
    this.hint.hidden = !why;
  }

  async #try(event) {
    event.preventDefault();
    if (this.tryButton.disabled || this.asked) return;
    const wish = this.form.wish();
    this.busy = true;
    this.tried = null;
    this.#changed();
    this.result.replaceChildren();
    this.following?.stop();
    try {
      // What it expects is what it shows: the primary that the dialog was filled in for.
      const expectedPrimary = this.group()?.status.primary ?? '';
      const request = await api.switchOver(this.namespace, this.name, {...wish, ...(expectedPrimary && {expectedPrimary}), dryRun: true});
      this.following = new Following(request, (now) => this.#triedNow(wish, expectedPrimary, now), (failure) => this.#failed(failure));
    } catch (failure) {
      this.#failed(failure);
    }
  }

  #triedNow(wish, primary, request) {
    if (this.over) return;
    if (hasEnded(request.status?.phase)) {
      this.busy = false;
      this.tried = {wish, primary, request};
    }
    this.#show(request);
    this.#changed();
    // The button that had the focus was disabled while the dry run went on.
    if (!this.busy && document.activeElement === document.body) (this.goButton.disabled ? this.tryButton : this.goButton).focus();
  }

  async #go() {
    const {primary} = this.tried;
    const wish = this.form.wish();
    this.sending = true;
    this.#changed();
    try {
      const request = await api.switchOver(this.namespace, this.name, {...wish, ...(primary && {expectedPrimary: primary})});
      this.asked = request;
      this.form.element.hidden = true;
      this.tryButton.hidden = true;
      this.goButton.hidden = true;
      this.hint.hidden = true;
      this.closeButton.textContent = 'Close';
      this.title.focus();
      this.following = new Following(request, (now) => this.#show(now), (failure) => this.#lost(failure));
    } catch (failure) {
      this.#failed(failure);
    }
  }

  #show(request) {
    const open = this.asked && !hasEnded(request.status?.phase);
    const picture = [verdict(request), open && el('p', {class: 'quiet'}, 'You may close this; the switchover goes on, and the group’s page shows it.'),
      this.asked ? steps(request) : null, this.asked ? null : candidates(request), this.asked ? null : this.#plan(request)];
    this.result.replaceChildren(...picture.filter(Boolean));
    const said = spoken(request);
    if (this.spoken.textContent !== said) this.spoken.textContent = said;
  }

  #plan(request) {
    const list = steps(request);
    return list && el('details', {}, el('summary', {}, 'What would be done, step by step'), list);
  }

  // The request was made, and what became of it can't be seen.
  #lost(failure) {
    this.result.append(el('p', {class: 'verdict warn'}, `How it goes on can’t be shown here: ${failure.message} The group’s page shows who has the role.`));
  }

  #failed(failure) {
    if (failure.status === 401) {
      this.expired();
      return;
    }
    if (this.over) return;
    this.busy = false;
    this.sending = false;
    this.result.replaceChildren(el('div', {class: 'verdict bad', role: 'alert'}, el('p', {}, failure.reason && el('b', {class: 'reason'}, failure.reason), failure.reason && ': ', failure.message)));
    this.#changed();
    if (document.activeElement === document.body) this.tryButton.focus();
  }
}
