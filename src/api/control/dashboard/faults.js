// Fault rules: those in force, on and off, and a form for one more.
import { control, segment } from './control.js';
import { bdi, cut, el, field, options, put } from './dom.js';
import { number } from './format.js';
import { t } from './texts.js';
import { complain, toast } from './toast.js';

/** A rule that is off has the chance 0; the chance that it had is kept here, for all pages of this browser. */
const CHANCE = 'imulator.chance.';

/** What can befall a call; those with a number ask for it. */
const WAYS = ['error', 'status', 'before', 'after', 'hang', 'truncate', 'pass'];
const NUMBERED = { status: 502, truncate: 20 };

/** @typedef {{ code: number, text: string, name?: string }} Known */

export class Faults {
  /** @param {{ tenants: import('./tenants.js').Tenants, operations: () => Promise<{ rows: any[], errors: Record<string, Known[]> }> }} ways */
  constructor(ways) {
    this.ways = ways;
    /** @type {Record<string, Known[]>} */
    this.errors = {};
    this.drawn = '';
    this.list = el('ul', { class: 'rules', 'data-testid': 'fault-list', 'aria-label': t('disturb.faults') });
    this.names = el('datalist', { id: 'fault-operations' });
    this.operation = el('input', { type: 'text', list: 'fault-operations', required: true, autocomplete: 'off', spellcheck: 'false',
      placeholder: 'tencent.groups.add_group_member', 'data-testid': 'fault-operation', oninput: () => this.offer() });
    this.tenant = el('select', { 'data-testid': 'fault-tenant', onfocus: () => this.fillTenants() });
    this.way = el('select', { 'data-testid': 'fault-then', onchange: () => this.offer() }, options(WAYS.map((way) => [way, t(`disturb.${way}`)])));
    this.error = el('select', { 'data-testid': 'fault-error' });
    this.errorField = field(t('disturb.error'), this.error);
    this.number = el('input', { type: 'number', min: 0, 'data-testid': 'fault-number' });
    this.numberField = field(t('disturb.number'), this.number);
    this.delay = el('input', { type: 'number', min: 0, max: 600000, value: 0, 'data-testid': 'fault-delay' });
    this.times = el('input', { type: 'number', min: 1, placeholder: '∞', 'data-testid': 'fault-times' });
    this.chance = el('input', { type: 'number', min: 0, max: 1, step: 'any', value: 1, 'data-testid': 'fault-chance' });
    const form = el('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.add(); } },
      el('h3', {}, t('disturb.add')),
      field(t('disturb.operation'), this.operation),
      el('div', { class: 'fields' }, field(t('disturb.then'), this.way), this.errorField, this.numberField, field(t('disturb.tenant'), this.tenant)),
      el('div', { class: 'fields narrow' }, field(t('disturb.delay'), this.delay), field(t('disturb.times'), this.times, t('disturb.times_hint')), field(t('disturb.chance'), this.chance)),
      el('div', { class: 'buttons' }, el('button', { type: 'submit', class: 'primary', 'data-testid': 'fault-add' }, t('disturb.submit'))), this.names);
    this.node = el('div', { class: 'card' }, el('h2', {}, t('disturb.faults')), this.list, form);
    this.fillTenants();
    this.offer();
    this.fillNames();
  }

  async fillNames() {
    try {
      const { rows, errors } = await this.ways.operations();
      this.errors = errors;
      const systems = [...new Set(rows.map((row) => `${row.name.split('.').slice(0, 2).join('.')}.*`))];
      put(this.names, options([...systems.map((name) => /** @type {[string, string]} */ ([name, name])), ...rows.map((row) => /** @type {[string, string]} */ ([row.name, row.summary]))]));
      this.offer();
    } catch (fault) {
      complain(fault);
    }
  }

  fillTenants() {
    const pairs = this.ways.tenants.all.slice(0, 1000).map((tenant) => /** @type {[string, string]} */ ([JSON.stringify({ [tenant.family]: tenant.id }), tenant.id]));
    put(this.tenant, options([['', t('disturb.any')], ...pairs], this.tenant.value));
  }

  /** The errors that are documented for what the operation's name says. @returns {Known[]} */
  known() {
    const [vendor, system] = this.operation.value.replace(/\*$/, '').split('.');
    return this.errors[`${vendor}.${system}`] ?? this.errors[vendor] ?? [];
  }

  offer() {
    const way = this.way.value;
    const known = this.known();
    const pairs = known.map((one) => /** @type {[string, string]} */ ([JSON.stringify([one.code, one.name ?? null]),
      `${one.code} ${one.name ?? ''} ${one.name ? '·' : ''} ${one.text}`.replace(/\s+/g, ' ')]));
    const state = JSON.stringify(pairs);
    if (state !== this.drawn) {
      this.drawn = state;
      put(this.error, options(pairs.length ? pairs : [['', t('disturb.error_pick')]]));
    }
    this.errorField.hidden = way !== 'error';
    const numbered = way in NUMBERED;
    if (numbered && this.numberField.hidden) this.number.value = NUMBERED[/** @type {keyof typeof NUMBERED} */ (way)];
    this.numberField.hidden = !numbered;
  }

