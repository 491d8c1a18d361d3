// World: tenants → groups, rooms, accounts → one of them, kept up to date by what happens.
import { Refused } from './control.js';
import { bdi, el, put } from './dom.js';
import { describe, marksOf } from './describe.js';
import { Entities } from './entities.js';
import { Inspector } from './inspector.js';
import { tenantOf } from './journal.js';
import { mark, markOf, watch } from './marks.js';
import { Tenants } from './tenants.js';
import { t } from './texts.js';
import { announce, complain } from './toast.js';

export class World {
  /** @param {Element} node @param {{ go: (hash: string) => void, act: (place: any) => void, calls: (place: any) => void }} ways */
  constructor(node, ways) {
    this.ways = ways;
    this.gone = el('p', { class: 'notice', role: 'status', hidden: true, 'data-testid': 'tenant-gone' });
    this.back = el('button', { type: 'button', class: 'back', onclick: () => this.up() }, `‹ ${t('back')}`);
    this.tenants = new Tenants((tenant, kind) => this.go(tenant.family, tenant.id, kind), (fault) => this.failed(fault));
    this.entities = new Entities((item) => this.pick(item), (fault) => this.failed(fault));
    this.inspector = new Inspector(ways);
    this.panes = el('div', { class: 'panes', 'data-depth': 0 }, this.tenants.node, this.entities.node, this.inspector.node);
    put(node, this.back, this.gone, this.panes);
    this.place = { family: '', tenant: '', kind: '', id: '' };
    this.tenants.watchers.add(() => this.checkTenant());
    watch(() => [this.tenants.list, this.entities.list, this.inspector.members.list].forEach((list) => list.update()));
    watch(() => this.inspector.freshen());
    this.tenants.load();
  }

  /** @param {unknown} fault */
  failed(fault) {
    if (fault instanceof Refused && (fault.status === 0 || fault.status === 404)) {
      this.tenants.refresh();
      return;
    }
    complain(fault);
  }

  /** @param {string} family @param {string} tenant @param {string} kind @param {string} [id] */
  go(family, tenant, kind, id = '') {
    this.item = null;
    this.ways.go(['world', family, tenant, kind, ...(id ? [id] : [])].map(encodeURIComponent).join('/'));
  }

  /** @param {any} item */
  pick(item) {
    const { family, tenant, kind } = this.place;
    this.item = item;
    this.ways.go(['world', family, tenant, kind, item.id].map(encodeURIComponent).join('/'));
  }

  /** Where the way through the panes is one at a time. */
  up() {
    const { family, tenant, kind, id } = this.place;
    if (id) this.go(family, tenant, kind);
    else this.ways.go('world');
  }

  /** Shows what an address names. @param {string[]} names */
  show([family = '', tenant = '', kind = '', id = '']) {
    this.place = { family, tenant, kind, id };
    this.gone.hidden = true;
    this.panes.dataset.depth = String(id ? 2 : kind ? 1 : 0);
    this.back.hidden = !kind;
    if (!kind) {
      this.entities.leave();
      this.inspector.leave();
      this.first();
      return;
    }
    const shelf = { family, tenant, kind };
    this.tenants.choose(family, tenant, kind);
    this.entities.show(shelf);
    this.entities.choose(id);
    if (id) this.inspector.show(shelf, id, this.item?.id === id ? this.item : null);
    else this.inspector.leave();
    this.item = null;
    this.checkTenant();
  }

  /** With room for all panes, the first tenant is shown from the start. */
  first() {
    const tenant = this.tenants.all[0];
    if (!tenant || this.place.kind || !matchMedia('(min-width: 900px)').matches) return;
    const kind = tenant.counts.groups ? 'groups' : 'rooms';
    this.place = { family: tenant.family, tenant: tenant.id, kind, id: '' };
    this.tenants.choose(tenant.family, tenant.id, kind);
    this.entities.show({ family: tenant.family, tenant: tenant.id, kind });
  }

  /** Whether the tenant that is shown is still there. */
  checkTenant() {
    const { family, tenant, kind } = this.place;
    if (!kind) {
      this.first();
      return;
    }
    if (!this.tenants.loaded) return;
    const there = Boolean(this.tenants.find(family, tenant));
    if (there && !this.gone.hidden) {
      this.gone.hidden = true;
      this.refresh();
    } else if (!there && this.gone.hidden) {
      this.gone.replaceChildren(bdi(t('world.dropped', { id: `${family}/${tenant}`.slice(0, 120) })));
      this.gone.hidden = false;
      this.entities.pages.reset();
      this.entities.pages.known = true;
      this.entities.changed();
      this.inspector.leave(t('world.pick_tenant'));
    }
  }

  /** Everything that is seen is read again. */
  refresh() {
    this.tenants.refresh();
    if (!this.gone.hidden) return;
    this.entities.refresh();
    const { family, tenant, kind, id } = this.place;
    if (id && !this.inspector.shelf) this.inspector.show({ family, tenant, kind }, id);
    else if (this.inspector.shelf) {
      this.inspector.refresh();
      this.inspector.members.refresh();
    }
  }

  /** Something happened. @param {any} event */
  take(event) {
    const tenant = tenantOf(event.tenant);
    if (!tenant) return;
    mark(markOf(tenant.family, tenant.id, '', ''), ...marksOf(event));
    if (/^(tenant_|reset|seeded|created|destroyed|account_)/.test(event.event)) this.tenants.refresh();
    const { family, tenant: id } = this.place;
    if (family !== tenant.family || id !== tenant.id) return;
    if (event.event === 'reset' || event.event === 'seeded') {
      this.refresh();
      return;
    }
    this.entities.refresh();
    if (this.inspector.take(event)) announce(describe(event));
  }
}
