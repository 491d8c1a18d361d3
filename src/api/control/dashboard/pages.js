// Pages of a long list, by offset: asked for as they are seen, one at a time, and again when something changed.

/** Items on a page. */
const PAGE = 100;
/** Pages that are kept; those farthest from what is seen go. */
const PAGES_MAX = 40;

/** @typedef {{ total: number, matched: number, items: any[] }} Answer */

export class Pages {
  /**
   * @param {(offset: number, limit: number, signal: AbortSignal) => Promise<Answer>} load
   * @param {() => void} changed called when there is something new to be seen
   * @param {(fault: unknown) => void} failed
   */
  constructor(load, changed, failed) {
    this.load = load;
    this.changed = changed;
    this.failed = failed;
    this.abort = new AbortController();
    /** @type {Map<number, { items: any[], fresh: boolean }>} */
    this.pages = new Map();
    this.count = 0;
    this.total = 0;
    /** Whether anything was answered yet. */
    this.known = false;
    this.first = 0;
    this.last = 1;
    this.running = false;
    this.broken = false;
  }

  /** Forgets everything, as another list is asked for. */
  reset() {
    this.abort.abort();
    this.abort = new AbortController();
    this.pages.clear();
    this.count = 0;
    this.total = 0;
    this.known = false;
    this.first = 0;
    this.last = 1;
    this.running = false;
    this.broken = false;
  }

  /** Asks again for what is seen; the old stays to be seen meanwhile. */
  refresh() {
    this.pages.forEach((page) => { page.fresh = false; });
    this.broken = false;
    this.run();
  }

  /** @param {number} index */
  get(index) {
    return this.pages.get(Math.floor(index / PAGE))?.items[index % PAGE];
  }

  /** @param {number} first @param {number} last */
  want(first, last) {
    this.first = first;
    this.last = Math.max(last, first + 1);
    this.run();
  }

  next() {
    const from = Math.floor(this.first / PAGE);
    const to = Math.floor((this.last - 1) / PAGE);
    for (let page = from; page <= to; page += 1) {
      if ((page === 0 || page * PAGE < this.count) && !this.pages.get(page)?.fresh) return page;
    }
    return -1;
  }

  async run() {
    if (this.running || this.broken) return;
    const { abort } = this;
    this.running = true;
    for (let page = this.next(); page >= 0 && !this.broken; page = this.next()) {
      try {
        // What is asked for while the answer is on its way has to be asked for again.
        const kept = { items: this.pages.get(page)?.items ?? [], fresh: true };
        this.pages.set(page, kept);
        const { total, matched, items } = await this.load(page * PAGE, PAGE, abort.signal);
        if (abort.signal.aborted) return;
        kept.items = items;
        this.total = total;
        this.count = matched;
        this.known = true;
        this.trim(page);
        this.changed();
      } catch (fault) {
        if (abort.signal.aborted) return;
        this.pages.delete(page);
        this.broken = true;
        this.failed(fault);
      }
    }
    this.running = false;
  }

  /** @param {number} near */
  trim(near) {
    const far = [...this.pages.keys()].sort((one, other) => Math.abs(other - near) - Math.abs(one - near));
    far.slice(0, Math.max(0, far.length - PAGES_MAX)).forEach((page) => this.pages.delete(page));
    this.pages.forEach((_, page) => { if (page > 0 && page * PAGE >= this.count) this.pages.delete(page); });
  }
}
