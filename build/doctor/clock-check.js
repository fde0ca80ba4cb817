import { fail, ok, skip, warn } from './check.js';
import { printable, span } from './words.js';
/** A `Date` header is a whole second, cut off: the moment it was written is in the second that follows. */
const HEADER_UNIT_MS = 1_000;
/** NTP keeps machines within a second: this much is a clock that nobody keeps. */
const ODD_SKEW_MS = 10_000;
/** What catch-up adds to both ends of a gap: beyond it messages are looked for in the wrong minutes. */
const HARMFUL_SKEW_MS = 60_000;
/**
 * The header was written at some moment between question and answer, and that moment was in its second. Pure.
 * @returns Null if the header is no date.
 */
export function skewOf({ header, askedAt, answeredAt }) {
    const theirs = header === null ? Number.NaN : Date.parse(header);
    if (Number.isNaN(theirs))
        return null;
    return { leastMs: askedAt - (theirs + HEADER_UNIT_MS), mostMs: answeredAt - theirs };
}
/** Whether this machine's clock can be believed. Pure. */
export function judgeClock(seen) {
    const skew = skewOf(seen);
    const shown = seen.header === null ? 'none' : `"${printable(seen.header)}"`;
    if (skew === null)
        return skip(`the answer has no Date to compare with (${shown})`);
    const { leastMs, mostMs } = skew;
    const bound = `the platform says ${shown}, and the answer took ${span(seen.answeredAt - seen.askedAt)}`;
    // Where both ends lie on one side of zero, that much of it is certain.
    const certainMs = leastMs > 0 ? leastMs : mostMs < 0 ? -mostMs : 0;
    const side = leastMs > 0 ? 'ahead of' : 'behind';
    const far = `this machine's clock is at least ${span(certainMs)} ${side} the platform's: ${bound}`;
    const advice = 'Let NTP set it: timedatectl, chronyc tracking. Meanwhile certificates may seem expired, ages of events are wrong, and catch-up looks at the wrong minutes.';
    if (certainMs >= HARMFUL_SKEW_MS)
        return fail(far, advice);
    if (certainMs >= ODD_SKEW_MS)
        return warn(far, advice);
    return ok(`within ${span(Math.max(Math.abs(leastMs), Math.abs(mostMs)))} of the platform's: ${bound}`);
}
