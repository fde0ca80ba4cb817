/** A running one-shot timer. Cancelling one that has fired, or twice, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Liveness is judged on {@link now}, which no administrator and no NTP step can move;
 * {@link wallNow} is for what people and the platform read.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; fractions allowed. */
  now(): number;
  /** Milliseconds since the Unix epoch. May jump. */
  wallNow(): number;
  /** Calls `fire` once, `delayMs` from now or later, never synchronously. Negative delays count as 0. */
  timer(delayMs: number, fire: () => void): Timer;
}

/** Both readings of one instant: what liveness is judged on, and what people read. */
export interface Moment {
  /** Monotonic milliseconds, see {@link Clock.now}. */
  readonly now: number;
  /** Milliseconds since the Unix epoch, see {@link Clock.wallNow}. */
  readonly wallNow: number;
}

export function momentOf(clock: Clock): Moment {
  return { now: clock.now(), wallNow: clock.wallNow() };
}
