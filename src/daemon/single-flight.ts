import type { Clock } from '../ports/index.js';

/** Runs a task once for all who ask while it runs, each waiting at most until the same deadline. */
export class SingleFlight<Result> {
  readonly #task: () => Promise<Result>;
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  #flight: Promise<Result> | null = null;

  constructor(task: () => Promise<Result>, clock: Clock, deadlineMs: number) {
    this.#task = task;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws Error when the deadline passed, or what the task threw. */
  run(): Promise<Result> {
    this.#flight ??= this.#start().finally(() => {
      // After the deadline too: a task that hangs must not take all later ones with it.
      this.#flight = null;
    });
    return this.#flight;
  }

  #start(): Promise<Result> {
    return new Promise((resolve, reject) => {
      const late = this.#clock.timer(this.#deadlineMs, () => {
        reject(new Error(`not finished within ${this.#deadlineMs} ms`));
      });
      Promise.resolve()
        .then(this.#task)
        .then(resolve, reject)
        .finally(() => late.cancel());
    });
  }
}
