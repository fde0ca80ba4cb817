import type { LmdbTables } from './lmdb-tables.js';
import { SEAL_BYTES } from './store-seal.js';
import { entryBytes, footprintOf, type Write } from './store-write.js';

/** How full a store gets, commit after commit, before they are written. */
export class Fill {
  readonly #tables: LmdbTables;
  /** Bytes of the values as they will be after the commits that were admitted; null: none. */
  readonly #values = new Map<string, number | null>();
  #used: number;

  constructor(tables: LmdbTables, used: number) {
    this.#tables = tables;
    this.#used = used;
  }

  /** Whether these fit as well; then they count from now on. What adds no entry, or makes the store no larger, always fits. */
  admit(writes: readonly Write[], maxBytes: number): boolean {
    const before = new Map<string, number | null>();
    let growth = 0;
    let added = 0;
    for (const write of writes) {
      const { table, key, value } = write;
      const id = `${table}\0${key.toString('latin1')}`;
      const old = this.#bytesOf(id, table, key);
      if (!before.has(id)) before.set(id, old);
      this.#values.set(id, value?.length ?? null);
      growth += footprintOf(write) - (old === null ? 0 : entryBytes(key.length, old));
      added += (value === null ? 0 : 1) - (old === null ? 0 : 1);
    }
    const isFitting = this.#used + growth <= maxBytes || growth <= 0 || added <= 0;
    if (isFitting) this.#used += growth;
    else for (const [id, bytes] of before) this.#values.set(id, bytes);
    return isFitting;
  }

  #bytesOf(id: string, table: string, key: Buffer): number | null {
    const known = this.#values.get(id);
    if (known !== undefined) return known;
    const value = this.#tables.get(table, key.toString('utf8'));
    return value === null ? null : value.length + SEAL_BYTES;
  }
}
