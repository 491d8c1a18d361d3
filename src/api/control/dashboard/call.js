// One call, opened: request, reply, why, the events it caused, who was told, what was sent to receivers.
import { bdi, el, long, put } from './dom.js';
import { audienceOf, describe, subjectOf } from './describe.js';
import { block, duration, facts, moment, number } from './format.js';
import { codeOf, outcomeOf, tenantOf } from './journal.js';
import { repeat } from './repeat.js';
import { t } from './texts.js';
import { complain, toast, wordsOf } from './toast.js';
import { curl, send } from './vendor.js';

export class CallView {
  /** @param {Map<string, any>} docs rows of operations by name @param {() => void} close */
  constructor(docs, close) {
    this.docs = docs;
    this.close = close;
    this.drawn = '';
    this.node = el('div', { class: 'pane pane-call', 'data-testid': 'call-detail', tabindex: -1, role: 'region', 'aria-label': t('call.request'),
      onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Escape') close(); } });
  }

  /** @param {import('./journal.js').Record_ | undefined} record */
  show(record) {
    this.drawn = '';
    this.update(record);
    this.node.scrollTop = 0;
  }

  /** Draws it anew where something came to it. @param {import('./journal.js').Record_ | undefined} record */
  update(record) {
    const state = record ? [record.key, Boolean(record.exchange), record.events.length, record.deliveries.length].join() : 'none';
    if (state === this.drawn) return;
    this.drawn = state;
    const top = this.node.scrollTop;
    put(this.node, record ? this.draw(record) : el('p', { class: 'empty' }, t('calls.pick')));
    this.node.scrollTop = top;
  }

  /** @param {import('./journal.js').Record_} record */
  draw(record) {
    const { exchange } = record;
    const outcome = outcomeOf(record);
    const tenant = tenantOf(record.tenant);
    const out = el('div', {});
    const title = exchange ? exchange.operation : record.call === null ? t('call.event_title') : t('call.client');
    const doc = exchange && this.docs.get(exchange.operation)?.doc;
    return [
      el('div', { class: 'call-head' },
        el('button', { type: 'button', class: 'quiet close', onclick: this.close, 'aria-label': t('close'), 'data-testid': 'call-close' }, '×'),
        el('h2', {}, bdi(title)),
        el('div', { class: 'buttons' },
          exchange && el('button', { type: 'button', 'data-testid': 'call-curl', onclick: () => this.copy(record, out) }, t('call.curl')),
          exchange && el('button', { type: 'button', 'data-testid': 'call-replay', onclick: (/** @type {any} */ event) => this.replay(record, event.target) }, t('call.replay')),
          doc && link(doc))),
      facts([
        [t('col.outcome'), el('span', { class: `chip ${outcome}` }, exchange?.reply ? String(codeOf(exchange.reply)) : t(`outcome.${outcome}`))],
        ['HTTP', exchange?.reply?.status], [t('call.title', { n: '' }).trim(), record.call], [t('col.tenant'), tenant && bdi(tenant.id)],
        [t('col.time'), moment(record.at)], [t('col.took'), exchange && duration(exchange.micros)],
      ]),
      out,
      exchange?.why && el('div', { class: 'why', 'data-testid': 'call-why' }, el('h3', {}, t('call.why')),
        el('p', {}, long(exchange.why, t('show_all'))), doc && el('p', { class: 'doc' }, link(doc, true))),
      exchange?.fault && el('p', { class: 'why fault' }, bdi(t('call.fault', { id: exchange.fault }))),
      exchange && this.request(exchange.request),
      exchange && this.reply(exchange.reply),
      this.events(record),
      this.deliveries(record),
    ];
  }

  /** @param {any} request */
  request(request) {
    const hasQuery = Object.keys(request.query ?? {}).length > 0;
    return el('section', {}, el('h3', {}, t('call.request')),
      el('p', { class: 'mono line' }, bdi(request.method, 'strong'), ' ', long(request.path, t('show_all'))),
      hasQuery && fold(t('call.query'), facts(Object.entries(request.query))),
      fold(t('call.headers'), facts(Object.entries(request.headers ?? {}))),
      request.body !== null && block(request.body, 'call-request'), cutNote(request.body_cut));
  }

  /** @param {any} reply */
  reply(reply) {
    if (!reply) return el('section', {}, el('h3', {}, t('call.reply')), el('p', { class: 'empty' }, t('call.no_reply')));
    return el('section', {}, el('h3', {}, t('call.reply')), fold(t('call.headers'), facts(Object.entries(reply.headers ?? {}))),
      reply.body !== null && block(reply.body, 'call-reply'), cutNote(reply.body_cut));
  }

  /** @param {import('./journal.js').Record_} record */
  events(record) {
    const list = record.events.map((event) => el('li', { 'data-testid': 'call-event' },
      el('details', {}, el('summary', {}, bdi(describe(event), 'strong'), ' ', bdi(subjectOf(event)?.id ?? '', 'dim')), block(event.data)),
      audienceOf(event)));
    return el('section', {}, el('h3', {}, t('call.events')), list.length ? el('ol', { class: 'caused' }, list) : el('p', { class: 'dim' }, t('call.no_events')));
  }

  /** @param {import('./journal.js').Record_} record */
  deliveries(record) {
    if (!record.deliveries.length) return null;
    return el('section', {}, el('h3', {}, t('call.deliveries')), el('ol', { class: 'caused' }, record.deliveries.map((one) => {
      const good = one.outcome?.status >= 200 && one.outcome?.status < 300;
      return el('li', { 'data-testid': 'call-delivery' }, el('details', {},
        el('summary', {}, el('span', { class: `chip ${good ? 'ok' : 'refused'}` }, bdi(one.outcome?.status ?? one.outcome?.error ?? '?')), ' ',
          bdi(one.command, 'strong'), ' ', el('span', { class: 'dim' }, t('call.attempt', { n: one.attempt })), ' ', bdi(one.url, 'dim')),
        block(one.request), block(one.outcome)));
    })));
  }

  /** @param {import('./journal.js').Record_} record @param {Element} out */
  async copy(record, out) {
    try {
      const again = await repeat(record);
      if (!again) return;
      const text = curl(again);
      put(out, el('pre', { class: 'json', tabindex: 0, 'data-testid': 'curl-text' }, text));
      try {
        await navigator.clipboard.writeText(text);
        toast(t('copied'));
      } catch {
        toast(t('copy_failed'), 'problem');
      }
    } catch (fault) {
      toast(t('call.cannot_credential', { why: wordsOf(fault) }), 'problem');
    }
  }

  /** @param {import('./journal.js').Record_} record @param {any} button */
  async replay(record, button) {
    button.disabled = true;
    try {
      const again = await repeat(record);
      if (!again) return;
      const reply = await send(again);
      toast(t('call.replayed', { outcome: `${codeOf(reply)} (HTTP ${reply.status}, ${reply.call ?? '–'})` }));
    } catch (fault) {
      complain(fault);
    } finally {
      button.disabled = false;
    }
  }
}

/** @param {string} doc @param {boolean} [spelled] */
function link(doc, spelled = false) {
  if (!/^https:\/\//.test(doc)) return null;
  return el('a', { href: doc, target: '_blank', rel: 'noopener noreferrer', class: spelled ? '' : 'button' }, spelled ? doc : t('call.doc'));
}

/** @param {string} words @param {Node} content */
function fold(words, content) {
  return el('details', { class: 'fold' }, el('summary', {}, words), content);
}

/** @param {any} kept */
function cutNote(kept) {
  return kept && el('p', { class: 'hint' }, t('call.cut', { kept: number(kept.kept_bytes), bytes: number(kept.bytes) }));
}
