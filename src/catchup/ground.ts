import { type Clock, momentOf, type Random, type ReportSink } from '../ports/index.js';
import type { CatchupReport } from './report.js';

/** What every part of a Lookout stands on: time, chance, a voice, and work that ends with the Lookout. */
export interface Ground {
  readonly clock: Clock;
  /** Up to a fifth more than this, so that a fleet that starts together does not ask together. */
  jittered(ms: number): number;
  tell(report: CatchupReport): void;
  /** Runs work until it ends or the Lookout stops; what it throws is a bug, and is told. Nothing while it is stopped. */
  launch(work: (signal: AbortSignal) => Promise<void>): void;
}

export interface WorkGroundParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: ReportSink<CatchupReport>;
}

/** A {@link Ground} that knows the work under way, so that a stop can wait for it. */
export class WorkGround implements Ground {
  readonly clock: Clock;
  readonly #parts: WorkGroundParts;
  readonly #underWay = new Set<Promise<void>>();
  #abort: AbortController | null = null;

  constructor(parts: WorkGroundParts) {
    this.#parts = parts;
    this.clock = parts.clock;
  }

  get isOpen(): boolean {
    return this.#abort !== null;
  }

  open(): void {
    this.#abort = new AbortController();
  }

  /** Aborts all work. @returns When it has ended. */
  async close(): Promise<void> {
    this.#abort?.abort();
    this.#abort = null;
    await Promise.all(this.#underWay);
  }

  jittered(ms: number): number {
    return ms * (1 + 0.2 * this.#parts.random());
  }

  tell(report: CatchupReport): void {
    this.#parts.report(report, momentOf(this.clock));
  }

  launch(work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#abort !== null) this.track(work(this.#abort.signal));
  }

  /** Keeps an eye on work that has begun already. */
  track(work: Promise<void>): void {
    const tracked = work
      .catch((bug: unknown) => {
        this.tell({ type: 'look_failed', detail: bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug) });
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
}
