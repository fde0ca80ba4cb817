import type { Clock, Store, StoreChange, StoreRange } from '../../src/ports/index.js';

/**
 * A Store for long runs: changed in place, without failures or crashes, each commit durable after a while. Keys must come
 * in their order, as all of the journal's that are ranged over do.
 */
export class PlainStore implements Store {
  readonly #clock: Clock;
  readonly #commitMs: () => number;
  readonly #tables = new Map<string, Map<string, Uint8Array>>();

  constructor(clock: Clock, commitMs: () => number) {
    this.#clock = clock;
    this.#commitMs = commitMs;
  }

  get(table: string, key: string): Uint8Array | null {
    return this.#table(table).get(key) ?? null;
  }

  *range(table: string, { from, below, limit = Number.POSITIVE_INFINITY, isReversed = false }: StoreRange = {}) {
    const all = this.#table(table);
    let count = 0;
    for (const entry of isReversed ? [...all].reverse() : all) {
      if (from !== undefined && entry[0] < from) continue;
      if (count >= limit || (below !== undefined && entry[0] >= below)) return;
      count += 1;
      yield entry;
    }
  }

  count(table: string): number {
    return this.#table(table).size;
  }

  commit(changes: readonly StoreChange[]): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.timer(this.#commitMs(), () => {
        for (const { table, key, value } of changes) {
          if (value === null) this.#table(table).delete(key);
          else this.#table(table).set(key, value);
        }
        resolve();
      });
    });
  }

  sizeBytes(): number {
    let bytes = 0;
    for (const table of this.#tables.values()) bytes += table.size * 100;
    return bytes;
  }

  async close(): Promise<void> {}

  #table(name: string): Map<string, Uint8Array> {
    const table = this.#tables.get(name) ?? new Map<string, Uint8Array>();
    this.#tables.set(name, table);
    return table;
  }
}
