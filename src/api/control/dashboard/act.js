// Act: somebody's part played from the page. Each action is the call that a program would make, and stands in Calls.
import { ACTIONS, list } from './actions.js';
import { control, query } from './control.js';
import { bdi, calm, cut, el, field, options, put } from './dom.js';
import { pathOf } from './entities.js';
import { block } from './format.js';
import { codeOf } from './journal.js';
import { t } from './texts.js';
import { wordsOf } from './toast.js';
import { credentials, send, target } from './vendor.js';

const KINDS = { tencent: ['groups', 'rooms'], imkit: ['rooms'] };
/** Names that are offered while somebody types. */
const OFFERED = 30;
/** Tenants that can be chosen here; what happens in another one begins in the world. */
const TENANTS_MAX = 1000;

export class Act {
  /** @param {Element} node @param {{ tenants: import('./tenants.js').Tenants, place: () => any, go: (hash: string) => void }} ways */
  constructor(node, ways) {
    this.ways = ways;
    this.who = 'member';
    this.action = '';
    /** What was typed, by the input's name: it stays where the action changes. @type {Record<string, any>} */
    this.typed = {};
    const again = () => this.draw();
    this.tenant = el('select', { 'data-testid': 'act-tenant', onchange: () => this.fillKinds() });
    this.kind = el('select', { 'data-testid': 'act-kind', onchange: again });
    this.targets = el('datalist', { id: 'act-targets' });
    this.people = el('datalist', { id: 'act-people' });
    const offer = calm(() => this.offer(), 200);
    const text = (/** @type {string} */ test, /** @type {string} */ from) => el('input', { type: 'text', list: from, autocomplete: 'off', spellcheck: 'false',
      'data-testid': test, oninput: () => { offer(); this.preview(); }, onfocus: offer });
    this.target = text('act-target', 'act-targets');
    this.as = text('act-as', 'act-people');
    this.roles = el('div', { class: 'choice', role: 'radiogroup', 'aria-label': t('act.who') }, ['member', 'admin'].map((who) =>
      el('label', {}, el('input', { type: 'radio', name: 'act-who', value: who, checked: who === this.who, 'data-testid': `act-${who}`,
        onchange: () => { this.who = who; this.draw(); } }), el('span', {}, t(`act.${who}`)))));
    this.asField = field(t('act.as'), this.as);
    this.actions = el('div', { class: 'actions', role: 'radiogroup', 'aria-label': t('act.action') });
    this.inputs = el('div', { class: 'inputs' });
    this.note = el('p', { class: 'hint' });
    this.shownCall = el('pre', { class: 'json', tabindex: 0, 'data-testid': 'act-preview' });
    this.run = el('button', { type: 'submit', class: 'primary', 'data-testid': 'act-run' }, t('act.run'));
    this.result = el('div', { class: 'result', 'data-testid': 'act-result', role: 'status' }, el('p', { class: 'empty' }, t('act.no_result')));
    const form = el('form', { class: 'stack', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.send(); } },
      el('div', { class: 'fields' }, field(t('act.tenant'), this.tenant), field(t('act.kind'), this.kind), field(t('act.target'), this.target)),
      this.roles, this.asField, this.actions, this.inputs, this.note, el('h3', {}, t('act.preview')), this.shownCall,
      el('div', { class: 'buttons' }, this.run), this.targets, this.people);
    put(node, el('div', { class: 'halves' }, el('div', { class: 'card' }, el('h2', {}, t('nav.act')), form),
      el('div', { class: 'card' }, el('h2', {}, t('act.result')), this.result)));
    ways.tenants.watchers.add(() => this.fillTenants());
    this.fillTenants();
  }

  /** Where nothing is aimed at yet, it is what the world showed last. */
  show() {
    const place = this.ways.place();
    if (!this.target.value && place.id && this.ways.tenants.find(place.family, place.tenant)) this.at({ ...place });
    else this.draw();
  }

  /** Acts there. @param {{ family: string, tenant: string, kind: string, id: string }} place */
  at(place) {
    this.fillTenants();
    const value = JSON.stringify([place.family, place.tenant]);
    if (![...this.tenant.options].some((option) => option.value === value)) this.tenant.append(el('option', { value }, cut(place.tenant, 160)));
    this.tenant.value = value;
    this.fillKinds();
    if ([...this.kind.options].some((/** @type {any} */ option) => option.value === place.kind)) {
      this.kind.value = place.kind;
      this.target.value = place.id;
    } else this.as.value = place.id;
    this.draw();
  }

  fillTenants() {
    const before = this.tenant.value;
    const pairs = this.ways.tenants.all.slice(0, TENANTS_MAX).map((tenant) => /** @type {[string, string]} */ (
      [JSON.stringify([tenant.family, tenant.id]), `${tenant.id} · ${t(`family.${tenant.family}`)}`]));
    // One that was come to from the world stays.
    if (before && !pairs.some(([value]) => value === before) && this.ways.tenants.find(...this.where())) pairs.push([before, this.where()[1]]);
    if (pairs.length === this.tenant.options.length && pairs.every(([value], at) => this.tenant.options[at].value === value)) return;
    put(this.tenant, options(pairs, before));
    this.fillKinds();
  }

  fillKinds() {
    const [family] = this.where();
    const kinds = KINDS[/** @type {keyof typeof KINDS} */ (family)] ?? [];
    put(this.kind, options(kinds.map((kind) => [kind, t(`kind.${kind}`)]), this.kind.value));
    this.draw();
  }

  /** @returns {[string, string]} */
  where() {
    return this.tenant.value ? JSON.parse(this.tenant.value) : ['', ''];
  }

  /** Offers ids that are there. */
  async offer() {
    const [family, tenant] = this.where();
    if (!family) return;
    const wanted = document.activeElement === this.target ? this.target : this.as;
    const kind = wanted === this.target ? this.kind.value : family === 'imkit' ? 'clients' : 'accounts';
    try {
      const { items } = await control('GET', pathOf({ family, tenant, kind }) + query({ q: wanted.value, limit: OFFERED }));
      const words = (/** @type {any} */ item) => cut(item.name ?? '', 60);
      put(wanted === this.target ? this.targets : this.people, items.filter((/** @type {any} */ item) => item.id.length < 200)
        .map((/** @type {any} */ item) => el('option', { value: item.id }, words(item))));
    } catch {
      // Nothing is offered then; what is typed counts.
    }
  }

  offered() {
    const [family] = this.where();
    return ACTIONS.filter((one) => one.who === this.who && one.of === `${family}/${this.kind.value}`);
  }

  draw() {
    const offered = this.offered();
    const chosen = offered.find((one) => one.id === this.action) ?? offered[0];
    this.action = chosen?.id ?? '';
    this.asField.hidden = this.who === 'admin';
    put(this.actions, offered.length ? offered.map((one) => el('label', {}, el('input', { type: 'radio', name: 'act-action', value: one.id,
      checked: one === chosen, 'data-testid': `action-${one.id}`, onchange: () => { this.action = one.id; this.drawInputs(); } }),
    el('span', {}, t(`action.${one.id}`)))) : el('p', { class: 'hint' }, t('act.no_actions')));
    this.drawInputs();
  }

  drawInputs() {
    const chosen = this.offered().find((one) => one.id === this.action);
    this.run.disabled = !chosen;
    this.note.textContent = chosen?.client ? t('act.client_side') : '';
    put(this.inputs, (chosen?.inputs ?? []).map((input) => this.input(input)));
    this.preview();
  }

  /** @param {import('./actions.js').Input} input */
  input(input) {
    const value = this.typed[input.name] ?? input.value ?? '';
    const keep = (/** @type {any} */ event) => {
      this.typed[input.name] = input.kind === 'check' ? event.target.checked : event.target.value;
      this.preview();
    };
    const test = `input-${input.name}`;
    const words = t(`input.${input.name}`);
    if (input.kind === 'check') {
      return el('label', { class: 'check' }, el('input', { type: 'checkbox', checked: value === true, onchange: keep, 'data-testid': test }), words);
    }
    if (input.kind === 'choice') {
      const choices = input.choices ?? [];
      const chosen = choices.includes(value) ? value : input.value;
      return field(words, el('select', { onchange: keep, 'data-testid': test }, options(choices.map((one) => [one, one]), chosen)));
    }
    const from = /member|owner/.test(input.name) ? 'act-people' : null;
    return field(words, el('input', { type: input.kind, value, list: from, min: input.kind === 'number' ? 0 : null, autocomplete: 'off', oninput: keep, 'data-testid': test }));
  }

  /** The request, or what is missing of it. @returns {{ request?: import('./vendor.js').Request_, missing: string[] }} */
  request() {
    const chosen = this.offered().find((one) => one.id === this.action);
    const [family, tenant] = this.where();
    if (!chosen) return { missing: [] };
    const place = { family, tenant, id: this.target.value, as: this.as.value };
    /** @type {Record<string, any>} */
    const given = {};
    const missing = [];
    // A group that is created may get its id from the vendor.
    if (!place.id && !(chosen.id === 'create' && chosen.of === 'tencent/groups')) missing.push(t('act.target'));
    if (chosen.who === 'member' && !place.as) missing.push(t('act.as'));
    for (const input of chosen.inputs) {
      const typed = this.typed[input.name] ?? input.value ?? '';
      const isEmpty = typed === '' || (input.name === 'members' && !list(typed).length);
      if (input.needed && isEmpty) missing.push(t(`input.${input.name}`));
      given[input.name] = input.kind === 'number' && typed !== '' ? Number(typed) : input.kind === 'choice' && !input.choices?.includes(typed) ? input.value : typed;
    }
    if (missing.length) return { missing };
    return { request: chosen.call(place, given), missing };
  }

  preview() {
    try {
      const { request, missing } = this.request();
      if (!request) put(this.shownCall, missing.length ? t('act.missing', { names: missing.join(', ') }) : '');
      else put(this.shownCall, cut(`${request.method} ${request.path}\n${request.body ? JSON.stringify(JSON.parse(request.body), null, 2) : ''}`, 4000));
    } catch (fault) {
      put(this.shownCall, wordsOf(fault));
    }
  }

  async send() {
    this.run.disabled = true;
    try {
      const { request, missing } = this.request();
      if (!request) {
        put(this.result, el('p', { class: 'problem' }, t('act.missing', { names: missing.join(', ') })));
        return;
      }
      await this.certify(request);
      const reply = await send(request);
      const code = codeOf(reply) ?? reply.body?.error?.code ?? reply.status;
      const refusal = reply.body?.error && typeof reply.body.error.code === 'number' ? reply.body.error.code : code;
      const good = reply.status < 400 && code === 0;
      put(this.result,
        el('p', {}, el('span', { class: `chip ${good ? 'ok' : 'refused'}` }, String(refusal)), ` HTTP ${reply.status} `, bdi(reply.operation ?? '', 'dim')),
        reply.why && el('p', { class: 'why' }, bdi(reply.why, 'whole')), block(reply.body === '' ? '' : reply.body, 'act-reply'),
        reply.call && el('button', { type: 'button', onclick: () => this.ways.go(`calls/c${reply.call}`) }, t('act.open_call')),
        el('p', { class: 'hint mono' }, bdi(`${request.method} ${target({ ...request, query: {} })}`)));
    } catch (fault) {
      put(this.result, el('p', { class: 'problem' }, wordsOf(fault)));
    } finally {
      this.run.disabled = false;
    }
  }

  /** Adds what lets a program in. @param {import('./vendor.js').Request_} request */
  async certify(request) {
    const [family, tenant] = this.where();
    if (request.path.startsWith('/_imulator/')) return;
    const isMember = this.who === 'member';
    const given = await credentials(family, tenant, isMember && family === 'imkit' ? this.as.value : undefined);
    request.query = { ...request.query, ...given.query };
    const sent = Object.entries(given.headers ?? {}).filter(([name]) => (isMember ? !/api-key/i.test(name) : !/authorization/i.test(name)));
    request.headers = { ...request.headers, ...Object.fromEntries(sent) };
  }
}
