import type { StoreChange } from '../ports/index.js';
import { badKey, storeKeyOf } from './store-key.js';
import { sealed } from './store-seal.js';

/** LMDB's own share of an entry, and the size from which it gives a value pages of its own. */
const ENTRY_BYTES = 10;
const BIG_VALUE_BYTES = 2_000;
const PAGE_BYTES = 4_096;

/**
 * A change as LMDB takes it: its key in bytes, its value sealed. A class, for thousands of them live for as long as a group,
 * which a literal would have V8 make in the old generation.
 */
export class Write {
  readonly table: string;
  readonly key: Buffer;
  readonly value: Buffer | null;

  constructor(table: string, key: Buffer, value: Buffer | null) {
    this.table = table;
    this.key = key;
    this.value = value;
  }
}

/** @throws StoreError for a key that no table takes. */
export function writeOf({ table, key, value }: StoreChange): Write {
  const bytes = storeKeyOf(key);
  if (bytes === null) throw badKey(table, key);
  return new Write(table, bytes, value === null ? null : sealed(bytes, value));
}

/** What it adds to the pages at most. */
export function footprintOf({ key, value }: Write): number {
  return value === null ? 0 : entryBytes(key.length, value.length);
}

/** What an entry takes of the pages. */
export function entryBytes(keyBytes: number, valueBytes: number): number {
  if (keyBytes + valueBytes < BIG_VALUE_BYTES) return ENTRY_BYTES + keyBytes + valueBytes;
  return ENTRY_BYTES + keyBytes + Math.ceil((valueBytes + 24) / PAGE_BYTES) * PAGE_BYTES;
}
