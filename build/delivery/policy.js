import { checkBackoff } from '../ports/index.js';
import { DEDUPLICATION_DEFAULTS } from './deduplication.js';
import { ORDERS } from './order.js';
export const STALE_EVENTS = ['tag', 'hold', 'drop'];
/** The platform counts an ack that comes later than this as none, in milliseconds. */
export const ACK_LIMIT_MS = 3_000;
/** Unfinished deliveries at most where a journal holds what waits: some 30 MB of ids and keys in memory when full. */
export const JOURNAL_MAX_PENDING = 50_000;
export const DELIVERY_DEFAULTS = Object.freeze({
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
};
/**
 * The defaults with these options over them.
 * @param hasJournal Some options mean nothing without one, and `maxPending` has another default.
 * @throws RangeError naming option, bound and value; every number is a whole one from 1.
 */
export function resolveDeliveryPolicy(options = {}, hasJournal = false) {
    const defaults = hasJournal ? { ...DELIVERY_DEFAULTS, maxPending: JOURNAL_MAX_PENDING } : DELIVERY_DEFAULTS;
    const policy = { ...defaults, ...options };
    for (const [option, max] of Object.entries(BOUNDS)) {
        checkWhole(option, policy[option], max);
    }
    if (policy.maxAgeMs !== null)
        checkWhole('maxAgeMs', policy.maxAgeMs, Number.MAX_SAFE_INTEGER);
    checkBackoff('retry', policy.retry);
    if (typeof policy.orderBy !== 'function')
        checkOneOf('orderBy', policy.orderBy, ORDERS, ' or a function');
    checkOneOf('staleEvents', policy.staleEvents, STALE_EVENTS);
    if (policy.staleEvents === 'hold' && !hasJournal) {
        throw new RangeError('staleEvents must be tag or drop without a journal, which is what could hold them, got hold');
    }
    checkFallback(policy.callbackFallback);
    return Object.freeze(policy);
}
export function deadlineOf(kind, policy) {
    return kind === 'callback' ? policy.callbackDeadlineMs : policy.handlerDeadlineMs;
}
function checkWhole(option, value, max) {
    if (!Number.isInteger(value) || value < 1 || value > max) {
        throw new RangeError(`${option} must be a whole number from 1 to ${max}, got ${value}`);
    }
}
function checkOneOf(option, value, known, orElse = '') {
    if (!known.some((each) => each === value)) {
        throw new RangeError(`${option} must be one of ${known.join(', ')}${orElse}, got ${String(value)}`);
    }
}
function checkFallback(value) {
    try {
        if (value === null || JSON.stringify(value) !== undefined)
            return;
    }
    catch {
        // Told below, in the same words: what the engine says draws a picture of the value.
    }
    throw new RangeError(`callbackFallback must be something that JSON can hold, got ${typeof value}`);
}
