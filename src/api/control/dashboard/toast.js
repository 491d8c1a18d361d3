// Short news at the edge of the page, and words for screen readers.
import { bdi, calm, el } from './dom.js';
import { Refused } from './control.js';
import { t } from './texts.js';

const SHOWN_MS = 6000;
const TOASTS_MAX = 4;
const SAID_MS = 1000;

/**
 * @param {string} words
 * @param {'ok' | 'problem'} [kind]
 */
export function toast(words, kind = 'ok') {
  const box = document.getElementById('toasts');
  const close = el('button', { type: 'button', class: 'quiet', 'aria-label': t('close'), onclick: () => note.remove() }, '×');
  const note = el('div', { class: `toast ${kind}`, 'data-testid': 'toast' }, el('span', {}, bdi(words)), close);
  box?.append(note);
  while (box && box.childElementCount > TOASTS_MAX) box.firstElementChild?.remove();
  window.setTimeout(() => note.remove(), SHOWN_MS);
}

/** What a refusal says. @param {unknown} fault */
export function wordsOf(fault) {
  if (!(fault instanceof Refused)) return String(fault instanceof Error ? fault.message : fault);
  if (fault.status === 0) return t('gone');
  return [fault.path, fault.message].filter(Boolean).join(': ');
}

/** Shows a refusal. @param {unknown} fault */
export function complain(fault) {
  toast(fault instanceof Refused && fault.status === 0 ? t('gone') : t('failed', { why: wordsOf(fault) }), 'problem');
}

let waiting = '';
const say = calm(() => {
  const box = document.getElementById('announce');
  if (box) box.textContent = waiting;
}, SAID_MS);

/** Tells a screen reader, at most once a second. @param {string} words */
export function announce(words) {
  waiting = words.slice(0, 200);
  say();
}
