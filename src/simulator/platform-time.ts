import type { Clock, Timer } from '../ports/index.js';

/**
 * The platform's own time. Its wall clock runs on from where the host's stood at the start: when a test moves the host's
 * wall clock, the platform's, a thousand miles away, does not move along.
 */
export class PlatformTime {
  readonly #clock: Clock;
  readonly #wallOffsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallOffsetMs = clock.wallNow() - clock.now();
  }

  now(): number {
    return this.#clock.now();
  }

  wallNow(): number {
    return Math.floor(this.#clock.now() + this.#wallOffsetMs);
  }

  timer(delayMs: number, fire: () => void): Timer {
    return this.#clock.timer(delayMs, fire);
  }
}
