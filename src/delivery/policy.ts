import { type Backoff, checkBackoff } from '../ports/index.js';
import { DEDUPLICATION_DEFAULTS } from './deduplication.js';
import { ORDERS, type OrderBy } from './order.js';
import type { DeliveryKind } from './report.js';

/** How long handlers may take, how much may be on its way, and what becomes of what fails or comes late. */
export interface DeliveryPolicy {
  /**
   * Milliseconds an event's handler may run before its signal is aborted and the run has failed: without a journal the
   * ack says 500 then. Default 60,000.
   */
  readonly handlerDeadlineMs: number;
  /** The same for a callback's handler. Default 2,500, at most 3,000. */
  readonly callbackDeadlineMs: number;
  /**
   * What the ack of a callback answers when its handler is late, as any JSON; null for none, and then the ack says 500
   * and the user sees an error. A handler that fails has failed: this is for the late ones alone. Default null.
   */
  readonly callbackFallback: unknown;
  /**
   * Unfinished deliveries at most; a further event is not acked, so that the platform pushes it again. Default 1,000;
   * with a journal 50,000, and callbacks have 1,000 places of their own.
   */
  readonly maxPending: number;
  /**
   * Event ids remembered in memory at most: all of them without a journal, those of callbacks with one, whose
   * `retentionMs` counts for the rest. Default 100,000.
   */
  readonly deduplicationMaxCount: number;
  /** Milliseconds an event id is remembered in memory. Default 28,800,000: eight hours. */
  readonly deduplicationMaxAgeMs: number;
  /** With a journal: handlers of events that run at the same time, at most. Default 64. Callbacks do not wait for them. */
  readonly concurrency: number;
  /** With a journal: which events keep their order, see {@link OrderBy}. Default `chat`. */
  readonly orderBy: OrderBy;
  /** With a journal: failures after which an event becomes a dead letter. Default 5. `RetryLater` does not count. */
  readonly maxAttempts: number;
  /** With a journal: the wait before an event that failed runs again. Those of the same key wait behind it. */
  readonly retry: Backoff;
  /** Age, in milliseconds, beyond which an event is stale; null: none ever is. Callbacks are never stale. Default null. */
  readonly maxAgeMs: number | null;
  /**
   * What becomes of stale events. `tag`: they are handled, with `event.isStale`. `hold`: they become dead letters, for a
   * human to replay or drop; needs a journal. `drop`: they are acked, counted and gone. Default `tag`.
   */
  readonly staleEvents: StaleEvents;
}

/** What becomes of events beyond `maxAgeMs`: handled and marked, held as dead letters, or dropped. */
export const STALE_EVENTS = ['tag', 'hold', 'drop'] as const;
export type StaleEvents = (typeof STALE_EVENTS)[number];

/** The platform counts an ack that comes later than this as none, in milliseconds. */
export const ACK_LIMIT_MS = 3_000;

/** Unfinished deliveries at most where a journal holds what waits: some 30 MB of ids and keys in memory when full. */
export const JOURNAL_MAX_PENDING = 50_000;

/** The limits that hold where the option says nothing. `maxPending` is larger with a journal. */
export const DELIVERY_DEFAULTS: DeliveryPolicy = Object.freeze({
  // Far above the platform's 3 s on purpose. A late ack only costs a redelivery, which deduplication recognises and
  // acks; to abort at 3 s would fail work that was about to succeed, at every rung of the ladder again.
  handlerDeadlineMs: 60_000,
  // Half a second below the platform's 3 s for the way there and back: later, the user has already seen an error.
  callbackDeadlineMs: 2_500,
  callbackFallback: null, // to say that something was done which was not is for the application to decide
  // A handler of a second keeps up with 1,000 events per second before this is reached; more is a stall, not a peak.
  maxPending: 1_000,
  deduplicationMaxCount: DEDUPLICATION_DEFAULTS.maxCount,
  deduplicationMaxAgeMs: DEDUPLICATION_DEFAULTS.maxAgeMs,
  // A handler of 100 ms keeps up with 640 events a second; and few services behind a bot like more calls at a time.
  concurrency: 64,
  orderBy: 'chat', // what people of one chat say makes sense in the order in which they said it
  maxAttempts: 5, // as often as the platform itself pushes an event at most: the first push and four repeats
  // 1, 5, 25 and 125 s, between half and all of it: two and a half minutes bridge a restart of what the handler needs,
  // and are the longest that one poison event keeps its chat waiting. The platform's own ladder takes seven hours.
  retry: Object.freeze({ initialMs: 1_000, maxMs: 300_000, factor: 5, jitter: 'equal' }),
  maxAgeMs: null, // whether seven hours are too old for a message is nothing that we could know
  staleEvents: 'tag',
});

// Beyond 2^31-1 ms a Node timer fires at once.
const TIMER_MAX_MS = 2_147_483_647;

const BOUNDS = {
  handlerDeadlineMs: TIMER_MAX_MS,
  callbackDeadlineMs: ACK_LIMIT_MS,
  maxPending: 1_000_000,
  deduplicationMaxCount: 10_000_000,
  deduplicationMaxAgeMs: TIMER_MAX_MS,
  concurrency: 10_000,
  maxAttempts: 1_000,
} as const satisfies Partial<Record<keyof DeliveryPolicy, number>>;

/**
 * The defaults with these options over them.
 * @param hasJournal Some options mean nothing without one, and `maxPending` has another default.
 * @throws RangeError naming option, bound and value; every number is a whole one from 1.
 */
export function resolveDeliveryPolicy(options: Partial<DeliveryPolicy> = {}, hasJournal = false): DeliveryPolicy {
  const defaults = hasJournal ? { ...DELIVERY_DEFAULTS, maxPending: JOURNAL_MAX_PENDING } : DELIVERY_DEFAULTS;
  const policy = { ...defaults, ...options };
  for (const [option, max] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, number][]) {
    checkWhole(option, policy[option], max);
  }
  if (policy.maxAgeMs !== null) checkWhole('maxAgeMs', policy.maxAgeMs, Number.MAX_SAFE_INTEGER);
  checkBackoff('retry', policy.retry);
  if (typeof policy.orderBy !== 'function') checkOneOf('orderBy', policy.orderBy, ORDERS, ' or a function');
  checkOneOf('staleEvents', policy.staleEvents, STALE_EVENTS);
  if (policy.staleEvents === 'hold' && !hasJournal) {
    throw new RangeError('staleEvents must be tag or drop without a journal, which is what could hold them, got hold');
  }
  checkFallback(policy.callbackFallback);
  return Object.freeze(policy);
}

export function deadlineOf(kind: DeliveryKind, policy: DeliveryPolicy): number {
  return kind === 'callback' ? policy.callbackDeadlineMs : policy.handlerDeadlineMs;
}

function checkWhole(option: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${option} must be a whole number from 1 to ${max}, got ${value}`);
  }
}

function checkOneOf(option: string, value: unknown, known: readonly string[], orElse = ''): void {
  if (!known.some((each) => each === value)) {
    throw new RangeError(`${option} must be one of ${known.join(', ')}${orElse}, got ${String(value)}`);
  }
}

function checkFallback(value: unknown): void {
  try {
    if (value === null || JSON.stringify(value) !== undefined) return;
  } catch {
    // Told below, in the same words: what the engine says draws a picture of the value.
  }
  throw new RangeError(`callbackFallback must be something that JSON can hold, got ${typeof value}`);
}
