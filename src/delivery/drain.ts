import type { Clock, Timer } from '../ports/index.js';

/** What a stop left behind: deliveries whose handler had not settled within the limit. */
export interface Drained {
  readonly unfinished: number;
}

/** The way to the end of a pipeline: one promise for all who asked for it, and one limit, which may be moved. */
export class Drain {
  readonly drained: Promise<Drained>;
  readonly #clock: Clock;
  readonly #giveUp: () => void;
  #resolve: (drained: Drained) => void = () => {};
  #limit: Timer | null = null;

  /** @param giveUp Called when a limit has passed. */
  constructor(clock: Clock, giveUp: () => void) {
    this.#clock = clock;
    this.#giveUp = giveUp;
    this.drained = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Gives up `drainMs` from now, whatever limit was set before. */
  limitTo(drainMs: number): void {
    this.#limit?.cancel();
    this.#limit = this.#clock.timer(drainMs, this.#giveUp);
  }

  /** Resolves {@link drained}, the first time, and leaves no timer, every time. */
  end(unfinished: number): void {
    this.#limit?.cancel();
    this.#limit = null;
    this.#resolve({ unfinished });
  }
}
