export function hasEnded(gap) {
    return gap.to !== null;
}
/** Gaps closer than this are read as one: what lies between costs less than a second look at every chat. */
const NEAR_MS = 3_600_000;
/** The gaps that the next run takes together, from the oldest on; null if none has ended. Pure. */
export function spanOf(gaps) {
    const ended = gaps.filter(hasEnded).sort((a, b) => a.from - b.from);
    const [first] = ended;
    if (first === undefined)
        return null;
    let span = { gaps: [first.number], from: first.from, to: first.to };
    for (const gap of ended.slice(1)) {
        if (gap.from - span.to > NEAR_MS)
            break;
        span = { gaps: [...span.gaps, gap.number], from: span.from, to: Math.max(span.to, gap.to) };
    }
    return span;
}
/**
 * When a gap that ended at `endedAt` (monotonic) should be read, in the same milliseconds. Brief ones wait for company: the
 * ladder's first rung probably brings what they hold, and a bot that is kicked every minute must not read every chat as
 * often. Pure.
 * @param pace By how much the call budget asks us to wait longer, 1 or more.
 */
export function dueAt(gap, endedAt, { catchup }, { pace, random }) {
    const settledAt = endedAt + catchup.settleMs * (1 + random);
    const isBrief = gap.cause === 'outage' && gap.to - gap.from <= catchup.briefMs;
    return isBrief ? settledAt + catchup.gatherMs * pace : settledAt;
}
/** The window of history for a span: wider than the gap, since clocks disagree, and no longer than is allowed. */
export function windowOf(span, { catchup }, wallNow) {
    const from = span.from - catchup.overlapMs;
    const to = span.to + catchup.overlapMs;
    const earliest = wallNow - catchup.windowMs;
    return { from: Math.max(from, Math.min(earliest, to)), to, tooOldMs: Math.max(0, Math.min(earliest, to) - from) };
}
/** Reads what was kept; null if it is not one of ours. */
export function readGap(value) {
    const { number, cause, from, to } = (value ?? {});
    const causes = ['outage', 'restart', 'aftermath', 'deaf', 'operator'];
    if (typeof number !== 'number' || !causes.includes(cause) || typeof from !== 'number')
        return null;
    if (to !== null && typeof to !== 'number')
        return null;
    return { number, cause: cause, from, to };
}