  /** The rule that the form describes. */
  rule() {
    const operation = this.operation.value.trim();
    const tenant = this.tenant.value ? { tenant: JSON.parse(this.tenant.value) } : {};
    const rule = { match: { operation, ...tenant }, delay_ms: Number(this.delay.value || 0), chance: Number(this.chance.value || 1) };
    const times = this.times.value ? { times: Number(this.times.value) } : {};
    const then = this.then();
    return { ...rule, ...times, ...(then ? { then } : {}) };
  }

  then() {
    const given = Number(this.number.value);
    switch (this.way.value) {
      case 'error': {
        const [error, code] = JSON.parse(this.error.value || '[0,null]');
        return code ? { error, code } : { error };
      }
      case 'status': return { status: given };
      case 'before': return { lost: 'before' };
      case 'after': return { lost: 'after' };
      case 'hang': return { hang: true };
      case 'truncate': return { truncate: given };
      default: return null;
    }
  }

  async add() {
    try {
      const { faults } = await control('POST', 'faults', this.rule());
      toast(t('disturb.added', { id: faults[0]?.id }));
      await this.load();
    } catch (fault) {
      complain(fault);
    }
  }

  async load() {
    const { faults } = await control('GET', 'faults');
    const state = JSON.stringify(faults);
    if (state === this.list.dataset.drawn) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.closest?.('[data-rule]')?.getAttribute('data-rule');
    const test = document.activeElement?.getAttribute('data-testid');
    this.list.dataset.drawn = state;
    put(this.list, faults.length ? faults.map((/** @type {any} */ rule) => this.row(rule)) : el('li', { class: 'empty' }, t('disturb.no_faults')));
    // Drawn anew, the same switch keeps the keyboard.
    if (focused) [...this.list.children].find((row) => row.getAttribute('data-rule') === focused)?.querySelector(`[data-testid="${test}"]`)?.focus();
  }

  /** @param {any} rule */
  row(rule) {
    const on = rule.chance > 0;
    const toggle = el('input', { type: 'checkbox', role: 'switch', class: 'switch', checked: on, 'aria-label': t('disturb.toggle', { id: rule.id }),
      'data-testid': 'fault-toggle', onchange: () => this.turn(rule, !on) });
    const { match = {}, then } = rule;
    const what = [then ? words(then) : t('disturb.pass'), rule.delay_ms ? `${rule.delay_ms} ms` : '', rule.times ? `×${rule.times}` : '',
      on && rule.chance < 1 ? `${rule.chance * 100} %` : ''].filter(Boolean).join(' · ');
    const where = [match.operation, match.path, match.tenant && Object.values(match.tenant).join(), match.body && JSON.stringify(match.body)].filter(Boolean).join(' · ');
    return el('li', { class: on ? 'rule' : 'rule off', 'data-testid': 'fault-row', 'data-rule': rule.id },
      el('label', { class: 'toggle' }, toggle, el('span', { class: 'hint' }, t(on ? 'disturb.on' : 'disturb.off'))),
      el('div', { class: 'two' }, el('span', { class: 'one-line' }, bdi(rule.id, 'strong'), ' ', bdi(where, 'dim')),
        el('span', { class: 'one-line' }, bdi(what), ' ', el('span', { class: 'dim' }, t('disturb.counts', { tried: number(rule.tried), fired: number(rule.fired) })))),
      el('button', { type: 'button', class: 'quiet', 'data-testid': 'fault-remove', 'aria-label': `${t('disturb.remove')} ${cut(rule.id, 64)}`,
        onclick: () => this.remove(rule) }, '×'));
  }

  /** @param {any} rule @param {boolean} on */
  async turn(rule, on) {
    const { tried, fired, id, ...same } = rule;
    const kept = Number(localStorage.getItem(CHANCE + id));
    if (!on) localStorage.setItem(CHANCE + id, String(rule.chance));
    try {
      await control('PUT', `faults/${segment(id)}`, { ...same, chance: on ? kept || 1 : 0 });
      await this.load();
    } catch (fault) {
      complain(fault);
      this.list.dataset.drawn = '';
    }
  }

  /** @param {any} rule */
  async remove(rule) {
    localStorage.removeItem(CHANCE + rule.id);
    try {
      await control('DELETE', `faults/${segment(rule.id)}`);
      await this.load();
    } catch (fault) {
      complain(fault);
    }
  }
}

/** What a rule does, in words. @param {any} then */
function words(then) {
  if (then.error !== undefined && then.error !== null) return [then.error, then.code].filter(Boolean).join(' ');
  if (then.status) return `HTTP ${then.status}`;
  if (then.lost) return t(`disturb.${then.lost}`);
  if (then.hang) return t('disturb.hang');
  return `${t('disturb.truncate')}: ${then.truncate}`;
}
