// Between our check and the platform's lies a network: a token that ends within this time ends on the way.
const SAFETY_MS = 5_000;
const SAFETY_SHARE = 0.1;
const MARGIN_SHARE = 0.5;
/**
 * A token as the platform granted it.
 * @param sentAt When its request was sent, not when the answer came: the lifetime counts from somewhere in between,
 *   and the earlier reading never serves an expired token. Monotonic, so that no change of the wall clock matters; a
 *   clock that stood still while the machine slept is mended by the first API answer that calls the token invalid.
 * @param lifetimeMs Granted lifetime, as {@link lifetimeMsOf} read it.
 */
export function holdToken(value, sentAt, lifetimeMs, refreshMarginMs) {
    const safetyMs = Math.min(SAFETY_MS, lifetimeMs * SAFETY_SHARE);
    return {
        value,
        expiresAt: sentAt + lifetimeMs - safetyMs,
        marginMs: Math.min(refreshMarginMs, lifetimeMs * MARGIN_SHARE),
    };
}
/** Whether the token may be served at this moment. */
export function isUsable(held, now) {
    return held !== null && now < held.expiresAt;
}
const SHORTEST_MS = 1_000;
// The platform grants 2 hours at most (docs/protocol.md, 7.1); more than a day is a slip of the unit.
const LONGEST_MS = 86_400_000;
// The platform did hand out a token, so it is used; that it lives longer than this must be shown by asking again.
const UNKNOWN_MS = 60_000;
/**
 * The lifetime in milliseconds that the answer's `expire` (seconds) grants: at least one second, at most a day. A
 * value that is missing or no positive number counts as one minute: short enough to be harmless, long enough to work.
 */
export function lifetimeMsOf(expire) {
    const seconds = typeof expire === 'string' && expire.trim() !== '' ? Number(expire) : expire;
    if (typeof seconds !== 'number' || !(seconds > 0))
        return UNKNOWN_MS;
    return Math.min(Math.max(seconds * 1_000, SHORTEST_MS), LONGEST_MS);
}
