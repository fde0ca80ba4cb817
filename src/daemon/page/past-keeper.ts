import type { Clock, Store, StoreChange, Timer } from '../../ports/index.js';
import type { LastSign, Past, PastRows } from './past.js';

/** Where the rows stand in the journal's {@link Store}. */
export const PAST_TABLE = 'past';
const SIGN_KEY = 'sign';

/** So late a change is written, in milliseconds: what changes again meanwhile is written once. */
const SOON_MS = 5_000;
/** A sign of life is written so often, in milliseconds: that precisely the end of a killed process is known. */
const BEAT_MS = 60_000;
/** What a close waits for, in milliseconds: a disk that hangs has journal and process to end as well. */
const CLOSE_LIMIT_MS = 2_000;

export interface PastKeeperParts {
  readonly clock: Clock;
  readonly past: Past;
  /** It could not be read or written. Called once per trouble: a full disk would fill the log as well. */
  readonly failed: (error: unknown) => void;
}

/**
 * Carries a {@link Past} to and from the journal's store: a few rows whenever something changed, and a sign of life each
 * minute. It never throws and nobody waits for it: what cannot be written stays in memory and is tried with the next sign.
 */
export class PastKeeper {
  readonly #parts: PastKeeperParts;
  #store: Store | null = null;
  #isRestored = false;
  #isFailing = false;
  #soon: Timer | null = null;
  #beat: Timer | null = null;
  #isStopping = false;
  #isOwed = false;
  #writing: Promise<void> | null = null;

  constructor(parts: PastKeeperParts) {
    this.#parts = parts;
  }

  /** Takes up what an earlier process left, and writes from now on. */
  open(store: Store): void {
    this.#store = store;
    this.#isStopping = false;
    if (!this.#isRestored) {
      this.#isRestored = true;
      this.#restore(store);
    }
    // At once: a process that dies in its first minute is known to have been there.
    this.#write();
    this.#beatOn();
  }

  /** Something changed that is worth a write. */
  changed(): void {
    if (this.#store === null) return;
    this.#soon ??= this.#parts.clock.timer(SOON_MS, () => this.#write());
  }

  /** Writes the last sign. The store may be closed once this has resolved; it never rejects. */
  async close(): Promise<void> {
    if (this.#store === null) return;
    this.#beat?.cancel();
    this.#isStopping = true;
    this.#write();
    this.#store = null;
    await new Promise<void>((resolve) => {
      const limit = this.#parts.clock.timer(CLOSE_LIMIT_MS, resolve);
      void Promise.resolve(this.#writing).then(() => {
        limit.cancel();
        resolve();
      });
    });
  }

  #restore(store: Store): void {
    try {
      const rows = new Map([...store.range(PAST_TABLE)].map(([key, bytes]) => [key, parsed(bytes)]));
      const sign = readSign(rows.get(SIGN_KEY));
      rows.delete(SIGN_KEY);
      this.#parts.past.restore(rows, sign);
    } catch (error) {
      this.#tell(error);
    }
  }

  #beatOn(): void {
    this.#beat = this.#parts.clock.timer(BEAT_MS, () => {
      this.#write();
      this.#beatOn();
    });
  }

  /** One commit at a time, so that no older row overtakes a younger one; what is asked meanwhile is one more. */
  #write(): void {
    this.#soon?.cancel();
    this.#soon = null;
    const store = this.#store;
    if (store === null) return;
    this.#isOwed = true;
    this.#writing ??= this.#commitAll(store).finally(() => {
      this.#writing = null;
    });
  }

  async #commitAll(store: Store): Promise<void> {
    while (this.#isOwed) {
      this.#isOwed = false;
      await this.#commit(store);
    }
  }

  async #commit(store: Store): Promise<void> {
    const { clock, past } = this.#parts;
    const changes = past.takeChanges();
    const sign: LastSign = { at: clock.wallNow(), isStop: this.#isStopping };
    try {
      await store.commit(changesOf(new Map([...changes, [SIGN_KEY, sign]])));
      this.#isFailing = false;
    } catch (error) {
      past.putBack(changes);
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#parts.failed(error);
  }
}

/** The same store, which a keeper uses until it is closed. */
export function keptIn(store: Store, keeper: PastKeeper): Store {
  keeper.open(store);
  return {
    get: (table, key) => store.get(table, key),
    range: (table, span) => store.range(table, span),
    count: (table) => store.count(table),
    commit: (changes, isRelease) => store.commit(changes, isRelease),
    sizeBytes: () => store.sizeBytes(),
    close: async () => {
      await keeper.close();
      await store.close();
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function changesOf(rows: PastRows): StoreChange[] {
  return [...rows].map(([key, row]) => ({
    table: PAST_TABLE,
    key,
    value: row === null ? null : encoder.encode(JSON.stringify(row)),
  }));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // Not one of ours, or cut short: that row is forgotten.
    return null;
  }
}

function readSign(row: unknown): LastSign | null {
  const { at, isStop } = (row ?? {}) as Partial<Record<keyof LastSign, unknown>>;
  return typeof at === 'number' && typeof isStop === 'boolean' ? { at, isStop } : null;
}
