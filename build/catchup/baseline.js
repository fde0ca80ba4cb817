export const HOURS_OF_WEEK = 168;
const HOUR_MS = 3_600_000;
/** An hour of which we were connected less than this teaches nothing. */
const LEAST_SERVED_MS = 0.9 * HOUR_MS;
export const NO_BASELINE = Object.freeze({
    hours: Object.freeze(Array.from({ length: HOURS_OF_WEEK }, () => null)),
    current: null,
});
export const NO_SILENCE = Object.freeze({ since: null, missed: 0, countedTo: 0, isActedOn: false });
/**
 * The baseline after `elapsedMs` more of proven connection and `events` more events, all in the hour of `wallNow`. Told often:
 * at each event and once a minute.
 */
export function learned(baseline, policy, seen) {
    const hour = hourOf(seen.wallNow);
    const { current } = baseline;
    if (current !== null && current.hour === hour) {
        const events = current.events + seen.events;
        return { ...baseline, current: { hour, events, servedMs: current.servedMs + seen.elapsedMs } };
    }
    const next = { hour, events: seen.events, servedMs: 0 };
    return { hours: current === null ? baseline.hours : folded(baseline.hours, current, policy.weight), current: next };
}
function folded(hours, { hour, events, servedMs }, weight) {
    if (servedMs < LEAST_SERVED_MS)
        return hours;
    const index = hour % HOURS_OF_WEEK;
    const before = hours[index] ?? null;
    // A deaf hour would teach that silence is normal here: it moves the estimate by its weight, never to zero at once.
    const rate = before === null ? events : before + weight * (events - before);
    return hours.map((known, at) => (at === index ? rate : known));
}
/**
 * Events expected in `ms` from `wallFrom` on. Where this hour is unknown nothing is expected: no pattern, no suspicion. The
 * estimate leans to the low side, by one standard deviation of what an hour was learned from.
 */
export function expectedIn(baseline, wallFrom, ms) {
    let expected = 0;
    for (let at = wallFrom; at < wallFrom + ms;) {
        const endAt = Math.min(wallFrom + ms, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
        expected += (cautious(baseline.hours[hourOf(at) % HOURS_OF_WEEK] ?? 0) * (endAt - at)) / HOUR_MS;
        at = endAt;
    }
    return expected;
}
function cautious(rate) {
    return Math.max(0, rate - Math.sqrt(rate));
}
/** A real event came, by push: the silence is over, and the next one may be acted on again. */
export function heardAt(now) {
    return { since: now, missed: 0, countedTo: now, isActedOn: false };
}
/**
 * The silence after more of it, counted while the connection was proven: what an outage swallows is no silence of the
 * socket's. Asked at least every few minutes.
 * @param isServed Whether a connection was proven for the whole stretch.
 */
export function prolonged(silence, baseline, { now, wallNow, isServed }) {
    if (silence.since === null)
        return silence;
    const ms = now - silence.countedTo;
    const missed = silence.missed + (isServed ? expectedIn(baseline, wallNow - ms, ms) : 0);
    return { ...silence, missed, countedTo: now };
}
/** Whether the silence contradicts the pattern, and nobody has acted on it yet. Suspicion, never proof. */
export function isSuspicious(silence, policy, now) {
    if (silence.since === null || silence.isActedOn)
        return false;
    return silence.missed >= policy.expectedEvents && now - silence.since >= policy.minSilenceMs;
}
/**
 * How long from now until the silence will be suspicious if nothing comes, in milliseconds, an hour at most: whoever waits
 * so long looks again in time. Null: not before an event.
 */
export function suspiciousInMs(silence, baseline, policy, { now, wallNow }) {
    if (silence.since === null || silence.isActedOn)
        return null;
    const leastMs = Math.max(0, silence.since + policy.minSilenceMs - now);
    const lacking = policy.expectedEvents - silence.missed;
    if (lacking <= 0)
        return leastMs;
    const hourEndMs = HOUR_MS - (wallNow % HOUR_MS);
    const perMs = expectedIn(baseline, wallNow, hourEndMs) / hourEndMs;
    // A millisecond more than the division says, so that rounding does not wake us just before.
    return Math.max(leastMs, Math.min(hourEndMs, perMs === 0 ? hourEndMs : Math.ceil(lacking / perMs) + 1));
}
/** Whole hours since the epoch, shifted so that hour 0 of the week is Monday 00:00 UTC. */
function hourOf(wallMs) {
    // The epoch was a Thursday.
    return Math.floor(wallMs / HOUR_MS) + 72;
}
/** Reads what was kept; null if it is not one of ours. */
export function readBaseline(value) {
    const { hours } = (value ?? {});
    if (!Array.isArray(hours) || hours.length !== HOURS_OF_WEEK)
        return null;
    const isRate = (rate) => rate === null || (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate));
    // The hour under way when we stopped was not seen whole.
    return hours.every(isRate) ? { hours: [...hours], current: null } : null;
}
