import { type Clock, type Store, StoreError } from '../ports/index.js';
import type { JournalFailure } from './report.js';
import type { Reporter } from './reporter.js';

/** What the journal says about itself, as plain data. */
export interface JournalSnapshot {
  readonly isOpen: boolean;
  /** What it takes on disk, in bytes, when it was last looked at. */
  readonly sizeBytes: number;
  /** The latest failure, kept after recovery; null if there was none. */
  readonly lastFailure: {
    readonly reason: JournalFailure;
    readonly detail: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
  } | null;
}

/** What failed the journal last, and what it takes on disk. Whatever fails is told here, whoever met it. */
export class JournalHealth {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  #sizeBytes = 0;
  #lastFailure: JournalSnapshot['lastFailure'] = null;

  constructor(store: Store, clock: Clock, reporter: Reporter) {
    this.#store = store;
    this.#clock = clock;
    this.#reporter = reporter;
  }

  snapshot(): Omit<JournalSnapshot, 'isOpen'> {
    return { sizeBytes: this.#sizeBytes, lastFailure: this.#lastFailure };
  }

  /** Tells what the store threw, or rejected with. A full disk is told as that, whatever it kept from being done. */
  failed(reason: JournalFailure, error: unknown): void {
    const isFull = error instanceof StoreError && error.failure === 'disk_full';
    this.tell(isFull ? 'disk_full' : reason, error instanceof Error ? error.message : String(error));
  }

  tell(reason: JournalFailure, detail: string): void {
    this.#lastFailure = { reason, detail, at: this.#clock.wallNow() };
    this.#reporter.tell({ type: 'journal_failed', reason, detail });
  }

  /** Looks at the size anew; where that fails it stays what it was. */
  measure(): number {
    try {
      this.#sizeBytes = this.#store.sizeBytes();
    } catch (error) {
      this.failed('sync', error);
    }
    return this.#sizeBytes;
  }
}
