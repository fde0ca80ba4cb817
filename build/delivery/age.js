/** The first rung of the platform's redelivery ladder, in milliseconds. */
export const FIRST_RUNG_MS = 15_000;
/**
 * How a pushed event came to us. The platform does not say which push is the first, so it is a guess: seen before, or old
 * enough to have been pushed before. It errs where the clocks disagree by that much, or the platform itself was late.
 */
export function sourceOf(isKnown, ageMs) {
    return isKnown || (ageMs !== null && ageMs >= FIRST_RUNG_MS) ? 'redelivery' : 'push';
}
/** Whether an event is older than `maxAgeMs` (null: never). One that does not say when it happened is as old as its wait here. */
export function isStale(event, arrivedWallAt, wallNow, maxAgeMs) {
    return maxAgeMs !== null && wallNow - (event.createTime ?? arrivedWallAt) > maxAgeMs;
}
/** The same event at a later moment: nothing else about it changes. */
export function agedTo(event, wallNow, stale) {
    const ageMs = event.createTime === null ? null : wallNow - event.createTime;
    return event.ageMs === ageMs && event.isStale === stale ? event : { ...event, ageMs, isStale: stale };
}
