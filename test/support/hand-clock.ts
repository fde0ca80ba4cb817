import type { Clock, Timer } from '../../src/ports/index.js';

/** A clock that stands still until it is told to move, and then fires what is due, in order. */
export class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return 1_767_225_600_000 + this.#now;
  }

  timer(delayMs: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), fire };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`. After each timer, promises that can settle do, so that what they start is in time. */
  async advanceBy(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) {
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number): { readonly at: number; readonly fire: () => void } | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Resolves when every promise that could settle without time passing has settled: all microtasks are done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
