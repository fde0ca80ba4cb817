import type { Clock, Timer } from '../ports/index.js';
import { type InLine, Line } from './line.js';

/** Whoever has to end in time. */
export interface Limited {
  /** The time is up. Called at most once, never from within {@link Deadlines.add}. */
  expire(): void;
}

/** One deadline, which stands in line until it passes or is cancelled. */
export interface Deadline {
  /** Does nothing once it has passed, or the second time. */
  cancel(): void;
}

/**
 * Deadlines that are all equally far away, under one timer: what is added later passes later, so the timer is that of the
 * first in line. At rest there is none. A timer for each was measured as a twentieth of what an event cost.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #line = new Line<Standing>();
  #timer: Timer | null = null;
  /** From the adding to the passing, in milliseconds. */
  readonly limitMs: number;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.limitMs = limitMs;
  }

  /** @param now Monotonic milliseconds. */
  add(limited: Limited, now: number): Deadline {
    const standing = new Standing(this.#leave, limited, now + this.limitMs);
    this.#line.push(standing);
    if (this.#line.first === standing) this.#timer = this.#clock.timer(this.limitMs, this.#pass);
    return standing;
  }

  readonly #leave = (standing: Standing): void => {
    this.#line.remove(standing);
    // While others stand in line the timer stays, and wakes too early at worst.
    if (this.#line.first !== null) return;
    this.#timer?.cancel();
    this.#timer = null;
  };

  readonly #pass = (): void => {
    this.#timer = null;
    const now = this.#clock.now();
    try {
      for (let first = this.#line.first; first !== null && first.at <= now; first = this.#line.first) {
        first.cancel();
        first.limited.expire();
      }
    } finally {
      // Whatever one of them throws, the others have theirs.
      const { first } = this.#line;
      if (first !== null) this.#timer ??= this.#clock.timer(Math.max(0, first.at - now), this.#pass);
    }
  };
}

class Standing implements Deadline, InLine<Standing> {
  readonly limited: Limited;
  readonly at: number;
  earlier: Standing | null = null;
  later: Standing | null = null;
  #leave: ((standing: Standing) => void) | null;

  constructor(leave: (standing: Standing) => void, limited: Limited, at: number) {
    this.#leave = leave;
    this.limited = limited;
    this.at = at;
  }

  cancel(): void {
    const leave = this.#leave;
    this.#leave = null;
    leave?.(this);
  }
}
