// The left of the world: tenants, and of what kinds their things are.
import { control } from './control.js';
import { bdi, calm, el, said } from './dom.js';
import { number } from './format.js';
import { List } from './list.js';
import { isMarked, markOf } from './marks.js';
import { t } from './texts.js';

/** Up to so many tenants are shown with all their kinds from the start. */
const OPEN_MAX = 6;
const KINDS = { tencent: ['groups', 'rooms', 'accounts'], imkit: ['rooms', 'clients'] };

/** @typedef {{ family: 'tencent' | 'imkit', id: string, counts: Record<string, number>, opened: string }} Tenant */
/** @typedef {{ tenant: Tenant, kind: string | null }} Line */

/** A tenant as the control API lists it. @param {any} view @returns {Tenant} */
function read(view) {
  const family = view.tencent === undefined ? 'imkit' : 'tencent';
  /** @type {Record<string, number>} */
  const counts = family === 'tencent' ? { groups: view.groups, rooms: view.rooms, accounts: view.accounts }
    : { rooms: view.rooms, clients: view.accounts };
  return { family, id: said(view[family]), counts, opened: view.opened };
}

export class Tenants {
  /** @param {(tenant: Tenant, kind: string) => void} pick @param {(fault: unknown) => void} failed */
  constructor(pick, failed) {
    this.pick = pick;
    this.failed = failed;
    /** @type {Tenant[]} */
    this.all = [];
    this.loaded = false;
    /** @type {Line[]} */
    this.lines = [];
    /** Tenants whose kinds are shown, or hidden, because somebody asked. @type {Map<string, boolean>} */
    this.asked = new Map();
    this.chosen = '';
    /** @type {Set<() => void>} */
    this.watchers = new Set();
    this.filter = el('input', { type: 'search', class: 'search', placeholder: t('world.find_tenant'),
      'aria-label': t('world.find_tenant'), oninput: () => this.spread(), 'data-testid': 'tenant-search' });
    this.list = new List({
      label: t('world.tenants'), test: 'tenant-list', rowTest: 'tenant-row', kind: 'tenants', height: 30,
      empty: () => t(this.loaded ? 'world.no_tenant' : 'loading'), count: () => this.lines.length, get: (index) => this.lines[index],
      key: (line) => `${line.tenant.family}/${line.tenant.id}/${line.kind ?? ''}`,
      render: (line) => this.render(line), open: (line) => this.open(line),
    });
    this.node = el('div', { class: 'pane pane-tenants' },
      el('div', { class: 'pane-head' }, el('h2', {}, t('world.tenants')), this.filter), this.list.node);
    this.refresh = calm(() => this.load(), 300);
  }

  async load() {
    try {
      const { tenants } = await control('GET', 'tenants');
      this.all = tenants.map(read);
      this.loaded = true;
      this.spread();
      this.watchers.forEach((changed) => changed());
    } catch (fault) {
      this.failed(fault);
    }
  }

  /** @param {string} family @param {string} id */
  find(family, id) {
    return this.all.find((tenant) => tenant.family === family && tenant.id === id);
  }

  /** @param {Tenant} tenant */
  isOpen(tenant) {
    return this.asked.get(`${tenant.family}/${tenant.id}`) ?? (this.all.length <= OPEN_MAX || this.chosen.startsWith(`${tenant.family}/${tenant.id}/`));
  }

  spread() {
    const wanted = this.filter.value.toLowerCase();
    const shown = this.all.filter((tenant) => tenant.id.toLowerCase().includes(wanted));
    this.filter.hidden = this.all.length <= OPEN_MAX && !wanted;
    this.lines = shown.flatMap((tenant) => [{ tenant, kind: null },
      ...(this.isOpen(tenant) ? KINDS[tenant.family].map((kind) => ({ tenant, kind })) : [])]);
    this.list.update();
  }

  /** @param {Line} line */
  render({ tenant, kind }) {
    if (kind) {
      const key = `${tenant.family}/${tenant.id}/${kind}`;
      return { class: `kind ${key === this.chosen ? 'chosen' : ''}`, selected: key === this.chosen,
        cells: [t(`kind.${kind}`), el('span', { class: 'count' }, number(tenant.counts[kind] ?? 0))] };
    }
    const fresh = isMarked(markOf(tenant.family, tenant.id, '', ''));
    const twig = el('span', { class: `twig ${this.isOpen(tenant) ? 'down' : ''}`, 'aria-hidden': 'true' }, '›');
    return { class: `tenant ${fresh ? 'fresh' : ''}`,
      cells: [el('span', {}, twig, bdi(tenant.id)), el('span', { class: `chip family-${tenant.family}` }, t(`family.${tenant.family}`))] };
  }

  /** @param {Line} line */
  open({ tenant, kind }) {
    if (!kind) {
      this.asked.set(`${tenant.family}/${tenant.id}`, !this.isOpen(tenant));
      this.spread();
      return;
    }
    this.pick(tenant, kind);
  }

  /** @param {string} family @param {string} id @param {string} kind */
  choose(family, id, kind) {
    this.chosen = `${family}/${id}/${kind}`;
    this.spread();
  }
}
