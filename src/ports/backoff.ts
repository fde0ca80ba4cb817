/**
 * How long to wait after the n-th failure in a row. Plain data, so that it can stand in options, status and logs.
 * The waits grow from `initialMs` by `factor` up to `maxMs`, or follow `scheduleMs` where that is given.
 */
export interface Backoff {
  /** Upper limit of the wait after the first failure, in milliseconds. */
  readonly initialMs: number;
  /** Upper limit of every wait, in milliseconds. */
  readonly maxMs: number;
  /** Growth per failure; 1 keeps the wait constant. */
  readonly factor: number;
  /**
   * What chance does to the limit. `full`: anywhere between the floor and the limit, the best spread for many clients
   * that lost the same server at the same moment. `equal`: between half and all of it. `none`: exactly the limit.
   * @see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
   */
  readonly jitter: Jitter;
  /**
   * Explicit limits, in milliseconds, one per failure; the last repeats for ever. Replaces `initialMs`, `maxMs` and
   * `factor`; the jitter still applies.
   */
  readonly scheduleMs?: readonly number[];
}

/** How much of a wait is left to chance, see {@link Backoff.jitter}. */
export const JITTERS = ['full', 'equal', 'none'] as const;
export type Jitter = (typeof JITTERS)[number];

// Plain full jitter may draw zero several times running, and then hammers. A tenth of the first wait keeps the spread.
const FLOOR_SHARE = 0.1;
// A day. Far under the 24.8 days at which Node's timers overflow and fire at once.
const LONGEST_MS = 86_400_000;
const LONGEST_SCHEDULE = 1_000;

/**
 * The wait before the next try, in milliseconds. Pure, and never zero.
 * @param failures Failures in a row so far, 1 for the first; less counts as 1.
 * @param random One draw in [0, 1).
 */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const count = Math.max(1, Math.floor(failures));
  const limitMs = limitAfter(backoff, count);
  switch (backoff.jitter) {
    case 'full':
      return Math.max(Math.min(limitMs, limitAfter(backoff, 1) * FLOOR_SHARE), limitMs * random);
    case 'equal':
      return limitMs / 2 + (limitMs / 2) * random;
    case 'none':
      return limitMs;
  }
}

function limitAfter(backoff: Backoff, count: number): number {
  const scheduled = backoff.scheduleMs?.at(Math.min(count, backoff.scheduleMs.length) - 1);
  // The power overflows to Infinity after some thousand failures, which Math.min handles.
  return scheduled ?? Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** (count - 1));
}

/**
 * Checks a {@link Backoff} that came from options.
 * @param name What the option is called, for the message.
 * @returns The same backoff.
 * @throws RangeError naming field, bound and value.
 */
export function checkBackoff(name: string, backoff: Backoff): Backoff {
  if (typeof backoff !== 'object' || backoff === null || Array.isArray(backoff)) {
    throw new RangeError(`${name} must be options, got ${JSON.stringify(backoff)}`);
  }
  const { scheduleMs } = backoff;
  if (scheduleMs !== undefined) {
    if (!Array.isArray(scheduleMs) || scheduleMs.length < 1 || scheduleMs.length > LONGEST_SCHEDULE) {
      const given = Array.isArray(scheduleMs) ? `a list of ${scheduleMs.length}` : JSON.stringify(scheduleMs);
      throw new RangeError(`${name}.scheduleMs must be a list of 1 to ${LONGEST_SCHEDULE} waits, got ${given}`);
    }
    for (const [index, waitMs] of scheduleMs.entries()) {
      inRange(`${name}.scheduleMs[${index}]`, waitMs, 1, LONGEST_MS);
    }
  }
  inRange(`${name}.initialMs`, backoff.initialMs, 1, LONGEST_MS);
  inRange(`${name}.maxMs`, backoff.maxMs, backoff.initialMs, LONGEST_MS);
  inRange(`${name}.factor`, backoff.factor, 1, 100);
  if (!JITTERS.includes(backoff.jitter)) {
    throw new RangeError(`${name}.jitter must be one of ${JITTERS.join(', ')}, got ${String(backoff.jitter)}`);
  }
  return backoff;
}

function inRange(field: string, value: number, min: number, max: number): void {
  // Written so that NaN fails too, and a text that reads like a number: it would be joined where it should be added.
  if (typeof value === 'number' && value >= min && value <= max) return;
  throw new RangeError(
    `${field} must be from ${min} to ${max}, got ${typeof value === 'number' ? value : JSON.stringify(value)}`,
  );
}
