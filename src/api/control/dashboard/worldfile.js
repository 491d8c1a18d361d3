// The world as a file: back to its start, more of it from a file, a snapshot to keep.
import { control, open } from './control.js';
import { el } from './dom.js';
import { t } from './texts.js';
import { complain, toast } from './toast.js';

export class WorldFile {
  constructor() {
    this.file = el('input', { type: 'file', accept: '.json,application/json', class: 'unseen', id: 'seed-file', 'data-testid': 'seed-file',
      onchange: () => this.seed() });
    this.node = el('div', { class: 'card' }, el('h2', {}, t('file.title')),
      el('div', { class: 'buttons wrap' },
        el('button', { type: 'button', 'data-testid': 'snapshot', onclick: () => this.snapshot() }, t('file.snapshot')),
        this.file, el('label', { for: 'seed-file', class: 'button' }, t('file.seed')),
        el('button', { type: 'button', class: 'danger', 'data-testid': 'reset', onclick: () => this.sure() }, t('file.reset'))),
      el('p', { class: 'hint' }, t('file.seed_hint')));
  }

  /** Asks whether it is meant: what is gone by that does not come back. */
  sure() {
    const dialog = el('dialog', { 'aria-labelledby': 'reset-title', 'data-testid': 'reset-dialog' },
      el('form', { method: 'dialog', class: 'stack' }, el('h2', { id: 'reset-title' }, t('file.reset')), el('p', {}, t('file.reset_sure')),
        el('div', { class: 'buttons' }, el('button', { value: 'yes', class: 'danger', 'data-testid': 'reset-yes' }, t('file.reset')),
          el('button', { value: '', 'data-testid': 'reset-no' }, t('cancel')))));
    dialog.addEventListener('close', () => {
      if (dialog.returnValue === 'yes') this.reset();
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  async reset() {
    try {
      const { epoch } = await control('POST', 'reset', {});
      toast(t('file.reset_done', { n: epoch }));
    } catch (fault) {
      complain(fault);
    }
  }

  async seed() {
    const [file] = this.file.files ?? [];
    if (!file) return;
    try {
      await control('POST', 'seed', await file.text());
      toast(t('file.seed_done', { name: file.name.slice(0, 80) }));
    } catch (fault) {
      complain(fault);
    } finally {
      this.file.value = '';
    }
  }

  async snapshot() {
    try {
      const answer = await open('GET', 'state');
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const address = URL.createObjectURL(await answer.blob());
      const link = el('a', { href: address, download: 'imulator-state.json' });
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (fault) {
      complain(fault);
    }
  }
}
