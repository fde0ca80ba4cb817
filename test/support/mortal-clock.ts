import type { Clock, Timer } from '../../src/ports/index.js';

/** A process's view of a clock: when the process dies, none of its timers fires any more. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  wallNow(): number {
    return this.#clock.wallNow();
  }

  timer(delayMs: number, fire: () => void): Timer {
    if (this.#isDead) return { cancel: () => {} };
    const own = this.#clock.timer(delayMs, () => {
      this.#timers.delete(own);
      fire();
    });
    this.#timers.add(own);
    return {
      cancel: () => {
        this.#timers.delete(own);
        own.cancel();
      },
    };
  }

  die(): void {
    this.#isDead = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
