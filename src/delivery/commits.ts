import {
  type Backoff,
  backoffMs,
  type Clock,
  type Store,
  type StoreChange,
  StoreError,
  type Timer,
} from '../ports/index.js';

/** Called once: null, or why the changes are not there. */
export type Committed = (error: Error | null) => void;

export interface CommitsParts<Ask> {
  readonly store: Store;
  readonly clock: Clock;
  /** Waits between tries of notes that failed. */
  readonly retry: Backoff;
  /** The changes of all that share a commit. Called again where it failed and is tried once more, alone or with others. */
  readonly changesOf: (asks: readonly Ask[]) => readonly StoreChange[];
  /** What these asked for is there. Called before they are told. */
  readonly done: (asks: readonly Ask[]) => void;
  /** A commit failed, or has not settled for {@link LIMIT_MS}. Called before those who asked are told. */
  readonly failed: (reason: 'append' | 'sync', error: Error) => void;
}

/** A class for the reason that `Change` is one. */
class Asked<Ask> {
  readonly isNote: boolean;
  readonly ask: Ask;
  readonly settled: Committed | null;

  constructor(isNote: boolean, ask: Ask, settled: Committed | null) {
    this.isNote = isNote;
    this.ask = ask;
    this.settled = settled;
  }
}

const BATCH_MAX = 1_000;
/** After a failure, as notes further behind may make the room that the first ones need. */
const RETRY_MAX = 20_000;

/** A commit that takes longer is told as a failure, in milliseconds; it is waited for all the same, as it may yet be there. */
const LIMIT_MS = 10_000;

/**
 * The one way to the store. Many share a commit: while one is under way, all that is asked gathers for the next, and one
 * promise serves all of them. The order stays, so that what is durable proves everything before it: an event that was
 * acknowledged was journaled after the end of every handler that had ended by then. Only while notes fail do appends go
 * ahead of them.
 * @typeParam Ask What is asked for.
 */
export class Commits<Ask> {
  readonly #parts: CommitsParts<Ask>;
  #waiting: Asked<Ask>[] = [];
  #underWay: Asked<Ask>[] = [];
  /** The parts of a commit that failed, to be tried apart: its notes and its appends, or some notes after the others. */
  #parted: Asked<Ask>[][] = [];
  #noteCount = 0;
  #isScheduled = false;
  #isAbandoned = false;
  #failuresInRow = 0;
  #pause: Timer | null = null;
  #limit: Timer | null = null;
  #onIdle: (() => void)[] = [];

  constructor(parts: CommitsParts<Ask>) {
    this.#parts = parts;
  }

  /** Notes asked for and not yet there. */
  get noteCount(): number {
    return this.#noteCount;
  }

  /** Tried once: `settled` hears of a failure. */
  append(ask: Ask, settled: Committed): void {
    this.#add(new Asked(false, ask, settled));
  }

  /** Tried until it is there, so `settled` hears null alone. */
  note(ask: Ask, settled: Committed | null = null): void {
    this.#noteCount += 1;
    this.#add(new Asked(true, ask, settled));
  }

  /** Resolves when nothing is under way and nothing waits. */
  idle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /**
   * Waits for nothing more: no timer is left, and appends that are not there hear an error. One that is under way may
   * still end up in the store; who asks for it again then finds it known.
   */
  abandon(): void {
    this.#pause?.cancel();
    this.#pause = null;
    this.#limit?.cancel();
    const left = [...this.#underWay, ...this.#parted.flat(), ...this.#waiting];
    this.#isAbandoned = true;
    this.#waiting = [];
    this.#parted = [];
    this.#noteCount = 0;
    const error = new StoreError('closed', 'the journal was closed before this was durable');
    for (const { isNote, settled } of left) if (!isNote) settled?.(error);
  }

  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay.length === 0 && this.#parted.length === 0;
  }

