// The clock: what time it is for the emulator, and what time it shall be.
import { control } from './control.js';
import { el, field, options, put } from './dom.js';
import { moment } from './format.js';
import { t } from './texts.js';
import { complain } from './toast.js';

const UNITS = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

export class Clock {
  /** @param {Element} chip where the time stands on every view */
  constructor(chip) {
    this.chip = chip;
    this.mode = '';
    /** Set when the emulator's time was last heard: its time, and ours. */
    this.heard = { now: 0, at: 0 };
    this.now = el('p', { class: 'clock-now mono', 'data-testid': 'clock-now' }, '…');
    this.word = el('span', { class: 'chip', 'data-testid': 'clock-mode' });
    this.freeze = el('button', { type: 'button', 'data-testid': 'clock-freeze', onclick: () => this.change({ mode: this.mode === 'manual' ? 'system' : 'manual' }) }, t('clock.freeze'));
    this.by = el('input', { type: 'number', min: 1, value: 10, required: true, 'data-testid': 'clock-by' });
    this.unit = el('select', { 'data-testid': 'clock-unit' }, options(Object.keys(UNITS).map((unit) => [unit, t(`clock.${unit}`)]), 'minutes'));
    this.to = el('input', { type: 'text', placeholder: '2026-01-05T09:00:00Z', required: true, spellcheck: 'false', 'data-testid': 'clock-to' });
    const form = (/** @type {() => void} */ done, /** @type {any[]} */ ...inside) => el('form', { class: 'inline', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); done(); } }, inside);
    this.node = el('div', { class: 'card' }, el('h2', {}, t('clock.title')), this.now, el('p', { class: 'buttons' }, this.word, this.freeze),
      form(() => this.change({ advance_ms: Number(this.by.value) * UNITS[/** @type {keyof typeof UNITS} */ (this.unit.value)] }),
        field(t('clock.by'), this.by), field(t('clock.unit'), this.unit), el('button', { type: 'submit', 'data-testid': 'clock-advance' }, t('clock.advance'))),
      form(() => this.change({ set: this.to.value.trim() }), field(t('clock.set_to'), this.to),
        el('button', { type: 'submit', 'data-testid': 'clock-set' }, t('clock.set'))));
    window.setInterval(() => this.tick(), 1000);
  }

  async load() {
    this.take(await control('GET', 'clock'));
  }

  /** @param {any} change */
  async change(change) {
    try {
      this.take(await control('POST', 'clock', change));
    } catch (fault) {
      complain(fault);
    }
  }

  /** @param {{ now: string, mode: string }} told */
  take({ now, mode }) {
    this.mode = mode;
    this.heard = { now: Date.parse(now), at: performance.now() };
    put(this.word, t(`clock.${mode}`));
    this.word.className = `chip ${mode === 'manual' ? 'fault' : 'ok'}`;
    put(this.freeze, t(mode === 'manual' ? 'clock.thaw' : 'clock.freeze'));
    this.tick();
  }

  /** Shows the time; between two answers it goes on by itself, if it goes. */
  tick() {
    if (!this.mode) return;
    const gone = this.mode === 'system' ? performance.now() - this.heard.at : 0;
    const at = new Date(this.heard.now + gone);
    const text = Number.isNaN(at.getTime()) ? '…' : moment(at.toISOString());
    this.now.textContent = text;
    this.chip.textContent = this.mode === 'manual' ? `❄ ${text}` : '';
  }
}
