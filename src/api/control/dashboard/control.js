// The control API: the only thing this page is a client of, besides the vendors' calls that it sends in somebody's name.
import { askToken, token } from './token.js';

const ROOT = '/_imulator/';

/** A refusal, or an emulator that does not answer (status 0). */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {string | number | null} code @param {string | null} path */
  constructor(status, message, code = null, path = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.path = path;
  }
}

/**
 * One segment of a path.
 * @param {string} id
 */
export function segment(id) {
  if (id === '' || id === '.' || id === '..') throw new Refused(400, `${JSON.stringify(id)} cannot stand in a path`);
  return encodeURIComponent(id);
}

/**
 * A query of those members that have a value.
 * @param {Record<string, string | number | null | undefined>} members
 */
export function query(members) {
  const pairs = Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return text && `?${text}`;
}

/**
 * The answer as it comes, for streams and downloads. Asks for the control token where one is wanted.
 * @param {string} method
 * @param {string} path below /_imulator/
 * @param {{body?: string, signal?: AbortSignal, headers?: Record<string, string>}} [how]
 * @returns {Promise<Response>}
 */
export async function open(method, path, how = {}) {
  for (;;) {
    const used = token();
    const headers = { ...how.headers, ...(used ? { Authorization: `Bearer ${used}` } : {}) };
    let answer;
    try {
      answer = await fetch(ROOT + path, { method, headers, body: how.body, signal: how.signal, cache: 'no-store' });
    } catch (fault) {
      if (how.signal?.aborted) throw fault;
      throw new Refused(0, String(fault instanceof Error ? fault.message : fault));
    }
    if (answer.status !== 401) return answer;
    await askToken(used);
  }
}

/**
 * The answer's JSON.
 * @param {string} method
 * @param {string} path below /_imulator/
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function control(method, path, body, signal) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await open(method, path, { body: text, signal });
  const told = await answer.text();
  /** @type {any} */
  let value = null;
  try {
    value = JSON.parse(told);
  } catch {
    if (answer.ok) throw new Refused(answer.status, 'the answer is no JSON');
  }
  if (answer.ok) return value;
  const error = value?.error ?? {};
  const path_ = typeof error.path === 'string' ? error.path : null;
  throw new Refused(answer.status, String(error.message ?? `HTTP ${answer.status}`), error.code ?? null, path_);
}
