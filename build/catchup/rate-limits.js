import { backoffMs } from '../ports/index.js';
// A probe each minute kept the limit alive in the field; 1 to 30 minutes let it go (F29).
const WAITS = { initialMs: 60_000, maxMs: 1_800_000, factor: 2, jitter: 'none' };
const SHORTEST_MS = 1_000;
const LONGEST_MS = 600_000;
/** After an answer on this route. Monotonic milliseconds. Pure. */
export function limitedBy(limits, route, answer, now) {
    if (!answer.isLimited) {
        if (!Object.hasOwn(limits, route))
            return limits;
        return Object.fromEntries(Object.entries(limits).filter(([name]) => name !== route));
    }
    const hits = (limits[route]?.hits ?? 0) + 1;
    // A wrong header must neither make us hammer nor silence us.
    const waitMs = answer.resetMs === null ? backoffMs(WAITS, hits, 0) : Math.min(Math.max(answer.resetMs, SHORTEST_MS), LONGEST_MS);
    return { ...limits, [route]: { untilAt: now + waitMs, hits } };
}
/** How long the route is to be left alone, in milliseconds; 0: not at all. */
export function waitMsOf(limits, route, now) {
    return Math.max(0, (limits[route]?.untilAt ?? 0) - now);
}
/** The header `x-ogw-ratelimit-reset`, seconds on the wire, in milliseconds; null if it says nothing. */
export function resetMsOf(headers) {
    const seconds = Number.parseFloat(headers['x-ogw-ratelimit-reset'] ?? '');
    return seconds >= 0 ? seconds * 1_000 : null;
}
