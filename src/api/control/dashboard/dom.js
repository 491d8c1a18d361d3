// Elements: everything that the page shows is made here, of text nodes and attributes; never of markup.

/** Characters of a vendor's text that are shown before "show all" is asked for. */
export const TEXT_MAX = 2000;
/** Characters of a vendor's text in one cell of a row. */
const CELL_MAX = 160;

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'open', 'selected', 'readOnly', 'indeterminate']);
const SVG = 'http://www.w3.org/2000/svg';

/** A node, a text, nothing, or a list of them. @typedef {any} Child */

/**
 * An element. Members of `props`: `class`, `onEVENT` (a listener), properties of the element, else attributes.
 * @param {string} name
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {any}
 */
export function el(name, props = {}, ...children) {
  return fill(dress(document.createElement(name), props), ...children);
}

/**
 * An element of a drawing.
 * @param {string} name
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {any}
 */
export function svg(name, props = {}, ...children) {
  return fill(dress(document.createElementNS(SVG, name), props), ...children);
}

/** @param {any} node @param {Record<string, any>} props */
function dress(node, props) {
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'class') node.setAttribute('class', value);
    else if (PROPERTIES.has(key)) node[key] = value;
    else if (value !== false) node.setAttribute(key, value === true ? '' : String(value));
  }
  return node;
}

/** @param {any} node @param {...Child} children */
function fill(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/**
 * Puts these children in place of all others.
 * @param {Element} node
 * @param {...Child} children
 */
export function put(node, ...children) {
  node.replaceChildren();
  fill(node, ...children);
}

/**
 * A text of a vendor's or a client's, in one line: isolated, so that its direction cannot leak, and cut.
 * @param {unknown} text
 * @param {string} [kind] a class
 */
export function bdi(text, kind = '') {
  return el('bdi', { class: `said ${kind}`.trim() }, cut(said(text), CELL_MAX));
}

/**
 * The same of any length: what is long waits behind a button.
 * @param {unknown} text
 * @param {string} more the button's words
 * @param {number} [most]
 */
export function long(text, more, most = TEXT_MAX) {
  const whole = said(text);
  const shown = el('bdi', { class: 'said whole' }, cut(whole, most));
  if (whole.length <= most) return shown;
  const button = el('button', { type: 'button', class: 'quiet', 'data-testid': 'show-all', onclick: () => {
    shown.textContent = whole;
    button.remove();
  } }, `${more} (${whole.length.toLocaleString()})`);
  return el('span', {}, shown, ' ', button);
}

/** @param {unknown} value */
export function said(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * At most so many characters, never half of one.
 * @param {string} text
 * @param {number} most
 */
export function cut(text, most) {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return `${text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most)}…`;
}

/**
 * A select's options; of a pair the first is the value, the second the words.
 * @param {Array<[string, string]>} pairs
 * @param {string} [chosen]
 */
export function options(pairs, chosen) {
  return pairs.map(([value, words]) => el('option', { value, selected: value === chosen }, cut(words, CELL_MAX)));
}

/**
 * A field with its label.
 * @param {string} words
 * @param {any} control
 * @param {string} [hint]
 */
export function field(words, control, hint) {
  return el('label', { class: 'field' }, el('span', { class: 'field-name' }, words), control,
    hint ? el('span', { class: 'hint' }, hint) : null);
}

/**
 * Runs at most once in so many milliseconds, the last time for sure.
 * @param {() => void} work
 * @param {number} ms
 */
export function calm(work, ms) {
  let timer = 0;
  return () => {
    if (timer) return;
    timer = window.setTimeout(() => { timer = 0; work(); }, ms);
  };
}

/**
 * Runs in the next frame, however often it is asked for.
 * @param {() => void} work
 */
export function framed(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => { waiting = false; work(); };
    if (document.hidden) setTimeout(run, 100); else requestAnimationFrame(run);
  };
}
