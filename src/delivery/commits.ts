import { type Backoff, backoffMs, type Clock, type Store, type StoreChange, type Timer } from '../ports/index.js';

/** Called once: null, or why the changes are not there. */
export type Committed = (error: Error | null) => void;

export interface CommitsParts {
  readonly store: Store;
  readonly clock: Clock;
  /** How failures are tried again; null: they are told to whoever asked. */
  readonly retry: Backoff | null;
  /** A commit failed, or has not settled for {@link LIMIT_MS}. Called before those who asked are told. */
  readonly failed: (error: Error) => void;
}

interface Asked {
  readonly changes: readonly StoreChange[];
  readonly settled: Committed | null;
}

const BATCH_MAX = 1_000;

/** A commit that takes longer is told as a failure, in milliseconds; it is waited for all the same, as it may yet be there. */
const LIMIT_MS = 10_000;

/**
 * A way to the store on which many share one commit: while one is under way, all that is asked gathers for the next. One
 * promise serves all of them. Whatever is asked in one turn goes together; the order stays.
 */
export class Commits {
  readonly #parts: CommitsParts;
  #waiting: Asked[] = [];
  #underWay: readonly Asked[] = [];
  #isScheduled = false;
  #failuresInRow = 0;
  #pause: Timer | null = null;
  #limit: Timer | null = null;
  #onIdle: (() => void)[] = [];

  constructor(parts: CommitsParts) {
    this.#parts = parts;
  }

  /** Asked for and not settled. */
  get size(): number {
    return this.#waiting.length + this.#underWay.length;
  }

  add(changes: readonly StoreChange[], settled: Committed | null = null): void {
    this.#waiting.push({ changes, settled });
    if (this.#isScheduled || this.#underWay.length > 0 || this.#pause !== null) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  /** Resolves when nothing is under way and nothing waits. */
  idle(): Promise<void> {
    return this.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Waits for nothing more: no timer is left. What is under way still ends, in the store. */
  abandon(): void {
    this.#pause?.cancel();
    this.#pause = null;
    this.#limit?.cancel();
    this.#waiting = [];
  }

  #begin(): void {
    if (this.#underWay.length > 0 || this.#waiting.length === 0) return;
    const batch = this.#waiting.length <= BATCH_MAX ? this.#waiting : this.#waiting.slice(0, BATCH_MAX);
    this.#waiting = this.#waiting.length <= BATCH_MAX ? [] : this.#waiting.slice(BATCH_MAX);
    this.#underWay = batch;
    const { clock, failed } = this.#parts;
    this.#limit = clock.timer(LIMIT_MS, () => failed(new Error(`nothing is durable ${LIMIT_MS} ms after the asking`)));
    this.#commit(batch).then(
      () => {
        this.#limit?.cancel();
        this.#failuresInRow = 0;
        this.#end(batch, null);
      },
      (cause: unknown) => {
        this.#limit?.cancel();
        this.#refused(batch, cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  }

  // Async, so that what a store throws is a rejection too.
  async #commit(batch: readonly Asked[]): Promise<void> {
    const [only] = batch;
    const isAlone = batch.length === 1 && only !== undefined;
    return this.#parts.store.commit(isAlone ? only.changes : batch.flatMap(({ changes }) => changes));
  }

  #refused(batch: readonly Asked[], error: Error): void {
    const { retry, clock, failed } = this.#parts;
    failed(error);
    if (retry === null) {
      this.#end(batch, error);
      return;
    }
    this.#failuresInRow += 1;
    this.#underWay = [];
    this.#waiting = [...batch, ...this.#waiting];
    this.#pause = clock.timer(backoffMs(retry, this.#failuresInRow, 0.5), () => {
      this.#pause = null;
      this.#begin();
    });
  }

  #end(batch: readonly Asked[], error: Error | null): void {
    this.#underWay = [];
    for (const { settled } of batch) settled?.(error);
    this.#begin();
    if (this.size > 0) return;
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}
