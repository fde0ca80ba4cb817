import { badKey, storeKeyOf } from '../../src/adapters/store-key.js';
import {
  type Clock,
  type Durability,
  releaseBytes,
  type Store,
  type StoreChange,
  StoreError,
  type StoreFailure,
  type StoreRange,
} from '../../src/ports/index.js';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** What a commit waits for, see {@link MemoryStore}. Default `process`. */
  readonly durability?: Durability;
  /** From the asking to the commit, in milliseconds. Default null: the next microtask. */
  readonly commitDelayMs?: number | null;
  /** From the commit to the flush, in milliseconds. Default null: both at once. */
  readonly flushDelayMs?: number | null;
  /** See {@link MemoryStore.maxBytes}. Default: no limit. */
  readonly maxBytes?: number;
}

/** What ended the old store: the process was killed, or the machine lost its power. */
export type Crash = 'process' | 'power';

type Table = ReadonlyMap<string, Uint8Array>;
type Tables = ReadonlyMap<string, Table>;

interface Asked {
  readonly changes: readonly StoreChange[];
  readonly isRelease: boolean;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * A Store in memory, for tests on a virtual clock. It behaves as the one on the disk does:
 *
 * - One group of commits is under way at a time; what is asked meanwhile makes up the next group.
 * - A commit is seen by reads, and outlives a killed process, `commitDelayMs` after its group began; it outlives a power
 *   cut `flushDelayMs` later. Durability `process` resolves it at the former instant, `power` at the latter. So with
 *   `power` a commit that was never resolved may be there after a crash, and with `process` one that was resolved may be
 *   gone after a power cut.
 * - Failures are told in the order of the commits, at the instant at which they would have been committed.
 */
export class MemoryStore implements Store {
  readonly durability: Durability;
  /** May be set at any time, for the groups that begin later. */
  commitDelayMs: number | null;
  flushDelayMs: number | null;
  /**
   * Keys and values together. A commit that would pass it is refused as `disk_full`, unless it adds no entries or makes
   * the store smaller; releases may use {@link releaseBytes} more. May be set at any time.
   */
  maxBytes: number;
  /** Commits that resolved, and that were refused, so far. */
  resolvedCount = 0;
  refusedCount = 0;

  readonly #clock: Clock;
  /** Never changed in place, so that iterations and crashes may keep what they saw. */
  #committed: Tables;
  #flushed: Tables;
  #queue: Asked[] = [];
  #unsettled = 0;
  readonly #failures: StoreFailure[] = [];
  #isBusy = false;
  #isHanging = false;
  #isClosed = false;
  #isCrashed = false;
  #onIdle: (() => void)[] = [];

  constructor(options: MemoryStoreOptions, tables: Tables = new Map(), flushed = tables) {
    this.#clock = options.clock;
    this.durability = options.durability ?? 'process';
    this.commitDelayMs = options.commitDelayMs ?? null;
    this.flushDelayMs = options.flushDelayMs ?? null;
    this.maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#committed = tables;
    this.#flushed = flushed;
  }

  get(table: string, key: string): Uint8Array | null {
    this.#refuseIfClosed();
    return this.#committed.get(table)?.get(key)?.slice() ?? null;
  }

