// The control token: asked for when the emulator wants one, kept for this tab alone.
import { el } from './dom.js';
import { t } from './texts.js';

const KEY = 'imulator.token';

/** @type {Promise<void> | null} */
let asking = null;

/** The token that is sent; empty where none is known. */
export function token() {
  return sessionStorage.getItem(KEY) ?? '';
}

/**
 * Asks a person for the token, one dialog at a time.
 * @param {string} refused the token that was not taken
 * @returns {Promise<void>} when another one is there
 */
export function askToken(refused) {
  if (token() !== refused) return Promise.resolve();
  asking ??= show(refused).finally(() => { asking = null; });
  return asking;
}

/** @param {string} refused @returns {Promise<void>} */
function show(refused) {
  return new Promise((done) => {
    const input = el('input', { type: 'password', id: 'token', autocomplete: 'off', required: true, 'data-testid': 'token-input' });
    const form = el('form', { method: 'dialog', class: 'stack' },
      el('h2', { id: 'token-title' }, t('token.title')),
      el('p', {}, t('token.why')),
      refused ? el('p', { class: 'problem', role: 'alert' }, t('token.refused')) : null,
      el('label', { class: 'field', for: 'token' }, el('span', { class: 'field-name' }, t('token.field')), input),
      el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary', 'data-testid': 'token-save' }, t('token.save'))));
    const dialog = el('dialog', { 'aria-labelledby': 'token-title', 'data-testid': 'token-dialog' }, form);
    dialog.addEventListener('cancel', (/** @type {Event} */ event) => event.preventDefault());
    form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault();
      // A header takes visible ASCII only; nothing else can be the token.
      const given = input.value.trim();
      if (!/^[\x20-\x7e]+$/.test(given)) {
        input.setCustomValidity(t('token.form'));
        input.reportValidity();
        input.setCustomValidity('');
        return;
      }
      sessionStorage.setItem(KEY, given);
      dialog.close();
      dialog.remove();
      done();
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
