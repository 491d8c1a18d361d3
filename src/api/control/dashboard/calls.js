// Calls: the journal as a network panel. Newest on top; filtered here, since all that can be seen is kept here.
import { CallView } from './call.js';
import { control } from './control.js';
import { bdi, calm, cut, el, framed, put } from './dom.js';
import { describe, messageOf, subjectOf } from './describe.js';
import { duration, number, time } from './format.js';
import { codeOf, outcomeOf, tenantOf } from './journal.js';
import { List } from './list.js';
import { t } from './texts.js';
import { complain } from './toast.js';

/** Members of a request that say what it is about, in order. */
const ABOUT = ['GroupId', 'RoomId', 'UserID', 'Member_Account', 'GroupIdList', 'RoomInfo', 'MemberList_Account', 'To_Account'];

export class Calls {
  /**
   * @param {Element} node
   * @param {{ journal: import('./journal.js').Journal, docs: Map<string, any>, go: (hash: string) => void }} ways
   */
  constructor(node, ways) {
    this.ways = ways;
    /** Newest first. @type {import('./journal.js').Record_[]} */
    this.shown = [];
    this.chosen = '';
    const refilter = calm(() => this.filter(), 120);
    const input = (/** @type {string} */ words, /** @type {string} */ test, more = {}) => el('input', { type: 'search', class: 'search',
      placeholder: words, 'aria-label': words, 'data-testid': test, oninput: refilter, ...more });
    this.tenant = input(t('col.tenant'), 'filter-tenant');
    this.operation = input(t('calls.operation'), 'filter-operation');
    this.code = input(t('calls.code'), 'filter-code', { title: t('calls.code_hint') });
    this.text = input(t('calls.find'), 'filter-text');
    this.count = el('span', { class: 'hint', 'data-testid': 'call-count' });
    const clear = el('button', { type: 'button', 'data-testid': 'calls-clear', onclick: () => this.clear() }, t('calls.clear'));
    this.list = new List({
      label: t('nav.calls'), test: 'call-list', rowTest: 'call-row', kind: 'calls', height: 30,
      empty: () => t(ways.journal.records.length ? 'calls.none_match' : 'calls.none'),
      columns: ['col.time', 'col.outcome', 'col.operation', 'col.about', 'col.tenant', 'col.took'].map((key) => t(key)),
      count: () => this.shown.length, get: (index) => this.shown[index], key: (record) => record.key,
      find: (key) => this.shown.findIndex((record) => record.key === key),
      render: (record) => this.render(record), open: (record) => ways.go(`calls/${record.key}`),
    });
    this.detail = new CallView(ways.docs, () => {
      ways.go('calls');
      this.list.node.focus();
    });
    this.panes = el('div', { class: 'split' }, el('div', { class: 'pane pane-calls' }, this.list.node), this.detail.node);
    put(node, el('div', { class: 'bar', role: 'search' },
      this.text, this.operation, this.code, this.tenant, this.count, clear), this.panes);
    this.changed = framed(() => this.filter());
  }

  async clear() {
    try {
      await control('DELETE', 'journal');
      this.ways.journal.clear();
      this.ways.go('calls');
      this.changed();
    } catch (fault) {
      complain(fault);
    }
  }

  /** Which records pass the filters. */
  test() {
    const [tenant, operation, code, text] = [this.tenant, this.operation, this.code, this.text].map((input) => input.value.trim().toLowerCase());
    if (!tenant && !operation && !code && !text) return null;
    const rest = operation.replaceAll('*', '');
    return (/** @type {import('./journal.js').Record_} */ record) => {
      if (tenant && !JSON.stringify(record.tenant ?? '').toLowerCase().includes(tenant)) return false;
      if (operation && !titleOf(record).toLowerCase().includes(rest)) return false;
      if (code && !codeIs(record, code)) return false;
      return !text || JSON.stringify([record.exchange, record.events, record.deliveries]).toLowerCase().includes(text);
    };
  }

