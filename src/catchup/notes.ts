import { type Clock, momentOf, type ReportSink, type Store, type StoreChange, type Timer } from '../ports/index.js';
import type { CatchupReport } from './report.js';

/** Where everything of this room stands in the {@link Store}; keys begin with what it is, such as `cursor:`. */
export const NOTES_TABLE = 'catchup';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Above every character of a key. */
const BEYOND = '\u{10ffff}';
/** The store's own limit for keys is 500 bytes of UTF-8. Ids of the platform have 35 characters. */
const KEY_LENGTH_LIMIT = 120;

export interface NotesParts {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly report: ReportSink<CatchupReport>;
}

/**
 * What this room keeps over a restart, as JSON by key. Written late and together, since whatever is forgotten is only
 * asked again: a cursor that stands too early costs calls, never a message.
 */
export class Notes {
  readonly #parts: NotesParts;
  /** What is not in the store yet, or never will be if there is none; null where it is to be removed. */
  readonly #dirty = new Map<string, unknown>();
  /** What is on its way into the store. */
  #batch: ReadonlyMap<string, unknown> = new Map();
  /** Counts the batches. */
  #round = 0;
  #timer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #isOpen = false;
  /** Null: nothing outlives this process. */
  #store: Store | null = null;

  constructor(parts: NotesParts) {
    this.#parts = parts;
  }

  /**
   * Another number with each batch that leaves for the store. An object that was set in this round and has changed since
   * need not be set again: it is written as it is when the round ends.
   */
  get round(): number {
    return this.#round;
  }

  /** All notes whose keys begin with `prefix`, keys without it. What cannot be read is left out. */
  read(prefix: string): ReadonlyMap<string, unknown> {
    const found = this.#stored(prefix);
    // Not written yet is set all the same.
    for (const [key, value] of [...this.#batch, ...this.#dirty]) {
      if (!key.startsWith(prefix)) continue;
      if (value === null) found.delete(key.slice(prefix.length));
      else found.set(key.slice(prefix.length), value);
    }
    return found;
  }

  /** Writes this soon, or removes it where the value is null. */
  set(key: string, value: unknown): void {
    if (key.length > KEY_LENGTH_LIMIT) return;
    // Where nothing is stored there is nothing to remove from it.
    if (value === null && this.#isOpen && this.#store === null) this.#dirty.delete(key);
    else this.#dirty.set(key, value);
    if (this.#store === null || !this.#isOpen) return;
    this.#timer ??= this.#parts.clock.timer(this.#parts.intervalMs, () => {
      this.#timer = null;
      void this.flush();
    });
  }

  /** From now on what is set is written to this store; null: nothing outlives this process. */
  open(store: Store | null): void {
    this.#store = store;
    this.#isOpen = true;
    if (this.#dirty.size > 0) void this.flush();
  }

  /** Writes everything; what is set from now on is written after the next {@link open}. No timer is left. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.flush();
    this.#store = null;
  }

  /** Writes everything now. Never rejects; what could not be written is tried again with the next. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    // One at a time, so that an older value never overtakes a younger one after a failure.
    while (this.#writing !== null) await this.#writing;
    if (this.#dirty.size === 0 || this.#store === null) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    const store = this.#store;
    if (store === null) return;
    this.#round += 1;
    const batch = new Map(this.#dirty);
    this.#batch = batch;
    this.#dirty.clear();
    const changes = [...batch].map(
      ([key, value]): StoreChange => ({
        table: NOTES_TABLE,
        key,
        value: value === null ? null : encoder.encode(JSON.stringify(value)),
      }),
    );
    try {
      await store.commit(changes);
      this.#isFailing = false;
    } catch (error) {
      // Younger values have come meanwhile: those stand.
      for (const [key, value] of batch) if (!this.#dirty.has(key)) this.#dirty.set(key, value);
      this.#failed(error);
    }
    this.#batch = new Map();
  }

  #stored(prefix: string): Map<string, unknown> {
    const found = new Map<string, unknown>();
    try {
      const stored = this.#store?.range(NOTES_TABLE, { from: prefix, below: `${prefix}${BEYOND}` }) ?? [];
      for (const [key, bytes] of stored) {
        const value = parsed(bytes);
        if (value !== undefined) found.set(key.slice(prefix.length), value);
      }
    } catch (error) {
      this.#failed(error);
    }
    return found;
  }

  #failed(error: unknown): void {
    // Once per trouble: a full disk would fill the log as well.
    if (this.#isFailing) return;
    this.#isFailing = true;
    const detail = error instanceof Error ? error.message : String(error);
    this.#parts.report({ type: 'notes_failed', detail }, momentOf(this.#parts.clock));
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // Not one of ours, or cut short: what it said is asked for again.
    return undefined;
  }
}
