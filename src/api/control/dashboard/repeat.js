// A recorded call once more: with fresh credentials in place of the shortened ones that the journal kept.
import { el } from './dom.js';
import { credentials } from './vendor.js';
import { t } from './texts.js';
import { tenantOf } from './journal.js';

/** Headers that say something about the request itself; all others belong to the program that sent it. */
const KEPT = /^(content-type|im-.*|x-imkit-.*|accept-language|authorization)$/i;
/** Headers and parameters that are credentials. */
const SECRET = /^(im-client-key|im-api-key|im-authorization|authorization|usersig|client_key|api_key|token|access_token|signature)$/i;
/** How the journal ends a secret that it shortened. */
const SHORTENED = '…';

/**
 * The request that would repeat a call.
 * @param {import('./journal.js').Record_} record
 * @returns {Promise<import('./vendor.js').Request_ | null>} null where a person did not say in whose name
 */
export async function repeat(record) {
  const { request } = record.exchange;
  const isForm = /multipart\/form-data/i.test(request.headers['content-type'] ?? '');
  if (request.body_cut || isForm || isShortened(request.body)) throw new Error(t('call.cannot_replay'));
  const tenant = tenantOf(record.tenant);
  const kept = Object.entries(request.headers).filter(([name]) => KEPT.test(name));
  const open = kept.filter(([name]) => !SECRET.test(name));
  const headers = /** @type {Record<string, string>} */ (Object.fromEntries(open));
  const plain = Object.entries(request.query ?? {}).filter(([name]) => !SECRET.test(name));
  const again = { method: request.method, path: request.path, query: Object.fromEntries(plain), headers, body: bodyOf(request.body) };
  if (!tenant) {
    Object.assign(again.headers, Object.fromEntries(kept.filter(([, value]) => !String(value).endsWith(SHORTENED))));
    return again;
  }
  if (tenant.family === 'tencent') return withQuery(again, tenant.id, request.query);
  return withHeaders(again, tenant.id, kept.map(([name]) => name.toLowerCase()), record);
}

/** Whether a body held a secret, of which the journal kept the start alone. @param {any} body @returns {boolean} */
function isShortened(body) {
  if (!body || typeof body !== 'object') return false;
  return Object.entries(body).some(([name, value]) => (typeof value === 'string' && SECRET.test(name) && value.endsWith(SHORTENED)) || isShortened(value));
}

/** @param {any} body */
function bodyOf(body) {
  if (body === null || body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** @param {any} again @param {string} tenant @param {any} asked */
async function withQuery(again, tenant, asked) {
  // A call that came without a signature is repeated without one.
  if (!('usersig' in asked)) return again;
  const fresh = await credentials('tencent', tenant, asked.identifier);
  again.query = { ...again.query, ...fresh.query };
  return again;
}

/** @param {any} again @param {string} tenant @param {string[]} names @param {any} record */
async function withHeaders(again, tenant, names, record) {
  const hasToken = names.includes('im-authorization') || names.includes('authorization');
  let client;
  if (hasToken) {
    client = record.events.find((/** @type {any} */ event) => event.by)?.by ?? await askClient();
    if (client === null) return null;
  }
  const fresh = await credentials('imkit', tenant, client);
  for (const [name, value] of Object.entries(fresh.headers ?? {})) {
    const low = name.toLowerCase();
    if (names.includes(low) || (low === 'im-authorization' && hasToken)) again.headers[name] = value;
  }
  return again;
}

/** Asks in whose name; the journal keeps no token. @returns {Promise<string | null>} */
function askClient() {
  return new Promise((done) => {
    const input = el('input', { type: 'text', required: true, id: 'as-client', 'data-testid': 'replay-client' });
    const dialog = el('dialog', { 'aria-labelledby': 'as-client-title' });
    const end = (/** @type {string | null} */ who) => {
      dialog.close();
      dialog.remove();
      done(who);
    };
    dialog.append(el('form', { method: 'dialog', class: 'stack', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      end(input.value);
    } }, el('h2', { id: 'as-client-title' }, t('call.as_client')), input,
    el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary' }, t('call.replay')),
      el('button', { type: 'button', onclick: () => end(null) }, t('cancel')))));
    dialog.addEventListener('cancel', (/** @type {Event} */ event) => {
      event.preventDefault();
      end(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
