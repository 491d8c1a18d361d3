// The journal's stream: read with fetch, since an EventSource cannot send the token; resumed where it broke.
import { Refused, control, open } from './control.js';

const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 8000;
/** The emulator says something at least every 15 seconds; a stream that is silent for longer than this is lost. */
const SILENCE_MS = 40_000;
/** How much of what is past is asked for at the start. */
const BACKLOG = 5000;

/**
 * @typedef {{
 *   entry: (entry: any, bytes: number, live: boolean) => void,
 *   dropped: (count: number) => void,
 *   restarted: () => void,
 *   refused: (fault: unknown) => void,
 *   state: (state: 'connecting' | 'live' | 'lost', seconds?: number) => void,
 * }} Listener
 */

export class Stream {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.last = 0;
    /** The time of the entry `last`, by which another journal under the same numbers is known. */
    this.at = '';
    /** Where the past ends: entries up to here were there before us. */
    this.past = 0;
    this.started = false;
    this.wake = () => {};
    window.addEventListener('online', () => this.wake());
  }

  /** Tries at once, where it waits. */
  retry() {
    this.wake();
  }

  /** Reads until the page is closed. */
  async run() {
    let wait = WAIT_FIRST_MS;
    for (;;) {
      try {
        await this.resume();
        wait = WAIT_FIRST_MS;
        await this.read(() => { wait = WAIT_FIRST_MS; });
      } catch (fault) {
        // Whatever broke it, it is tried again; a refusal is said, since waiting alone does not mend it.
        if (fault instanceof Refused && fault.status) this.listener.refused(fault);
      }
      await this.pause(wait);
      wait = Math.min(wait * 2, WAIT_MAX_MS);
    }
  }

  /** Finds out where to go on: after the last entry we have, or from the start of another journal. */
  async resume() {
    const { last } = await control('GET', 'journal?limit=0');
    if (!this.started) {
      this.last = Math.max(0, last - BACKLOG);
      this.past = last;
      this.started = true;
      return;
    }
    if (this.last === 0) return;
    const { entries } = await control('GET', `journal?after=${this.last - 1}&limit=1`);
    const same = entries[0]?.seq !== this.last || entries[0]?.at === this.at;
    if (last >= this.last && same) return;
    this.listener.restarted();
    this.last = 0;
    this.past = last;
  }

  /** @param {() => void} alive */
  async read(alive) {
    const abort = new AbortController();
    let guard = window.setTimeout(() => abort.abort(), SILENCE_MS);
    try {
      const headers = { 'Last-Event-ID': String(this.last) };
      const answer = await open('GET', 'stream', { signal: abort.signal, headers });
      if (!answer.ok || !answer.body) throw new Refused(answer.status, `HTTP ${answer.status}`);
      this.listener.state('live');
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        clearTimeout(guard);
        guard = window.setTimeout(() => abort.abort(), SILENCE_MS);
        const pieces = (rest + value).split('\n\n');
        rest = pieces.pop() ?? '';
        pieces.forEach((piece) => this.take(piece));
      }
    } finally {
      clearTimeout(guard);
      abort.abort();
    }
  }

  /** @param {string} piece */
  take(piece) {
    let kind = 'message';
    let data = '';
    for (const line of piece.split('\n')) {
      if (line.startsWith('event: ')) kind = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
    }
    if (!data) return;
    const value = JSON.parse(data);
    if (kind === 'dropped') {
      this.listener.dropped(value.dropped);
      return;
    }
    this.last = value.seq;
    this.at = value.at;
    this.listener.entry(value, data.length, value.seq > this.past);
  }

  /** Waits, telling how long; ends early where somebody asks. @param {number} ms */
  pause(ms) {
    return new Promise((done) => {
      const until = Date.now() + ms;
      const tell = () => this.listener.state('lost', Math.max(1, Math.ceil((until - Date.now()) / 1000)));
      const ticks = window.setInterval(tell, 1000);
      const end = () => {
        clearInterval(ticks);
        clearTimeout(timer);
        this.wake = () => {};
        this.listener.state('connecting');
        done(undefined);
      };
      const timer = window.setTimeout(end, ms);
      this.wake = end;
      tell();
    });
  }
}
