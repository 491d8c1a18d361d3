// The middle of the world: the groups, rooms or accounts of a tenant, in pages, searched by the emulator.
import { control, query, segment } from './control.js';
import { bdi, calm, el } from './dom.js';
import { number } from './format.js';
import { List } from './list.js';
import { isMarked, markOf } from './marks.js';
import { Pages } from './pages.js';
import { t } from './texts.js';

/** @typedef {{ family: string, tenant: string, kind: string }} Shelf */

/** The path of a shelf, or of one on it. @param {Shelf} shelf @param {string} [id] */
export function pathOf({ family, tenant, kind }, id) {
  const shelf = `world/${segment(family)}/${segment(tenant)}/${segment(kind)}`;
  return id === undefined ? shelf : `${shelf}/${segment(id)}`;
}

export class Entities {
  /** @param {(item: any) => void} pick @param {(fault: unknown) => void} failed */
  constructor(pick, failed) {
    /** @type {Shelf | null} */
    this.shelf = null;
    this.chosen = '';
    const find = calm(() => this.again(), 150);
    this.search = el('input', { type: 'search', class: 'search', placeholder: t('world.find'), 'aria-label': t('world.find'),
      'data-testid': 'search-box', oninput: find });
    this.title = el('h2', {});
    this.shown = el('span', { class: 'hint', 'data-testid': 'entity-count' });
    this.pages = new Pages(async (offset, limit, signal) => {
      const shelf = /** @type {Shelf} */ (this.shelf);
      return control('GET', pathOf(shelf) + query({ q: this.search.value, offset, limit }), undefined, signal);
    }, () => this.changed(), failed);
    this.list = new List({
      label: t('nav.world'), test: 'entity-list', rowTest: 'entity-row', kind: 'entities', height: 44, empty: () => t(this.pages.known || !this.shelf ? 'world.no_entity' : 'loading'),
      count: () => this.pages.count, get: (index) => this.pages.get(index), want: (first, last) => this.shelf && this.pages.want(first, last),
      key: (item) => item.id, render: (item) => this.render(item), open: (item) => pick(item),
    });
    this.node = el('div', { class: 'pane pane-entities' },
      el('div', { class: 'pane-head' }, this.title, this.shown, this.search), this.list.node);
    this.refresh = calm(() => this.shelf && this.pages.refresh(), 250);
  }

  /** @param {Shelf} shelf */
  show(shelf) {
    const same = this.shelf && pathOf(this.shelf) === pathOf(shelf);
    this.shelf = shelf;
    if (same) return;
    this.search.value = '';
    this.chosen = '';
    this.title.replaceChildren(`${t(`kind.${shelf.kind}`)} · `, bdi(shelf.tenant));
    this.again();
  }

  /** Shows none. */
  leave() {
    this.shelf = null;
    this.title.replaceChildren();
    this.again();
  }

  again() {
    this.pages.reset();
    this.shown.textContent = '';
    this.list.reset();
    if (this.shelf) this.pages.want(0, 1);
  }

  changed() {
    const { count, total } = this.pages;
    this.shown.textContent = count === total ? number(total) : t('world.shown', { matched: number(count), total: number(total) });
    this.list.update();
  }

  /** @param {string} id */
  choose(id) {
    this.chosen = id;
    this.list.update();
  }

  /** @param {any} item */
  render(item) {
    const { family, tenant, kind } = /** @type {Shelf} */ (this.shelf);
    const most = item.max_members ?? item.members_max;
    const members = item.members === undefined || item.members === null ? null
      : el('span', { class: 'count' }, number(item.members), most ? el('span', { class: 'dim' }, ` / ${number(most)}`) : null);
    const seats = item.seats ? el('span', { class: 'chip' }, `${item.seats.taken}/${item.seats.of}`) : null;
    return {
      class: `${item.id === this.chosen ? 'chosen' : ''} ${isMarked(markOf(family, tenant, kind, item.id)) ? 'fresh' : ''}`,
      selected: item.id === this.chosen,
      cells: [
        el('span', { class: 'two' }, el('span', { class: 'one-line strong' }, bdi(item.name || item.id)),
          el('span', { class: 'one-line dim' }, item.name ? bdi(item.id, 'mono') : '')),
        el('span', { class: 'side' }, el('span', { class: 'one-line' }, members),
          el('span', { class: 'one-line dim' }, item.type ? bdi(item.type) : null, ' ', seats)),
      ],
    };
  }
}
