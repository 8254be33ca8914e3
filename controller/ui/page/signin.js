// The form for name and password.
import {api} from './api.js';
import {el} from './dom.js';

const WRONG = 'The name or the password is wrong.';
const TOO_MANY = 'Too many wrong tries. Wait a while, then try again.';

function reasonOf(failure) {
  if (failure.status === 401) return WRONG;
  if (failure.status === 429) return TOO_MANY;
  return failure.message;
}

export class SignIn {
  constructor(signedIn) {
    this.signedIn = signedIn;
    this.user = el('input', {id: 'user', name: 'user', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true});
    this.password = el('input', {id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true});
    this.fault = el('p', {id: 'fault', class: 'fault', role: 'alert'});
    this.button = el('button', {type: 'submit', class: 'primary-action'}, 'Sign in');
    this.notice = el('p', {class: 'quiet'});
    this.element = el('div', {class: 'view sign-in'},
      el('form', {class: 'panel', novalidate: true, on: {submit: (event) => this.#submit(event)}},
        el('h1', {}, 'Sign in to Baton'), this.notice,
        el('label', {for: 'user'}, 'Name'), this.user,
        el('label', {for: 'password'}, 'Password'), this.password,
        this.fault, this.button));
  }

  show(notice) {
    this.notice.textContent = notice;
    this.notice.hidden = !notice;
    this.#fault('');
    this.password.value = '';
    (this.user.value ? this.password : this.user).focus();
  }

  #fault(text) {
    this.fault.textContent = text;
    for (const input of [this.user, this.password]) {
      if (text) input.setAttribute('aria-describedby', 'fault');
      else input.removeAttribute('aria-describedby');
      input.toggleAttribute('aria-invalid', false);
      if (text === WRONG) input.setAttribute('aria-invalid', 'true');
    }
  }

  async #submit(event) {
    event.preventDefault();
    if (this.button.disabled) return;
    if (!this.user.value || !this.password.value) {
      this.#fault('Give both, name and password.');
      (this.user.value ? this.password : this.user).focus();
      return;
    }
    this.button.disabled = true;
    try {
      const session = await api.signIn(this.user.value, this.password.value);
      this.password.value = '';
      this.signedIn(session);
    } catch (failure) {
      this.#fault(reasonOf(failure));
      this.password.select();
      this.password.focus();
    } finally {
      this.button.disabled = false;
    }
  }
}
