// Events in a few words, and what they are about.
import { bdi, cut, el } from './dom.js';
import { has, t } from './texts.js';
import { markOf } from './marks.js';
import { tenantOf } from './journal.js';

/** Names that are told one by one; beyond that the first and how many more. */
const NAMES_MAX = 3;

/** @param {unknown} value @returns {string[]} */
function names(value) {
  return Array.isArray(value) ? value.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))) : [];
}

/** @param {string[]} list */
function joined(list) {
  const shown = list.slice(0, NAMES_MAX).map((name) => cut(name, 60)).join(', ');
  return list.length > NAMES_MAX ? `${shown} +${list.length - NAMES_MAX}` : shown;
}

/** What happened, as a text. @param {any} event @returns {string} */
export function describe(event) {
  const data = event.data ?? {};
  const key = `event.${event.event}`;
  const who = joined(names(data.members));
  const words = has(key) ? t(key, { who, from: cut(String(data.from ?? ''), 60), to: cut(String(data.to ?? ''), 60) }) : event.event;
  return typeof data.how === 'string' ? `${words} (${cut(data.how, 40)})` : words;
}

/** What a posted message says, where it says something in words. @param {any} event @returns {string} */
export function messageOf(event) {
  if (event.event !== 'posted') return '';
  const { data } = event;
  const body = data?.MsgBody ?? data?.message?.MsgBody;
  const first = Array.isArray(body) ? body[0]?.MsgContent?.Text : data?.message?.message ?? data?.Text ?? data?.text;
  return typeof first === 'string' ? cut(first, 200) : '';
}

/**
 * What an event is about: the kind of the world's list, and the id in it.
 * @param {any} event
 * @returns {{ kind: string, id: string } | null}
 */
export function subjectOf(event) {
  const [pair] = Object.entries(event.scope ?? {});
  if (!pair) return null;
  const kinds = { group: 'groups', room: 'rooms', account: 'accounts', client: 'clients' };
  const kind = kinds[/** @type {keyof typeof kinds} */ (pair[0])];
  return kind ? { kind, id: String(pair[1]) } : null;
}

/** The names under which an event's changes are marked. @param {any} event @returns {string[]} */
export function marksOf(event) {
  const tenant = tenantOf(event.tenant);
  const subject = subjectOf(event);
  if (!tenant || !subject) return [];
  const { data } = event;
  const seats = Array.isArray(data?.SeatList) ? data.SeatList.map((/** @type {any} */ seat) => seat?.Member_Account) : [];
  const members = [...names(data?.members), data?.from, data?.to, ...seats].filter((name) => typeof name === 'string' && name);
  const of = (/** @type {string} */ member) => markOf(tenant.family, tenant.id, subject.kind, subject.id, member);
  return [markOf(tenant.family, tenant.id, subject.kind, subject.id), ...members.slice(0, 1000).map(of)];
}

/** Who was told, in a line. @param {any} event */
export function audienceOf(event) {
  const audience = event.audience ?? {};
  const line = el('span', { class: 'audience' }, `${t('call.told')}: `);
  if (audience.all_of) {
    const scope = Object.values(audience.all_of)[0];
    line.append(bdi(t('call.told_all', { count: Number(audience.count).toLocaleString(), scope: cut(String(scope), 60) })));
    const but = names(audience.but);
    if (but.length) line.append(' ', bdi(t('call.told_but', { who: joined(but) })));
    return line;
  }
  const accounts = names(audience.accounts);
  if (!accounts.length) line.append(t('call.told_nobody'));
  accounts.slice(0, 12).forEach((name, at) => line.append(at ? ', ' : '', bdi(name)));
  if (accounts.length > 12) line.append(` +${accounts.length - 12}`);
  return line;
}
