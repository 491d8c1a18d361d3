// What has just changed: marked for a few seconds wherever it is shown.

import { calm } from './dom.js';

/** How long a change stays marked. */
const MARKED_MS = 4000;
/** How often it is looked whether a mark is over. */
const SWEEP_MS = 500;

/** @type {Map<string, number>} */
const marks = new Map();
/** @type {Set<() => void>} */
const watchers = new Set();

/** Calls back whenever a mark has come or gone. @param {() => void} changed */
export function watch(changed) {
  watchers.add(changed);
}

/** @param {...string} names */
export function mark(...names) {
  const until = Date.now() + MARKED_MS;
  names.forEach((name) => marks.set(name, until));
  watchers.forEach((changed) => changed());
  sweep();
}

/** Takes away what is over, as long as there is something. */
const sweep = calm(() => {
  const now = Date.now();
  const before = marks.size;
  marks.forEach((end, name) => { if (end <= now) marks.delete(name); });
  if (marks.size < before) watchers.forEach((changed) => changed());
  if (marks.size) sweep();
}, SWEEP_MS);

/** @param {string} name */
export function isMarked(name) {
  return (marks.get(name) ?? 0) > Date.now();
}

/**
 * The name under which an entity, or one inside of it, is marked.
 * @param {string} family @param {string} tenant @param {string} kind @param {string} id @param {string} [member]
 */
export function markOf(family, tenant, kind, id, member) {
  return JSON.stringify(member === undefined ? [family, tenant, kind, id] : [family, tenant, kind, id, member]);
}
