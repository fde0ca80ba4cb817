import type { Store, StoreChange } from '../ports/index.js';
import { Change } from './change.js';
import { numberKey, numberOfKey, textKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';

/** Expired keys looked at in one sweep: a few milliseconds of work. */
const SWEEP_MAX = 2_000;
/** Keys that share a row of expiries. Longer rows would need pages of their own, and make one step of a sweep a long one. */
const ROW_MAX = 32;

/** What a sweep removes. */
export interface Sweep {
  readonly changes: readonly StoreChange[];
  /** Whether there is more of it than one sweep may do. */
  readonly isPartial: boolean;
}

/**
 * Recognises events that were finished, over restarts. Two tables: a key leads to the row of its expiry, whose key
 * begins with the time of remembering, so that a sweep reads only what is due. Keys that are written together share a row.
 * `at` is journal time throughout.
 */
export class DurableDeduplication {
  readonly #store: Store;
  readonly #retentionMs: number;
  /** Keys on their way to the store: known from the moment they are asked for. */
  readonly #coming = new Map<string, number>();
  #count = 0;

  constructor(store: Store, retentionMs: number) {
    this.#store = store;
    this.#retentionMs = retentionMs;
  }

  /** Keys in the store, expired ones that no sweep has reached yet included. */
  get size(): number {
    return this.#store.count(TABLES.remembered);
  }

  /** The latest time at which anything was remembered, 0 if nothing is. */
  latestAt(): number {
    for (const [key] of this.#store.range(TABLES.expiries, { limit: 1, isReversed: true }))
      return numberOfKey(key) || 0;
    return 0;
  }

  knows(key: string, at: number): boolean {
    const stored = textKey(key);
    if (this.#coming.has(stored)) return true;
    const row = this.#store.get(TABLES.remembered, stored);
    // A row that cannot be read is no reason to handle an event twice.
    return row !== null && !(at - numberOfKey(textOf(row)) > this.#retentionMs);
  }

  /** From now on these are known. They are to be in {@link rowsOf} some commit, and {@link arrived} once that is there. */
  expect(keys: readonly string[]): readonly string[] {
    const stored = keys.map(textKey);
    for (const key of stored) this.#coming.set(key, (this.#coming.get(key) ?? 0) + 1);
    return stored;
  }

  /** What makes all of these known, as {@link expect} gave them. */
  rowsOf(stored: readonly string[], at: number): StoreChange[] {
    const changes: StoreChange[] = [];
    for (let from = 0; from < stored.length; from += ROW_MAX) {
      const keys = stored.slice(from, from + ROW_MAX);
      this.#count += 1;
      const row = `${numberKey(at)}.${this.#count}`;
      const value = Buffer.from(row);
      for (const key of keys) changes.push(new Change(TABLES.remembered, key, value));
      changes.push(new Change(TABLES.expiries, row, Buffer.from(JSON.stringify(keys))));
    }
    return changes;
  }

  arrived(stored: readonly string[]): void {
    for (const key of stored) this.#hasCome(key);
  }

  /** What is due at `at`, some of it. */
  sweep(at: number): Sweep {
    const below = numberKey(Math.max(0, at - this.#retentionMs));
    const changes: StoreChange[] = [];
    let looked = 0;
    for (const [row, value] of this.#store.range(TABLES.expiries, { below })) {
      if (looked >= SWEEP_MAX) return { changes, isPartial: true };
      changes.push({ table: TABLES.expiries, key: row, value: null });
      const keys = keysOf(value);
      looked += 1 + keys.length;
      for (const key of keys) {
        if (this.#isStill(key, row)) changes.push({ table: TABLES.remembered, key, value: null });
      }
    }
    return { changes, isPartial: false };
  }

  /** A key may have been remembered anew since this row was written; then it belongs to a later one. */
  #isStill(key: string, row: string): boolean {
    if (this.#coming.has(key)) return false;
    const found = this.#store.get(TABLES.remembered, key);
    return found !== null && textOf(found) === row;
  }

  #hasCome(key: string): void {
    const count = this.#coming.get(key) ?? 0;
    if (count > 1) this.#coming.set(key, count - 1);
    else this.#coming.delete(key);
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** The keys in a row of expiries; none if it is damaged, and then its keys stay, which forgets nothing early. */
function keysOf(value: Uint8Array): readonly string[] {
  try {
    const keys: unknown = JSON.parse(textOf(value));
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string' && key !== '') : [];
  } catch {
    return [];
  }
}
