// Charts: calls a second and refusals by code, drawn as SVG, with the same numbers as tables.
import { bdi, cut, el, field, options, put, svg } from './dom.js';
import { number } from './format.js';
import { t } from './texts.js';

const STEPS = 60;
const SPANS = [1, 5, 15];
/** The width of a drawing that is not laid out yet. */
const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 40;
const BOTTOM = 20;
const TOP = 10;
const BARS_MAX = 12;

export class Charts {
  /** @param {Element} node @param {{ series: import('./series.js').Series }} ways */
  constructor(node, ways) {
    this.node = node;
    this.ways = ways;
    this.span = el('select', { 'data-testid': 'chart-span', onchange: () => this.draw() }, options(SPANS.map((n) => [String(n * 60), t('charts.minutes', { n })]), '300'));
    this.calls = el('div', { class: 'chart', 'data-testid': 'chart-calls' });
    this.codes = el('div', { class: 'chart', 'data-testid': 'chart-codes' });
    this.total = el('p', { class: 'hint', 'data-testid': 'chart-total' });
    this.callTable = el('div', {});
    this.codeTable = el('div', {});
    const table = (/** @type {Element} */ inside) => el('details', { class: 'fold', ontoggle: () => this.draw() }, el('summary', {}, t('charts.table')), inside);
    put(node, el('div', { class: 'bar' }, field(t('charts.window'), this.span), this.total),
      el('div', { class: 'halves charts' },
        el('div', { class: 'card' }, el('h2', {}, t('charts.calls')), this.legend(), this.calls, table(this.callTable), el('p', { class: 'hint' }, t('charts.past'))),
        el('div', { class: 'card' }, el('h2', {}, t('charts.codes')), this.codes, table(this.codeTable))));
    window.setInterval(() => { if (!document.hidden && !(/** @type {HTMLElement} */ (node).hidden)) this.draw(); }, 1000);
  }

  legend() {
    const key = (/** @type {string} */ kind) => el('span', { class: 'key' }, el('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), t(`charts.${kind}`));
    return el('p', { class: 'legend' }, key('answered'), key('refused'));
  }

  show() {
    this.draw();
  }

  draw() {
    const span = Number(this.span.value);
    const steps = this.ways.series.steps(span, STEPS);
    const codes = this.ways.series.codes(span);
    const calls = steps.reduce((sum, step) => sum + step.calls, 0);
    const refused = steps.reduce((sum, step) => sum + step.refused, 0);
    const peak = Math.max(0, ...steps.map((step) => step.calls / step.width));
    const words = t('charts.total', { calls: number(calls), refused: number(refused), peak: peak.toLocaleString(undefined, { maximumFractionDigits: 1 }) });
    this.total.textContent = words;
    put(this.calls, this.drawCalls(steps, peak, words, span));
    put(this.codes, codes.length ? this.drawCodes(codes) : el('p', { class: 'empty' }, t('charts.none')));
    if (this.callTable.closest('details').open) {
      const rows = [...steps].reverse().filter((step) => step.calls).map((step) => [step.ago <= 0 ? t('charts.now') : t('charts.ago', { n: step.ago }), step.calls - step.refused, step.refused]);
      put(this.callTable, tableOf([t('col.time'), t('charts.answered'), t('charts.refused')], rows));
    }
    if (this.codeTable.closest('details').open) put(this.codeTable, tableOf([t('col.outcome'), t('charts.count')], codes));
  }

  /** @param {ReturnType<import('./series.js').Series['steps']>} steps @param {number} peak @param {string} words @param {number} span */
  drawCalls(steps, peak, words, span) {
    const width = Math.max(240, this.calls.clientWidth || WIDTH);
    const most = nice(peak);
    const room = HEIGHT - TOP - BOTTOM;
    const y = (/** @type {number} */ rate) => TOP + room - (rate / most) * room;
    const each = (width - LEFT) / steps.length;
    const lines = [0, 0.5, 1].map((part) => [
      svg('line', { class: 'grid', x1: LEFT, x2: width, y1: y(part * most), y2: y(part * most) }),
      svg('text', { class: 'axis', x: LEFT - 6, y: y(part * most) + 4, 'text-anchor': 'end' }, (part * most).toLocaleString(undefined, { maximumFractionDigits: 2 })),
    ]);
    const bars = steps.map((step, at) => {
      if (!step.calls) return null;
      const x = LEFT + at * each + 1;
      const good = (step.calls - step.refused) / step.width;
      const bad = step.refused / step.width;
      const box = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) => to > from
        && svg('rect', { class: kind, x, width: Math.max(1, each - 2), y: y(to), height: Math.max(1, y(from) - y(to)), rx: 1 });
      return [box('bar-answered', 0, good), box('bar-refused', good, good + bad)];
    });
    const ends = [svg('text', { class: 'axis', x: LEFT, y: HEIGHT - 4 }, t('charts.ago', { n: span })),
      svg('text', { class: 'axis', x: width, y: HEIGHT - 4, 'text-anchor': 'end' }, t('charts.now'))];
    return svg('svg', { height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': `${t('charts.calls')}: ${words}` }, lines, bars, ends);
  }

  /** @param {Array<[string, number]>} codes */
  drawCodes(codes) {
    const shown = codes.slice(0, BARS_MAX);
    const most = shown[0][1];
    return el('ul', { class: 'bars' }, shown.map(([code, count]) => {
      const bar = svg('svg', { class: 'bar-line', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        svg('rect', { class: 'bar-refused', width: Math.max(1, (count / most) * 100), height: 8, rx: 1 }));
      return el('li', { 'data-testid': 'chart-code' }, el('span', { class: 'one-line mono' }, bdi(cut(code, 60))), bar, el('span', { class: 'count' }, number(count)));
    }));
  }
}

/** The next round number for an axis. @param {number} peak */
function nice(peak) {
  const top = Math.max(peak, 1);
  const power = 10 ** Math.floor(Math.log10(top));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= top) ?? top;
}

/** @param {string[]} heads @param {any[][]} rows */
function tableOf(heads, rows) {
  return el('table', { class: 'plain' }, el('thead', {}, el('tr', {}, heads.map((words) => el('th', { scope: 'col' }, words)))),
    el('tbody', {}, rows.map((row) => el('tr', {}, row.map((cell) => el('td', {}, typeof cell === 'number' ? number(cell) : bdi(cell)))))));
}
