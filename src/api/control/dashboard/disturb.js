// Disturb: fault rules, the clock, the world as a file. None of them stands in the journal, so that they are asked for while they are seen.
import { Clock } from './clock.js';
import { el, put } from './dom.js';
import { Faults } from './faults.js';
import { WorldFile } from './worldfile.js';

/** How often what is seen is asked for. */
const SEEN_MS = 1500;
/** How often the clock is asked for where only its chip is seen. */
const CHIP_MS = 10_000;

export class Disturb {
  /** @param {Element} node @param {{ clock: Clock, tenants: import('./tenants.js').Tenants, operations: any }} ways */
  constructor(node, ways) {
    this.node = node;
    this.clock = ways.clock;
    this.faults = new Faults(ways);
    put(node, el('div', { class: 'halves' }, this.faults.node, el('div', { class: 'column' }, this.clock.node, new WorldFile().node)));
    this.last = 0;
    window.setInterval(() => this.look(), SEEN_MS);
    this.look();
  }

  show() {
    this.last = 0;
    this.faults.fillTenants();
    this.look();
  }

  async look() {
    const isSeen = !document.hidden && !(/** @type {HTMLElement} */ (this.node).hidden);
    if (!isSeen && performance.now() - this.last < CHIP_MS && this.last) return;
    this.last = performance.now();
    try {
      await this.clock.load();
      if (isSeen) await this.faults.load();
    } catch {
      // The stream tells that the emulator is gone; here the last known stays.
    }
  }
}
