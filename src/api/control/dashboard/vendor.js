// Calls to the vendors' surfaces, as a program sends them: with credentials that the emulator hands out.
import { Refused, control, open, query } from './control.js';

/** A reply is waited for no longer than this: a fault rule may let it hang. */
const WAIT_MS = 30_000;
/** What a client's SDK does has its own way in, which is the control API's. */
const OURS = '/_imulator/';

/** @typedef {{ method: string, path: string, query?: Record<string, any>, headers?: Record<string, string>, body?: string | null }} Request_ */
/** @typedef {{ status: number, text: string, body: any, call: string | null, why: string | null, operation: string | null, doc: string | null }} Reply_ */

/**
 * What a program would send to be let in.
 * @param {string} family
 * @param {string} tenant
 * @param {string} [who] Tencent: the identifier; IMKIT: the client
 * @returns {Promise<{ query?: Record<string, any>, headers?: Record<string, string> }>}
 */
export function credentials(family, tenant, who) {
  const person = family === 'tencent' ? { identifier: who } : { client: who };
  return control('GET', `credentials${query({ [family]: tenant, ...person })}`);
}

/** The address of a request, below this host. @param {Request_} request */
export function target(request) {
  return request.path + query(request.query ?? {});
}

/**
 * Sends a request.
 * @param {Request_} request
 * @returns {Promise<Reply_>}
 */
export async function send(request) {
  const abort = new AbortController();
  const timer = window.setTimeout(() => abort.abort(), WAIT_MS);
  const { method, headers } = request;
  const body = method === 'GET' || method === 'HEAD' ? undefined : request.body ?? undefined;
  try {
    const { signal } = abort;
    const ours = request.path.startsWith(OURS);
    // A recorded path may begin with two slashes: alone it would name another host.
    const answer = ours ? await open(method, request.path.slice(OURS.length), { body, signal, headers })
      : await fetch(location.origin + target(request), { method, headers, body, signal, cache: 'no-store', credentials: 'omit' });
    const text = await answer.text();
    return { status: answer.status, text, body: parse(text), call: answer.headers.get('imulator-call'),
      why: answer.headers.get('imulator-why'), operation: answer.headers.get('imulator-operation'), doc: answer.headers.get('imulator-doc') };
  } catch (fault) {
    throw new Refused(0, String(fault instanceof Error ? fault.message : fault));
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * A line for a shell that sends the request.
 * @param {Request_} request
 */
export function curl(request) {
  const lines = [`curl -sS -X ${request.method} ${quote(location.origin + target(request))}`];
  Object.entries(request.headers ?? {}).forEach(([name, value]) => lines.push(`-H ${quote(`${name}: ${value}`)}`));
  if (request.body) lines.push(`--data-raw ${quote(request.body)}`);
  return lines.join(' \\\n  ');
}

/** A shell's word: nothing in it is read as anything else. @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
