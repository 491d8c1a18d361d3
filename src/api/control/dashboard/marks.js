// What has just changed: marked for a few seconds wherever it is shown.

/** How long a change stays marked. */
const MARKED_MS = 4000;

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
  window.setTimeout(() => {
    const now = Date.now();
    marks.forEach((end, name) => { if (end <= now) marks.delete(name); });
    watchers.forEach((changed) => changed());
  }, MARKED_MS + 50);
}

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