  range(table: string, { from, below, limit, isReversed = false }: StoreRange = {}) {
    this.#refuseIfClosed();
    const bytesOf = (text: string) => Buffer.from(text, 'utf8');
    const isWithin = (key: Buffer) =>
      (from === undefined || Buffer.compare(key, bytesOf(from)) >= 0) &&
      (below === undefined || Buffer.compare(key, bytesOf(below)) < 0);
    const entries = [...(this.#committed.get(table) ?? [])]
      .map(([key, value]) => ({ key, bytes: bytesOf(key), value }))
      .filter(({ bytes }) => isWithin(bytes))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    if (isReversed) entries.reverse();
    return entries.slice(0, limit).map(({ key, value }) => [key, value.slice()] as const);
  }

  count(table: string): number {
    this.#refuseIfClosed();
    return this.#committed.get(table)?.size ?? 0;
  }

  commit(changes: readonly StoreChange[], isRelease = false): Promise<void> {
    // Nothing a dead process waits for ever comes.
    if (this.#isCrashed) return new Promise(() => {});
    if (this.#isClosed) return Promise.reject(closed());
    const bad = changes.find(({ key }) => storeKeyOf(key) === null);
    if (bad !== undefined) return Promise.reject(badKey(bad.table, bad.key));
    const copy = changes.map((change) => ({ ...change, value: change.value?.slice() ?? null }));
    return new Promise((resolve, reject) => {
      this.#unsettled += 1;
      this.#queue.push({ changes: copy, isRelease, resolve, reject });
      this.#begin();
    });
  }

  sizeBytes(): number {
    this.#refuseIfClosed();
    return bytesIn(this.#committed);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#unsettled > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    this.#flushed = this.#committed;
  }

  /** Commits that were asked for and have not settled. */
  get pending(): number {
    return this.#unsettled;
  }

  /** Refuses the next `count` commits, in the order in which they were asked for. Calls add up. */
  failNext(count: number, failure: StoreFailure = 'failed'): void {
    for (let n = 0; n < count; n++) this.#failures.push(failure);
  }

  /** From now on no group begins, until {@link resume}. One that is under way still ends. */
  hang(): void {
    this.#isHanging = true;
  }

  resume(): void {
    this.#isHanging = false;
    this.#begin();
  }

  /**
   * Ends the process, or the whole machine, that uses this store. What it still asks of this store never settles.
   * @returns The store as the next process finds it; the options may be given anew.
   */
  crash(how: Crash = 'process', options: Partial<MemoryStoreOptions> = {}): MemoryStore {
    this.#isCrashed = true;
    const { durability, commitDelayMs, flushDelayMs, maxBytes } = this;
    const now = { clock: this.#clock, durability, commitDelayMs, flushDelayMs, maxBytes };
    return new MemoryStore({ ...now, ...options }, how === 'power' ? this.#flushed : this.#committed, this.#flushed);
  }

  #begin(): void {
    if (this.#isBusy || this.#isHanging || this.#isCrashed || this.#queue.length === 0) return;
    this.#isBusy = true;
    // Whatever is asked until then shares the commit, as it would share the transaction on the disk.
    this.#after(this.commitDelayMs, () => {
      const group = this.#queue;
      this.#queue = [];
      const done = group.filter((asked) => this.#apply(asked));
      const tables = this.#committed;
      const flush = () => {
        this.#flushed = tables;
      };
      if (this.durability === 'process') {
        this.#after(this.flushDelayMs, flush, true);
        this.#finish(done);
      } else {
        this.#after(
          this.flushDelayMs,
          () => {
            flush();
            this.#finish(done);
          },
          true,
        );
      }
    });
  }

  #apply({ changes, isRelease, reject }: Asked): boolean {
    const failure = this.#failures.shift();
    const next = failure === undefined ? changed(this.#committed, changes) : this.#committed;
    const added = entriesIn(next) - entriesIn(this.#committed);
    const bytes = bytesIn(next);
    const limitBytes = isRelease ? this.maxBytes + releaseBytes(this.maxBytes) : this.maxBytes;
    const isFull = bytes > limitBytes && added > 0 && bytes > bytesIn(this.#committed);
    const refused = failure ?? (isFull ? 'disk_full' : null);
    if (refused === null) {
      this.#committed = next;
      return true;
    }
    this.#settle(() => reject(new StoreError(refused, `The store in memory refused the commit: ${refused}`)));
    this.refusedCount += 1;
    return false;
  }

  #finish(done: readonly Asked[]): void {
    for (const { resolve } of done) {
      this.resolvedCount += 1;
      this.#settle(resolve);
    }
    this.#isBusy = false;
    this.#begin();
  }

  #settle(tell: () => void): void {
    this.#unsettled -= 1;
    tell();
    if (this.#unsettled > 0) return;
    for (const wake of this.#onIdle.splice(0)) wake();
  }

  #after(delayMs: number | null, act: () => void, isAtOnce = false): void {
    const unlessCrashed = () => {
      if (!this.#isCrashed) act();
    };
    if (delayMs !== null) this.#clock.timer(delayMs, unlessCrashed);
    else if (isAtOnce) act();
    else queueMicrotask(unlessCrashed);
  }

  #refuseIfClosed(): void {
    if (this.#isClosed && !this.#isCrashed) throw closed();
  }
}

function changed(tables: Tables, changes: readonly StoreChange[]): Tables {
  const next = new Map<string, Map<string, Uint8Array>>();
  for (const { table, key, value } of changes) {
    const entries = next.get(table) ?? new Map(tables.get(table));
    next.set(table, entries);
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
  return new Map([...tables, ...next]);
}

function entriesIn(tables: Tables): number {
  return [...tables.values()].reduce((sum, table) => sum + table.size, 0);
}

function bytesIn(tables: Tables): number {
  let bytes = 0;
  for (const table of tables.values()) {
    for (const [key, value] of table) bytes += Buffer.byteLength(key) + value.length;
  }
  return bytes;
}

function closed(): StoreError {
  return new StoreError('closed', 'The store in memory was closed');
}
