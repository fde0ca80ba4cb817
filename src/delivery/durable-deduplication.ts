import type { Store, StoreChange } from '../ports/index.js';
import { Change } from './change.js';
import { FingerprintTable } from './fingerprint-table.js';
import type { Ids } from './ids.js';
import { numberKey, numberOfKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';

/** Ids forgotten in one sweep, more or less: a few milliseconds of work. */
const SWEEP_MAX = 20_000;
/** Where there are more of them than may be: what comes between two sweeps is never as many. */
const SWEEP_MAX_IN_EXCESS = 200_000;

/**
 * New rows looked at in one sweep, to make few of many, and how far apart in milliseconds those may be: an id is kept for
 * as much longer. Of what comes alone each row has one id or two, which takes three times the disk, and time at a start.
 * They go to a table of their own, since pages from which most was removed stay what they are.
 */
const SETTLE_MAX = 2_000;
const SETTLE_SPAN_MS = 600_000;

/**
 * Ids at most: a third of a gigabyte of memory. Where more would be known within the retention (a hundred messages a
 * second for a whole day), the oldest make room.
 */
const REMEMBERED_MAX = 16_777_216;

/** The first byte of a row; eight bytes an id follow. */
const VERSION = 1;
const ID_BYTES = 8;
/** In the order of time, one behind the other. */
const ROWS = [TABLES.ids, TABLES.newIds] as const;

/** Four rows of this length fill a page, as good as exactly. */
const ROW_IDS_MAX = 120;

/** What a sweep removes, and writes anew. */
export interface Sweep {
  readonly changes: readonly StoreChange[];
  /** Whether there is more of it than one sweep may do. */
  readonly isPartial: boolean;
}

/** A row that cannot be read. */
export interface DamagedRow {
  readonly table: string;
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly why: string;
}

/**
 * Recognises events that were finished, over restarts. What one commit makes known is a row or two in the store, as
 * fingerprints, under a key that begins with the time: a sweep removes whole rows from the front. All of them are in
 * memory as well, from {@link load} on, so that nobody has to ask the disk whether an event is news. `at` is journal time
 * throughout. An id is known for up to a second longer than the retention, after a restart for some minutes, and never for
 * less while there is room.
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
    const ends = ROWS.flatMap((table) => [...this.#store.range(table, { limit: 1, isReversed: true })]);
    return Math.max(0, ...ends.map(([key]) => numberOfKey(key) || 0));
  }

  /** Reads what earlier processes left. @returns What cannot be read. */
  load(): readonly DamagedRow[] {
    const damaged: DamagedRow[] = [];
    for (const table of ROWS) {
      for (const [key, bytes] of this.#store.range(table)) {
        const at = numberOfKey(key);
        const ids = idsIn(bytes);
        if (ids !== null && !Number.isNaN(at)) this.remember(ids, at);
        else damaged.push({ table, key, bytes, why: ids === null ? 'it is no row of ids' : 'its key is no time' });
      }
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
      changes.push(new Change(TABLES.newIds, `${numberKey(at)}.${this.#rowCount}`, row));
    }
    return changes;
  }

  /** Forgets what is due at `at`, or makes room, and puts new ids where they stay; some of it. */
  sweep(at: number): Sweep {
    // A second more, for what was remembered in the same second as the last of a row.
    const below = numberKey(Math.max(0, at - this.#retentionMs - 1_000));
    const changes: StoreChange[] = [];
    const excess = Math.max(0, this.#seconds.size - this.#idsMax);
    const max = Math.min(SWEEP_MAX + excess, SWEEP_MAX_IN_EXCESS);
    let looked = 0;
    for (const [key, bytes] of this.#store.range(TABLES.ids)) {
      if (key >= below && this.#seconds.size <= this.#idsMax) break;
      if (looked >= max) return { changes, isPartial: true };
      changes.push(new Change(TABLES.ids, key, null));
      const ids = idsIn(bytes) ?? [];
      looked += 1 + ids.length / 2;
      this.#forget(ids, secondOf(numberOfKey(key)));
    }
    return { changes, isPartial: this.#settle(at, changes) };
  }

  /** New rows that follow each other closely become one, under the last one's key. @returns Whether there are more. */
  #settle(at: number, changes: StoreChange[]): boolean {
    let looked = 0;
    let group: Row[] = [];
    for (const [key, bytes] of this.#store.range(TABLES.newIds, { limit: SETTLE_MAX })) {
      looked += 1;
      const row = { key, ids: idsIn(bytes) ?? [] };
      if (!isOneWith(group, row)) {
        for (const change of settlementOf(group)) changes.push(change);
        group = [];
      }
      group.push(row);
    }
    // The last of them wait for those to come, for so long.
    const [first] = group;
    if (first !== undefined && at - numberOfKey(first.key) > SETTLE_SPAN_MS) {
      for (const change of settlementOf(group)) changes.push(change);
    }
    return looked === SETTLE_MAX;
  }

  /** One that was remembered anew since then belongs to a later row. */
  #forget(ids: Ids, second: number): void {
    for (let index = 0; index < ids.length; index += 2) {
      const [low, high] = [ids[index] ?? 0, ids[index + 1] ?? 0];
      if (this.#seconds.get(low, high) <= second) this.#seconds.delete(low, high);
    }
  }
}

interface Row {
  readonly key: string;
  readonly ids: Ids;
}

/** Whether this row may be one with those before it. */
function isOneWith(group: readonly Row[], { key, ids }: Row): boolean {
  const [first] = group;
  if (first === undefined) return true;
  const count = group.reduce((sum, row) => sum + row.ids.length, ids.length) / 2;
  return count <= ROW_IDS_MAX && numberOfKey(key) - numberOfKey(first.key) <= SETTLE_SPAN_MS;
}

function settlementOf(group: readonly Row[]): StoreChange[] {
  const key = group.at(-1)?.key;
  if (key === undefined) return [];
  const removals = group.map((row) => new Change(TABLES.newIds, row.key, null));
  return [...removals, new Change(TABLES.ids, key, encodeIds(group.flatMap(({ ids }) => ids)))];
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
