// The right of the world: one group, room or account, with who is in it and what happened there.
import { Refused, control, query } from './control.js';
import { bdi, calm, el, long, put, said } from './dom.js';
import { pathOf } from './entities.js';
import { block, facts, moment, number } from './format.js';
import { describe, messageOf, subjectOf } from './describe.js';
import { tenantOf } from './journal.js';
import { Members } from './members.js';
import { isMarked, markOf } from './marks.js';
import { t } from './texts.js';
import { wordsOf } from './toast.js';

/** Events of the shown one that are kept. */
const EVENTS_MAX = 100;
const MESSAGES_MAX = 100;
/** A name longer than this stands among the details as a whole. */
const NAME_MAX = 160;
/** Members of an item that have their own place, or are told by another one. */
const KNOWN = new Set(['id', 'name', 'type', 'owner', 'members', 'max_members', 'members_max', 'seats', 'muted_all', 'created']);

export class Inspector {
  /** @param {{ act: (place: any) => void, calls: (place: any) => void }} ways */
  constructor(ways) {
    this.ways = ways;
    /** @type {import('./entities.js').Shelf | null} */
    this.shelf = null;
    this.id = '';
    /** @type {any} */
    this.item = null;
    this.tab = 'members';
    /** @type {any[]} */
    this.events = [];
    this.members = new Members((fault) => this.failed(fault));
    this.title = el('div', { class: 'two' });
    this.facts = el('div', {});
    const buttons = el('div', { class: 'buttons' },
      el('button', { type: 'button', onclick: () => ways.act(this.place()), 'data-testid': 'entity-act' }, t('world.act')),
      el('button', { type: 'button', onclick: () => ways.calls(this.place()), 'data-testid': 'entity-calls' }, t('world.calls')));
    this.head = el('div', { class: 'inspector-head', hidden: true }, el('div', { class: 'inspector-title' }, this.title, buttons), this.facts);
    this.tabs = el('div', { class: 'tabs', role: 'tablist', 'aria-label': t('nav.world') });
    this.tabs.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.press(event));
    this.sheet = el('div', { class: 'sheet', role: 'tabpanel', tabindex: -1 });
    this.node = el('div', { class: 'pane pane-inspector', 'data-testid': 'inspector' }, this.head, this.tabs, this.sheet);
    this.refresh = calm(() => this.load(), 200);
    this.leave();
  }

  /** Shows none. @param {string} [words] */
  leave(words = t('world.pick')) {
    this.shelf = null;
    this.id = '';
    this.item = null;
    this.head.hidden = true;
    put(this.tabs);
    put(this.sheet, el('p', { class: 'empty' }, words));
  }

  /** @param {import('./entities.js').Shelf} shelf @param {string} id @param {any} [item] as far as it is known already */
  show(shelf, id, item = null) {
    if (this.shelf && this.id === id && pathOf(this.shelf) === pathOf(shelf)) return;
    this.shelf = shelf;
    this.id = id;
    this.item = item;
    this.events = [];
    const has = shelf.kind === 'groups' || shelf.kind === 'rooms';
    this.tab = has ? 'members' : 'details';
    if (has) this.members.show(shelf, id);
    this.drawHead();
    this.drawTabs(has ? ['members', 'messages', 'banned', 'events', 'details'] : ['details', 'events']);
    this.open(this.tab);
    this.load();
  }

  async load() {
    const { shelf, id } = this;
    if (!shelf) return;
    const isShown = () => this.shelf === shelf && this.id === id;
    try {
      const item = await control('GET', pathOf(shelf, id));
      if (!isShown()) return;
      this.item = item;
      this.drawHead();
      if (this.tab !== 'members') this.open(this.tab);
    } catch (fault) {
      if (isShown()) this.failed(fault);
    }
  }

  /** @param {unknown} fault */
  failed(fault) {
    // An emulator that is gone is told of elsewhere; what was seen last stays to be seen.
    if (fault instanceof Refused && fault.status === 0) return;
    const gone = fault instanceof Refused && fault.status === 404;
    const name = bdi(this.id);
    this.leave();
    put(this.sheet, el('p', { class: 'empty', role: 'status' }, name, ' — ', gone ? t('world.missing') : wordsOf(fault)));
  }

  drawHead() {
    const { item, shelf } = this;
    if (!shelf) return;
    const most = item?.max_members ?? item?.members_max;
    const members = item?.members === undefined || item?.members === null ? null : number(item.members) + (most ? ` / ${number(most)}` : '');
    const yes = item?.muted_all === undefined || item?.muted_all === null ? null : t(item.muted_all ? 'fact.yes' : 'fact.no');
    this.head.hidden = false;
    this.freshen();
    put(this.title, el('h2', { class: 'one-line', 'data-testid': 'entity-title' }, bdi(item?.name || this.id)),
      el('span', { class: 'one-line dim' }, bdi(this.id, 'mono')));
    put(this.facts, item && facts([
      [t('col.type'), item.type && bdi(item.type)], [t('col.members'), members], [t('fact.owner'), item.owner && bdi(item.owner)],
      [t('fact.seats'), item.seats && `${item.seats.taken} / ${item.seats.of}`], [t('fact.muted_all'), yes],
      [t('fact.created'), moment(item.created)],
    ]));
  }

  /** Where the shown one is. */
  place() {
    const { family = '', tenant = '', kind = '' } = this.shelf ?? {};
    return { family, tenant, kind, id: this.id };
  }

  /** Whether it has just changed. */
  freshen() {
    const { family, tenant, kind, id } = this.place();
    this.head.classList.toggle('fresh', isMarked(markOf(family, tenant, kind, id)));
  }

  /** @param {string[]} names */
  drawTabs(names) {
    put(this.tabs, names.map((name) => el('button', { type: 'button', role: 'tab', 'data-tab': name, 'data-testid': `tab-${name}`,
      onclick: () => this.open(name) }, t(`tab.${name}`))));
  }

  /** @param {string} name */
  open(name) {
    this.tab = name;
    this.tabs.querySelectorAll('[role=tab]').forEach((/** @type {any} */ tab) => {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
    this.sheet.setAttribute('aria-label', t(`tab.${name}`));
    if (name === 'members') {
      if (!this.sheet.contains(this.members.node)) put(this.sheet, this.members.node);
      this.members.list.update();
    } else if (name === 'details') put(this.sheet, this.details());
    else if (name === 'events') put(this.sheet, this.happened());
    else this.table(name);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const tabs = [...this.tabs.children];
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const to = /** @type {any} */ (tabs[(tabs.findIndex((tab) => tab === document.activeElement) + by + tabs.length) % tabs.length]);
    this.open(to.dataset.tab);
    to.focus();
    event.preventDefault();
  }

  details() {
    const more = Object.entries(this.item ?? {}).filter(([name]) => !KNOWN.has(name));
    const shown = (/** @type {any} */ value) => {
      if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? moment(value) : value;
      if (Array.isArray(value) && !value.some((one) => one && typeof one === 'object')) return value.map(said).join(', ');
      return value && typeof value === 'object' ? block(value) : said(value);
    };
    // What the heading had to cut.
    if (said(this.item?.name).length > NAME_MAX) more.unshift([t('col.name'), this.item.name]);
    return more.length ? facts(more.map(([name, value]) => [name, shown(value)])) : el('p', { class: 'empty' }, t('none'));
  }

  happened() {
    if (!this.events.length) return el('p', { class: 'empty' }, t('none'));
    return el('ol', { class: 'happened', 'data-testid': 'entity-events' }, [...this.events].reverse().map((event) =>
      el('li', {}, el('time', { class: 'mono dim' }, moment(event.at)), ' ', bdi(describe(event)), messageOf(event) ? [' ', bdi(messageOf(event), 'quote')] : null)));
  }

  /** @param {string} name */
  async table(name) {
    const { shelf, id } = this;
    if (!shelf) return;
    const isShown = () => this.shelf === shelf && this.id === id && this.tab === name;
    const limit = MESSAGES_MAX;
    try {
      const { items } = await control('GET', `${pathOf(shelf, id)}/${name}${query({ limit })}`);
      if (!isShown()) return;
      const cells = name === 'banned' ? [['col.id', 'id'], ['col.until', 'until'], ['col.by', 'by']]
        : [['col.time', 'at'], ['col.from', 'from'], ['col.text', 'text']];
      const cell = (/** @type {any} */ row, /** @type {string} */ key) => {
        if (key === 'until') return row.until ? moment(row.until) : t('badge.forever');
        if (key === 'text') return [row.fate ? el('span', { class: 'chip lost' }, bdi(row.fate)) : null, ' ', long(row.text, t('show_all'))];
        return key === 'at' ? moment(row.at) : bdi(row[key]);
      };
      const rows = items.map((/** @type {any} */ row) => el('tr', { 'data-testid': `${name}-row` },
        cells.map(([, key]) => el('td', {}, cell(row, key)))));
      put(this.sheet, rows.length ? el('table', { class: 'plain' },
        el('thead', {}, el('tr', {}, cells.map(([words]) => el('th', { scope: 'col' }, t(words))))), el('tbody', {}, rows))
        : el('p', { class: 'empty' }, t('none')));
    } catch (fault) {
      if (isShown()) put(this.sheet, el('p', { class: 'empty' }, wordsOf(fault)));
    }
  }

  /**
   * What happened, if it happened to the one that is shown.
   * @param {any} event
   * @returns {boolean} whether it did
   */
  take(event) {
    const tenant = tenantOf(event.tenant);
    const subject = subjectOf(event);
    const { shelf } = this;
    if (!shelf || !tenant || tenant.family !== shelf.family || tenant.id !== shelf.tenant) return false;
    if (!subject || subject.kind !== shelf.kind || subject.id !== this.id) return false;
    this.events.push(event);
    if (this.events.length > EVENTS_MAX) this.events.shift();
    this.refresh();
    this.members.refresh();
    return true;
  }
}
