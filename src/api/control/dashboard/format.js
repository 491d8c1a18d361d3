// Moments, numbers and JSON, as a person reads them.
import { cut, el, long, said } from './dom.js';
import { t } from './texts.js';

/** Characters of a JSON text that are shown before "show all" is asked for. */
const JSON_MAX = 8000;
/** Marks that steer a text's direction or are not seen at all; in JSON they are written out. */
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** @param {string} at RFC 3339 */
export function time(at) {
  const found = /T(\d\d:\d\d:\d\d\.?\d{0,3})/.exec(at);
  return found ? found[1] : at;
}

/**
 * A moment in full: as a text, in seconds or in milliseconds; empty where there is none.
 * @param {string | number | null | undefined} at
 */
export function moment(at) {
  if (at === null || at === undefined || at === 0 || at === '') return '';
  if (typeof at === 'number') {
    const date = new Date(at < 1e11 ? at * 1000 : at);
    return Number.isNaN(date.getTime()) ? String(at) : moment(date.toISOString());
  }
  return cut(at, 40).replace('T', ' ').replace(/\.\d+(?=Z|$)/, '').replace(/Z$/, ' UTC');
}

/**
 * The same up to the minute.
 * @param {string | number | null | undefined} at
 */
export function brief(at) {
  return moment(at).replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d).*$/, '$1');
}

/** @param {number} micros */
export function duration(micros) {
  return micros < 1000 ? `${micros} µs` : `${(micros / 1000).toLocaleString(undefined, { maximumFractionDigits: 1 })} ms`;
}

/** @param {number} count */
export function number(count) {
  return Number(count).toLocaleString();
}

/**
 * JSON over several lines; what could turn or hide a text is written as an escape.
 * @param {unknown} value
 */
export function pretty(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2) ?? '';
  return text.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A block of JSON, cut where it is long.
 * @param {unknown} value
 * @param {string} [test]
 */
export function block(value, test) {
  const text = pretty(value);
  return el('pre', { class: 'json', tabindex: 0, 'data-testid': test }, long(text, t('show_all'), JSON_MAX));
}

/**
 * Names and values, one below the other; what is absent is left out.
 * @param {Array<[string, any]>} pairs
 */
export function facts(pairs) {
  const there = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return el('dl', { class: 'facts' }, there.map(([name, value]) => el('div', {}, el('dt', {}, name),
    el('dd', {}, value instanceof Node ? value : long(said(value), t('show_all'))))));
}
