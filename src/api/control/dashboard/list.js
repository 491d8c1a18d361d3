// A list of any length: only the rows that are seen exist, and one row at a time has the keyboard.
import { el, framed, put } from './dom.js';

/** Rows above and below the seen ones that exist as well. */
const SPARE = 6;
/** Browsers lose count in elements taller than this; longer lists are scrolled in proportion. */
const HEIGHT_MAX = 8_000_000;

/** How far a press may wander, in pixels, and still be one. */
const STILL = 8;

let lists = 0;

/**
 * @template T
 * @typedef {{
 *   label: string, rowTest: string, test?: string, kind: string, height: number, columns?: string[], empty: () => string,
 *   count: () => number, get: (index: number) => T | undefined, want?: (first: number, last: number) => void,
 *   key: (item: T) => string, find?: (key: string) => number,
 *   render: (item: T) => { cells: any[], class?: string, selected?: boolean }, open: (item: T, index: number) => void,
 * }} Source
 */

/** @template T */
export class List {
  /** @param {Source<T>} source */
  constructor(source) {
    lists += 1;
    this.source = source;
    this.name = `list${lists}`;
    /** @type {Map<number, any>} */
    this.rows = new Map();
    this.active = -1;
    this.activeKey = '';
    this.head = source.columns ? el('div', { class: 'row head', role: 'row', 'aria-rowindex': 1 },
      source.columns.map((words) => el('span', { role: 'columnheader', class: 'cell' }, words))) : null;
    this.body = el('div', { class: 'list-body', role: 'rowgroup' });
    this.none = el('p', { class: 'empty', hidden: true });
    this.node = el('div', { class: `list list-${source.kind}`, role: 'grid', tabindex: 0, 'aria-label': source.label,
      'data-testid': source.test ?? null }, this.head, this.body, this.none);
    this.update = framed(() => this.draw());
    this.node.addEventListener('scroll', this.update, { passive: true });
    this.node.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.press(event));
    /** What a finger or a mouse is on, since it came down. @type {{ item: T, index: number, x: number, y: number } | null} */
    this.pressed = null;
    this.node.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => this.down(event));
    this.node.addEventListener('pointerup', (/** @type {PointerEvent} */ event) => this.up(event));
    this.node.addEventListener('click', (/** @type {MouseEvent} */ event) => this.click(event));
    this.node.addEventListener('focus', () => this.active < 0 && !this.pressed && this.move(0));
    new ResizeObserver(this.update).observe(this.node);
  }

  /** The height of what is seen of the rows. */
  get room() {
    return Math.max(0, this.node.clientHeight - (this.head?.offsetHeight ?? 0));
  }

  /** How much of the whole height stands for one pixel of the scroll bar. */
  get scale() {
    const whole = this.source.count() * this.source.height;
    return whole <= HEIGHT_MAX ? 1 : (whole - this.room) / (HEIGHT_MAX - this.room);
  }

  /** Draws what is seen. */
  draw() {
    if (!this.node.isConnected || this.node.clientHeight === 0) return;
    const { height } = this.source;
    const count = this.source.count();
    this.node.setAttribute('aria-rowcount', String(count + (this.head ? 1 : 0)));
    this.body.style.height = `${Math.min(count * height, HEIGHT_MAX)}px`;
    this.none.hidden = count > 0;
    if (count === 0) this.none.textContent = this.source.empty();
    const top = this.node.scrollTop * this.scale;
    const first = Math.max(0, Math.floor(top / height) - SPARE);
    const last = Math.min(count, Math.ceil((top + this.room) / height) + SPARE);
    this.follow();
    this.source.want?.(first, last);
    for (const [index, row] of this.rows) {
      if (index >= first && index < last) continue;
      row.remove();
      this.rows.delete(index);
    }
    for (let index = first; index < last; index += 1) this.drawRow(index, this.node.scrollTop + index * height - top);
    const active = this.rows.get(this.active);
    if (active) this.node.setAttribute('aria-activedescendant', active.id);
    else this.node.removeAttribute('aria-activedescendant');
  }

  /** @param {number} index @param {number} at */
  drawRow(index, at) {
    let row = this.rows.get(index);
    if (!row) {
      row = el('div', { role: 'row', id: `${this.name}-${index}`, 'data-index': index, 'data-testid': this.source.rowTest,
        'aria-rowindex': index + (this.head ? 2 : 1) });
      row.style.height = `${this.source.height}px`;
      this.rows.set(index, row);
      this.body.append(row);
    }
    row.style.transform = `translateY(${at}px)`;
    const item = this.source.get(index);
    const drawn = item === undefined ? { cells: ['…'], class: 'waiting', selected: false } : this.source.render(item);
    row.className = `row ${drawn.class ?? ''} ${index === this.active ? 'active' : ''}`;
    row.setAttribute('aria-selected', String(Boolean(drawn.selected)));
    row.dataset.id = item === undefined ? '' : this.source.key(item).slice(0, 200);
    const cells = drawn.cells.map((cell) => el('span', { role: 'gridcell', class: 'cell' }, cell));
    // What is as it was stays, and with it what is selected of it.
    const same = cells.length === row.children.length && cells.every((cell, at) => cell.isEqualNode(row.children[at]));
    if (!same) put(row, cells);
  }

  /** The row that has the keyboard keeps it where rows came before it. */
  follow() {
    const item = this.active < 0 ? undefined : this.source.get(this.active);
    if (this.active < 0 || !this.source.find || (item !== undefined && this.source.key(item) === this.activeKey)) return;
    this.active = this.source.find(this.activeKey);
  }

  /** Rows came on top: what is seen stays where it is. @param {number} rows */
  shift(rows) {
    if (this.node.scrollTop > 0) this.node.scrollTop += (rows * this.source.height) / this.scale;
  }

  /** Back to the start, as another list is shown. */
  reset() {
    this.active = -1;
    this.activeKey = '';
    this.node.scrollTop = 0;
    this.update();
  }

  /** @param {number} index */
  move(index) {
    const count = this.source.count();
    if (count === 0) return;
    this.active = Math.max(0, Math.min(count - 1, index));
    const item = this.source.get(this.active);
    this.activeKey = item === undefined ? '' : this.source.key(item);
    const { height } = this.source;
    const top = this.node.scrollTop * this.scale;
    const at = this.active * height;
    if (at < top) this.node.scrollTop = at / this.scale;
    else if (at + height > top + this.room) this.node.scrollTop = (at + height - this.room) / this.scale;
    this.update();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.target !== this.node || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.room / this.source.height) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const by = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (by !== undefined) this.move(this.active + by);
    else if (event.key === 'Enter' || event.key === ' ') this.open(this.active);
    else return;
    event.preventDefault();
  }

  /** The number of the row in which something happened; -1 where it was in none. @param {Event} event */
  indexAt(event) {
    const target = event.target instanceof Element && !event.target.closest('button, a') ? event.target : null;
    return Number(target?.closest('[data-index]')?.getAttribute('data-index') ?? -1);
  }

  /** @param {PointerEvent} event */
  down(event) {
    const index = this.indexAt(event);
    const item = index < 0 || event.button !== 0 ? undefined : this.source.get(index);
    this.pressed = item === undefined ? null : { item, index, x: event.clientX, y: event.clientY };
  }

  /**
   * What was pressed is opened, wherever it is by now: rows are drawn anew and pushed down while something happens.
   * @param {PointerEvent} event
   */
  up(event) {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed || Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STILL) return;
    const index = this.source.find?.(this.source.key(pressed.item)) ?? pressed.index;
    if (index >= 0) this.move(index);
    this.source.open(pressed.item, index);
    this.update();
  }

  /** A click that nothing was pressed for is that of an assistive technology. @param {MouseEvent} event */
  click(event) {
    const index = event.detail === 0 ? this.indexAt(event) : -1;
    if (index < 0) return;
    this.move(index);
    this.open(index);
  }

  /** @param {number} index */
  open(index) {
    const item = index < 0 ? undefined : this.source.get(index);
    if (item !== undefined) this.source.open(item, index);
    this.update();
  }
}