  filter() {
    const { journal } = this.ways;
    const passes = this.test();
    const before = this.shown[0]?.key;
    const shown = passes ? journal.records.filter(passes) : [...journal.records];
    this.shown = shown.reverse();
    const above = before ? this.shown.findIndex((record) => record.key === before) : 0;
    if (above > 0) this.list.shift(above);
    const all = journal.records.length;
    const dropped = journal.dropped ? ` · ${t('calls.dropped', { n: number(journal.dropped) })}` : '';
    this.count.textContent = (passes ? t('calls.count', { shown: number(shown.length), all: number(all) }) : number(all)) + dropped;
    this.list.update();
    this.detail.update(journal.records.length ? this.find(this.chosen) : undefined);
  }

  /** @param {string} key */
  find(key) {
    const { journal } = this.ways;
    if (key.startsWith('c')) return journal.byCall.get(Number(key.slice(1)));
    return journal.records.find((record) => record.key === key);
  }

  /** Shows what an address names. @param {string[]} names */
  show([key = '']) {
    this.chosen = key;
    this.panes.classList.toggle('opened', Boolean(key));
    this.detail.show(this.find(key));
    this.filter();
    // Where there is room for one pane alone, the keyboard goes with it.
    if (key && !this.list.node.offsetParent) this.detail.node.focus();
  }

  /** What a place is about. @param {{ tenant: string, id: string }} place */
  about({ tenant, id }) {
    this.tenant.value = tenant;
    this.text.value = JSON.stringify(id).slice(1, -1);
    this.operation.value = '';
    this.code.value = '';
    this.filter();
  }

  /** @param {import('./journal.js').Record_} record */
  render(record) {
    const outcome = outcomeOf(record);
    const tenant = tenantOf(record.tenant);
    const { exchange } = record;
    const code = exchange ? codeOf(exchange.reply) : null;
    const words = outcome === 'event' || outcome === 'lost' ? t(`outcome.${outcome}`) : String(code);
    return {
      class: `${record.key === this.chosen ? 'chosen' : ''} outcome-${outcome}`, selected: record.key === this.chosen,
      cells: [
        el('time', { class: 'mono dim' }, time(record.at)),
        el('span', { class: `chip ${outcome}` }, words),
        el('span', { class: 'one-line' }, bdi(titleOf(record), 'strong')),
        el('span', { class: 'one-line dim' }, aboutOf(record)),
        el('span', { class: 'one-line' }, tenant ? bdi(tenant.id) : '–'),
        el('span', { class: 'dim number' }, exchange ? duration(exchange.micros) : ''),
      ],
    };
  }
}

/** What a row is called. @param {import('./journal.js').Record_} record */
export function titleOf(record) {
  if (record.exchange) return record.exchange.operation;
  const [event] = record.events;
  if (!event) return record.deliveries[0]?.command ?? '';
  return `${describe(event)}${record.call === null ? '' : ` · ${t('call.client')}`}`;
}

/** What it is about: an id in the request, and why it was refused. @param {import('./journal.js').Record_} record */
function aboutOf(record) {
  const { exchange } = record;
  if (!exchange) {
    const [event] = record.events;
    return [bdi(event ? subjectOf(event)?.id ?? '' : ''), ' ', bdi(event ? messageOf(event) : '')];
  }
  const { body, path } = exchange.request;
  const key = body && typeof body === 'object' ? ABOUT.find((name) => name in body) : undefined;
  const about = key ? body[key] : path;
  const id = typeof about === 'string' ? about : JSON.stringify(about);
  return [bdi(id), exchange.why ? [' — ', bdi(cut(exchange.why, 160))] : null];
}

/** @param {import('./journal.js').Record_} record @param {string} wanted */
function codeIs(record, wanted) {
  const outcome = outcomeOf(record);
  if (wanted === outcome || t(`outcome.${outcome}`).toLowerCase() === wanted) return true;
  if (!record.exchange) return false;
  const { reply } = record.exchange;
  const name = reply?.body?.error?.code;
  return String(codeOf(reply)) === wanted || String(reply?.status ?? '') === wanted || (typeof name === 'string' && name.toLowerCase() === wanted);
}
