// Counts over the last minutes: calls in each second, and refusals by code.
import { codeOf, outcomeOf } from './journal.js';

/** How far back is counted. */
export const SECONDS_MAX = 900;
/** Codes that are told apart; more are counted together. */
const CODES_MAX = 200;

/** @typedef {{ calls: number, refused: number, codes: Map<string, number> }} Second */

export class Series {
  constructor() {
    /** @type {Map<number, Second>} */
    this.seconds = new Map();
  }

  clear() {
    this.seconds.clear();
  }

  /** @param {any} exchange @param {number} seen milliseconds; 0 where it is not known when */
  add(exchange, seen) {
    if (!seen) return;
    const at = Math.floor(seen / 1000);
    let second = this.seconds.get(at);
    if (!second) {
      second = { calls: 0, refused: 0, codes: new Map() };
      this.seconds.set(at, second);
      if (this.seconds.size > SECONDS_MAX + 60) this.trim();
    }
    second.calls += 1;
    const outcome = outcomeOf(/** @type {any} */ ({ exchange }));
    // A call that was only held up was answered all the same.
    if (outcome === 'ok' || (exchange.reply && codeOf(exchange.reply) === 0)) return;
    second.refused += 1;
    const word = exchange.reply?.body?.error?.code;
    const code = outcome === 'lost' || !exchange.reply ? '–' : `${codeOf(exchange.reply)}${typeof word === 'string' ? ` ${word.slice(0, 60)}` : ''}`;
    const key = second.codes.has(code) || second.codes.size < CODES_MAX ? code : '…';
    second.codes.set(key, (second.codes.get(key) ?? 0) + 1);
  }

  trim() {
    const oldest = Math.floor(Date.now() / 1000) - SECONDS_MAX;
    [...this.seconds.keys()].filter((at) => at < oldest).forEach((at) => this.seconds.delete(at));
  }

  /**
   * The last seconds in so many steps, oldest first.
   * @param {number} span seconds
   * @param {number} steps
   */
  steps(span, steps) {
    const width = span / steps;
    const end = Math.floor(Date.now() / 1000 / width) * width + width;
    const list = Array.from({ length: steps }, (_, at) => ({ ago: Math.round(span - (at + 1) * width), calls: 0, refused: 0, width }));
    this.seconds.forEach((second, at) => {
      const step = list[Math.floor((at - (end - span)) / width)];
      if (!step) return;
      step.calls += second.calls;
      step.refused += second.refused;
    });
    return list;
  }

  /** Refusals by code, most first. @param {number} span seconds @returns {Array<[string, number]>} */
  codes(span) {
    const since = Math.floor(Date.now() / 1000) - span;
    /** @type {Map<string, number>} */
    const sums = new Map();
    this.seconds.forEach((second, at) => {
      if (at >= since) second.codes.forEach((count, code) => sums.set(code, (sums.get(code) ?? 0) + count));
    });
    return [...sums].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
  }
}