  #add(asked: Asked<Ask>): void {
    this.#waiting.push(asked);
    if (this.#isScheduled || this.#underWay.length > 0) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#underWay.length > 0) return;
    const batch = this.#parted.shift() ?? this.#take();
    if (batch.length === 0) return;
    this.#underWay = batch;
    const { clock, failed } = this.#parts;
    this.#limit = clock.timer(LIMIT_MS, () =>
      failed(reasonOf(batch), new Error(`nothing is durable ${LIMIT_MS} ms after the asking`)),
    );
    this.#commit(batch).then(
      () => {
        this.#limit?.cancel();
        if (!this.#isAbandoned) this.#done(batch);
      },
      (cause: unknown) => {
        this.#limit?.cancel();
        if (!this.#isAbandoned) this.#refused(batch, cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  }

  /** What goes next, oldest first. Notes that failed wait out their pause, and later ones stay behind them. */
  #take(): Asked<Ask>[] {
    const waiting = this.#waiting;
    const max = this.#failuresInRow > 0 ? RETRY_MAX : BATCH_MAX;
    if (this.#pause === null && waiting.length <= max) {
      this.#waiting = [];
      return waiting;
    }
    const isTurn = this.#pause === null ? () => true : ({ isNote }: Asked<Ask>) => !isNote;
    const batch: Asked<Ask>[] = [];
    const rest: Asked<Ask>[] = [];
    for (const asked of waiting) (batch.length < max && isTurn(asked) ? batch : rest).push(asked);
    this.#waiting = rest;
    return batch;
  }

  // Async, so that what a store throws is a rejection too.
  async #commit(batch: readonly Asked<Ask>[]): Promise<void> {
    const { store, changesOf } = this.#parts;
    // Notes alone: most of them are ends, and a limit of the journal's size is to keep events out, and not those.
    const isRelease = batch.every(({ isNote }) => isNote);
    return store.commit(changesOf(batch.map(({ ask }) => ask)), isRelease);
  }

  #done(batch: Asked<Ask>[]): void {
    this.#parts.done(batch.map(({ ask }) => ask));
    for (const { isNote } of batch) {
      if (!isNote) continue;
      this.#noteCount -= 1;
      this.#failuresInRow = 0;
    }
    this.#end(batch, null);
  }

  #refused(batch: readonly Asked<Ask>[], error: Error): void {
    const notes = batch.filter(({ isNote }) => isNote);
    const appends = batch.filter(({ isNote }) => !isNote);
    if (notes.length > 0 && appends.length > 0) {
      // Removals may find room where an event does not, and one bad note must not keep every event out.
      this.#parted.push(notes, appends);
      this.#end([], null);
      return;
    }
    if (appends.length > 0) {
      this.#parts.failed('append', error);
      this.#end(appends, error);
      return;
    }
    if (isFull(error) && notes.length > 1) {
      // All together they are too much, and the first of them may make room for the others.
      const half = notes.length >>> 1;
      this.#parted.unshift(notes.slice(0, half), notes.slice(half));
      this.#end([], null);
      return;
    }
    this.#parts.failed('sync', error);
    this.#failuresInRow += 1;
    // Those behind them wait as well: what is durable proves all that was asked for before it.
    const behind = this.#parted.flat().filter(({ isNote }) => isNote);
    this.#parted = this.#parted.filter((part) => part.some(({ isNote }) => !isNote));
    this.#waiting = [...notes, ...behind, ...this.#waiting];
    const { clock, retry } = this.#parts;
    this.#pause = clock.timer(backoffMs(retry, this.#failuresInRow, 0.5), () => {
      this.#pause = null;
      this.#begin();
    });
    this.#end([], null);
  }

  #end(settled: Asked<Ask>[], error: Error | null): void {
    this.#underWay = [];
    for (const asked of settled) asked.settled?.(error);
    // It lived for as long as a commit, so it is old to the collector, which would take all that it still held for old as
    // well: measured as a seventh of what an event cost.
    settled.length = 0;
    this.#begin();
    if (!this.#isIdle) return;
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}

function isFull(error: Error): boolean {
  return error instanceof StoreError && error.failure === 'disk_full';
}

function reasonOf(batch: readonly Asked<unknown>[]): 'append' | 'sync' {
  return batch.some(({ isNote }) => !isNote) ? 'append' : 'sync';
}
