// What was called and what happened, as far as the page keeps it: one record for each call, or for what happened by itself.

/** Most records that are kept. */
export const RECORDS_MAX = 5000;
/** Most characters of entries that are kept; the oldest go first. */
const CHARACTERS_MAX = 32 * 1024 * 1024;
/** How many more may be there before the oldest go. */
const HEAP = 250;

/**
 * @typedef {{
 *   key: string, call: number | null, seq: number, at: string, tenant: any, exchange: any,
 *   events: any[], deliveries: any[], size: number, seen: number,
 * }} Record_
 */

/** @typedef {{ family: string, id: string }} Tenant */

/**
 * Whose entry it is.
 * @param {any} tenant
 * @returns {Tenant | null}
 */
export function tenantOf(tenant) {
  const [pair] = Object.entries(tenant ?? {});
  return pair ? { family: pair[0], id: String(pair[1]) } : null;
}

/**
 * The code in a reply: Tencent's ErrorCode, IMKIT's RC, or the bare status.
 * @param {any} reply
 * @returns {number | null}
 */
export function codeOf(reply) {
  if (!reply) return null;
  const body = reply.body;
  if (body && typeof body === 'object') {
    const code = body.ErrorCode ?? body.RC;
    if (typeof code === 'number') return code;
  }
  if (typeof body === 'string') {
    const found = /"(?:ErrorCode|RC)"\s*:\s*(\d+)/.exec(body);
    if (found) return Number(found[1]);
  }
  return reply.status < 400 ? 0 : reply.status;
}

/**
 * How a record ended.
 * @param {Record_} record
 * @returns {'ok' | 'refused' | 'fault' | 'lost' | 'event'}
 */
export function outcomeOf(record) {
  if (!record.exchange) return 'event';
  if (record.exchange.fault) return 'fault';
  if (!record.exchange.reply) return 'lost';
  return codeOf(record.exchange.reply) === 0 ? 'ok' : 'refused';
}

export class Journal {
  constructor() {
    /** Oldest first. @type {Record_[]} */
    this.records = [];
    /** @type {Map<number, Record_>} */
    this.byCall = new Map();
    /** @type {Map<number, Record_>} */
    this.byEvent = new Map();
    this.size = 0;
    this.epoch = 0;
    /** Records that went because there were too many, and entries that were gone before they were read. */
    this.dropped = 0;
  }

  clear() {
    this.records = [];
    this.byCall.clear();
    this.byEvent.clear();
    this.size = 0;
    this.dropped = 0;
  }

  /**
   * Takes an entry.
   * @param {any} entry
   * @param {number} size characters
   * @param {number} seen when it came, or when it happened; 0 where that cannot be told
   */
  add(entry, size, seen) {
    if (entry.epoch > this.epoch && this.epoch) this.clear();
    this.epoch = Math.max(this.epoch, entry.epoch);
    const record = this.recordOf(entry, seen);
    record.size += size;
    this.size += size;
    if (entry.kind === 'exchange') {
      record.exchange = entry;
      record.tenant = entry.tenant;
      record.seen = seen;
    } else if (entry.kind === 'event') {
      record.events.push(entry);
      this.byEvent.set(entry.seq, record);
    } else {
      record.deliveries.push(entry);
    }
    this.bound();
  }

  /** @param {any} entry @param {number} seen @returns {Record_} */
  recordOf(entry, seen) {
    const known = entry.kind === 'delivery' ? this.byEvent.get(entry.cause) : this.byCall.get(entry.call);
    if (known) return known;
    const call = entry.call ?? null;
    const key = call === null ? `e${entry.seq}` : `c${call}`;
    const record = { key, call, seq: entry.seq, at: entry.at, tenant: entry.tenant, exchange: null, events: [],
      deliveries: [], size: 0, seen };
    this.records.push(record);
    if (call !== null) this.byCall.set(call, record);
    return record;
  }

  bound() {
    // Taken away in heaps: to shift an array for each entry would cost its whole length.
    if (this.records.length <= RECORDS_MAX + HEAP && this.size <= CHARACTERS_MAX) return;
    let gone = Math.max(0, this.records.length - RECORDS_MAX);
    let left = this.size - this.records.slice(0, gone).reduce((sum, record) => sum + record.size, 0);
    while (left > CHARACTERS_MAX && gone < this.records.length - 1) {
      left -= this.records[gone].size;
      gone += 1;
    }
    for (const record of this.records.splice(0, gone)) {
      if (record.call !== null) this.byCall.delete(record.call);
      record.events.forEach((event) => this.byEvent.delete(event.seq));
    }
    this.size = left;
    this.dropped += gone;
  }
}
