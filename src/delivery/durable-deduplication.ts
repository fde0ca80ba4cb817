import type { Store, StoreChange } from '../ports/index.js';
import { Change } from './change.js';
import { FingerprintTable } from './fingerprint-table.js';
import type { Ids } from './ids.js';
import { numberKey, numberOfKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';

/** Ids forgotten in one sweep, more or less: a few milliseconds of work. */
const SWEEP_MAX = 20_000;

/**
 * Ids at most: a third of a gigabyte of memory. Where more would be known within the retention (a hundred messages a
 * second for a whole day), the oldest make room.
 */
const REMEMBERED_MAX = 16_777_216;

/** The first byte of a row; eight bytes an id follow. */
const VERSION = 1;
const ID_BYTES = 8;
/** Four rows of this length fill a page, as good as exactly. */
const ROW_IDS_MAX = 120;

/** What a sweep removes. */
export interface Sweep {
  readonly changes: readonly StoreChange[];
  /** Whether there is more of it than one sweep may do. */
  readonly isPartial: boolean;
}

/** A row that cannot be read. */
export interface DamagedRow {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly why: string;
}

/**
 * Recognises events that were finished, over restarts. What one commit makes known is a row or two in the store, as
 * fingerprints, under a key that begins with the time: a sweep removes whole rows from the front. All of them are in
 * memory as well, from {@link load} on, so that nobody has to ask the disk whether an event is news. `at` is journal time
 * throughout. An id is known for up to a second longer than the retention, and never for less while there is room.
 */
export class DurableDeduplication {
  readonly #store: Store;
  readonly #retentionMs: number;
  readonly #idsMax: number;
  /** When each was remembered last, see {@link secondOf}. */
  readonly #seconds = new FingerprintTable();
  #rowCount = 0;

  constructor(store: Store, retentionMs: number, idsMax = REMEMBERED_MAX) {
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.#idsMax = idsMax;
  }

  /** Ids in memory, expired ones that no sweep has reached yet included. */
  get size(): number {
    return this.#seconds.size;
  }

  /** The latest time at which anything was remembered, 0 if nothing is. */
  latestAt(): number {
    for (const [key] of this.#store.range(TABLES.ids, { limit: 1, isReversed: true })) return numberOfKey(key) || 0;
    return 0;
  }

  /** Reads what earlier processes left. @returns What cannot be read. */
  load(): readonly DamagedRow[] {
    const damaged: DamagedRow[] = [];
    for (const [key, bytes] of this.#store.range(TABLES.ids)) {
      const at = numberOfKey(key);
      const ids = idsIn(bytes);
      if (ids !== null && !Number.isNaN(at)) this.remember(ids, at);
      else damaged.push({ key, bytes, why: ids === null ? 'it is no row of ids' : 'its key is no time' });
    }
    return damaged;
  }

  /** Whether any of these is known. */
  knows(ids: Ids, at: number): boolean {
    for (let index = 0; index < ids.length; index += 2) {
      const second = this.#seconds.get(ids[index] ?? 0, ids[index + 1] ?? 0);
      if (second !== 0 && at - second * 1_000 <= this.#retentionMs) return true;
    }
    return false;
  }

  /** From now on these are known. They are to be in {@link rowsOf} some commit. */
  remember(ids: Ids, at: number): void {
    const second = secondOf(at);
    for (let index = 0; index < ids.length; index += 2) this.#seconds.set(ids[index] ?? 0, ids[index + 1] ?? 0, second);
  }

  /** What makes all of these known to the next process. */
  rowsOf(ids: Ids, at: number): StoreChange[] {
    const changes: StoreChange[] = [];
    for (let from = 0; from < ids.length; from += 2 * ROW_IDS_MAX) {
      this.#rowCount += 1;
      const row = encodeIds(ids, from, Math.min(ids.length, from + 2 * ROW_IDS_MAX));
      changes.push(new Change(TABLES.ids, `${numberKey(at)}.${this.#rowCount}`, row));
    }
    return changes;
  }

  /** Forgets what is due at `at`, or makes room; some of it. */
  sweep(at: number): Sweep {
    // A second more, for what was remembered in the same second as the last of a row.
    const below = numberKey(Math.max(0, at - this.#retentionMs - 1_000));
    const changes: StoreChange[] = [];
    let looked = 0;
    for (const [key, bytes] of this.#store.range(TABLES.ids)) {
      if (key >= below && this.#seconds.size <= this.#idsMax) break;
      if (looked >= SWEEP_MAX) return { changes, isPartial: true };
      changes.push(new Change(TABLES.ids, key, null));
      const ids = idsIn(bytes) ?? [];
      looked += 1 + ids.length / 2;
      this.#forget(ids, secondOf(numberOfKey(key)));
    }
    return { changes, isPartial: false };
  }

  /** One that was remembered anew since then belongs to a later row. */
  #forget(ids: Ids, second: number): void {
    for (let index = 0; index < ids.length; index += 2) {
      const [low, high] = [ids[index] ?? 0, ids[index + 1] ?? 0];
      if (this.#seconds.get(low, high) <= second) this.#seconds.delete(low, high);
    }
  }
}

/** The second that begins after this millisecond: never 0, and never too early. */
function secondOf(at: number): number {
  return Math.floor(at / 1_000) + 1;
}

/** A row of these ids, `from` and `to` being places in the list. */
export function encodeIds(ids: Ids, from = 0, to = ids.length): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(1 + ((to - from) / 2) * ID_BYTES);
  bytes[0] = VERSION;
  for (let index = from; index < to; index += 1) bytes.writeInt32LE(ids[index] ?? 0, 1 + 4 * (index - from));
  return bytes;
}

/** Null for bytes that are no such row. */
function idsIn(row: Uint8Array): Ids | null {
  if (row[0] !== VERSION || (row.length - 1) % ID_BYTES !== 0) return null;
  const bytes = Buffer.from(row.buffer, row.byteOffset, row.byteLength);
  const ids: number[] = [];
  for (let at = 1; at < bytes.length; at += 4) ids.push(bytes.readInt32LE(at));
  return ids;
}
