/** How many readings in a row it takes to contradict: one alone may be a count from before our last change. */
export const READINGS_TO_CONTRADICT = 2;
export const FIRST_VIEW = Object.freeze({ verdict: 'unknown', below: 0, above: 0, last: null });
/**
 * The view after one more poll. Pure.
 * @param seen The platform's count; null if the call failed.
 * @param at Monotonic milliseconds.
 */
export function viewed(view, seen, expectation, at) {
    // What nobody could look at is unknown; what earlier readings said is not forgotten, and needs no third one.
    if (seen === null)
        return { ...view, verdict: 'unknown' };
    const { ours, others, ghosts } = expectation;
    const expected = ours + others;
    // Others may come and go without our knowing. Fewer than ours alone cannot be, if ours were there.
    const below = seen < ours ? view.below + 1 : 0;
    const above = seen > expected ? view.above + 1 : 0;
    return {
        below,
        above,
        verdict: verdictOf(view, { below, above, excess: seen - expected, ghosts }),
        last: { seen, expected, at },
    };
}
/** Whether the latest reading calls for another one soon: it contradicts us, and is the only one yet. */
export function needsConfirming(view) {
    return view.below === 1 || view.above === 1;
}
function verdictOf(view, { below, above, excess, ghosts }) {
    if (below >= READINGS_TO_CONTRADICT)
        return 'zombie';
    // Our own old connections explain it, at once: nothing follows from it but patience.
    if (above > 0 && excess <= ghosts)
        return 'ghost';
    if (above >= READINGS_TO_CONTRADICT)
        return 'foreign_consumer';
    if (below === 0 && above === 0)
        return 'agrees';
    // One reading alone changes nothing; before the first it says nothing.
    return view.verdict === 'unknown' || view.last === null ? 'unknown' : settledVerdict(view.verdict, below);
}
/** A single reading on one side ends the verdict of the other side. */
function settledVerdict(verdict, below) {
    if (verdict === 'agrees')
        return 'agrees';
    return (verdict === 'zombie') === below > 0 ? verdict : 'agrees';
}
/** Connections of ours that may haunt the platform's count, by when they ended (monotonic milliseconds). */
export function ghostsAt(endedAt, now, ghostMs) {
    return endedAt.filter((at) => now - at < ghostMs);
}
