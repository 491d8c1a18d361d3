// Who is in a group or room: any number of people, in the order in which they joined.
import { control, query } from './control.js';
import { bdi, calm, el } from './dom.js';
import { pathOf } from './entities.js';
import { brief, number } from './format.js';
import { List } from './list.js';
import { isMarked, markOf } from './marks.js';
import { Pages } from './pages.js';
import { t } from './texts.js';

export class Members {
  /** @param {(fault: unknown) => void} failed */
  constructor(failed) {
    /** @type {import('./entities.js').Shelf | null} */
    this.shelf = null;
    this.id = '';
    const find = calm(() => this.again(), 150);
    this.search = el('input', { type: 'search', class: 'search', placeholder: t('world.find_member'),
      'aria-label': t('world.find_member'), 'data-testid': 'member-search', oninput: find });
    this.shown = el('span', { class: 'hint', 'data-testid': 'member-count' });
    this.pages = new Pages((offset, limit, signal) => {
      const shelf = /** @type {import('./entities.js').Shelf} */ (this.shelf);
      const path = `${pathOf(shelf, this.id)}/members${query({ q: this.search.value, offset, limit })}`;
      return control('GET', path, undefined, signal);
    }, () => this.changed(), failed);
    this.list = new List({
      label: t('tab.members'), test: 'member-list', rowTest: 'member-row', kind: 'members', height: 34, empty: () => t(this.pages.known ? 'world.no_member' : 'loading'),
      columns: [t('col.id'), t('col.role'), t('col.state'), t('col.joined')],
      count: () => this.pages.count, get: (index) => this.pages.get(index), want: (first, last) => this.shelf && this.pages.want(first, last),
      key: (member) => member.id, render: (member) => this.render(member), open: () => {},
    });
    this.node = el('div', { class: 'members' }, el('div', { class: 'members-head' }, this.search, this.shown), this.list.node);
    this.refresh = calm(() => this.shelf && this.pages.refresh(), 200);
  }

  /** @param {import('./entities.js').Shelf} shelf @param {string} id */
  show(shelf, id) {
    this.shelf = shelf;
    this.id = id;
    this.search.value = '';
    this.again();
  }

  again() {
    this.pages.reset();
    this.shown.textContent = '';
    this.list.reset();
    this.pages.want(0, 40);
  }

  changed() {
    const { count, total } = this.pages;
    this.shown.textContent = count === total ? number(total) : t('world.shown', { matched: number(count), total: number(total) });
    this.list.update();
  }

  /** @param {any} member */
  render(member) {
    const { family, tenant, kind } = /** @type {import('./entities.js').Shelf} */ (this.shelf);
    const name = member.name_card || member.name;
    const chips = [];
    if (member.muted_until) chips.push(chip('muted', t('badge.muted_until', { at: brief(member.muted_until) })));
    else if (member.muted) chips.push(chip('muted', t('badge.muted')));
    if (member.seat !== null && member.seat !== undefined) chips.push(chip('seat', t('badge.seat', { n: member.seat })));
    if (member.badge) chips.push(chip('badge', t('badge.unread', { n: number(member.badge) })));
    return {
      class: isMarked(markOf(family, tenant, kind, this.id, member.id)) ? 'fresh' : '',
      cells: [
        el('span', { class: 'one-line' }, bdi(member.id, 'strong'), name ? [' ', bdi(name, 'dim')] : null),
        member.role ? el('span', { class: `chip role-${/^[a-z]+$/i.test(member.role) ? member.role.toLowerCase() : 'other'}` }, bdi(member.role)) : '',
        el('span', { class: 'one-line chips' }, chips),
        el('span', { class: 'dim number' }, brief(member.joined)),
      ],
    };
  }
}

/** @param {string} kind @param {string} words */
function chip(kind, words) {
  return el('span', { class: `chip ${kind}` }, words);
}
