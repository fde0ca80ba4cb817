import { DEDUPLICATION_DEFAULTS } from './deduplication.js';
import type { DeliveryKind } from './report.js';

/** How long handlers may take, and how much may be on its way. */
export interface DeliveryPolicy {
  /** Milliseconds an event's handler may run before its signal is aborted and the ack says 500. Default 60,000. */
  readonly handlerDeadlineMs: number;
  /** The same for a callback's handler. Default 2,500, at most 3,000. */
  readonly callbackDeadlineMs: number;
  /** Unfinished deliveries at most; a further event is not acked, so that the platform pushes it again. Default 1,000. */
  readonly maxPending: number;
  /** Event ids remembered at most. Default 100,000. */
  readonly deduplicationMaxCount: number;
  /** Milliseconds an event id is remembered. Default 28,800,000: eight hours. */
  readonly deduplicationMaxAgeMs: number;
}

/** The platform counts an ack that comes later than this as none, in milliseconds. */
export const ACK_LIMIT_MS = 3_000;

export const DELIVERY_DEFAULTS: DeliveryPolicy = Object.freeze({
  // Far above the platform's 3 s on purpose. A late ack only costs a redelivery, which deduplication recognises and
  // acks; to abort at 3 s would fail work that was about to succeed, at every rung of the ladder again.
  handlerDeadlineMs: 60_000,
  // Half a second below the platform's 3 s for the way there and back: later, the user has already seen an error.
  callbackDeadlineMs: 2_500,
  // A handler of a second keeps up with 1,000 events per second before this is reached; more is a stall, not a peak.
  maxPending: 1_000,
  deduplicationMaxCount: DEDUPLICATION_DEFAULTS.maxCount,
  deduplicationMaxAgeMs: DEDUPLICATION_DEFAULTS.maxAgeMs,
});

// Beyond 2^31-1 ms a Node timer fires at once.
const TIMER_MAX_MS = 2_147_483_647;

const BOUNDS: Readonly<Record<keyof DeliveryPolicy, number>> = {
  handlerDeadlineMs: TIMER_MAX_MS,
  callbackDeadlineMs: ACK_LIMIT_MS,
  maxPending: 1_000_000,
  deduplicationMaxCount: 10_000_000,
  deduplicationMaxAgeMs: TIMER_MAX_MS,
};

/**
 * The defaults with these options over them.
 * @throws RangeError naming option, bound and value; every option is a whole number from 1.
 */
export function resolveDeliveryPolicy(options: Partial<DeliveryPolicy> = {}): DeliveryPolicy {
  const policy = { ...DELIVERY_DEFAULTS, ...options };
  for (const [option, max] of Object.entries(BOUNDS) as [keyof DeliveryPolicy, number][]) {
    const value = policy[option];
    if (!Number.isInteger(value) || value < 1 || value > max) {
      throw new RangeError(`${option} must be a whole number from 1 to ${max}, got ${value}`);
    }
  }
  return Object.freeze(policy);
}

export function deadlineOf(kind: DeliveryKind, policy: DeliveryPolicy): number {
  return kind === 'callback' ? policy.callbackDeadlineMs : policy.handlerDeadlineMs;
}
