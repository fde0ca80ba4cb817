export const JITTERS = ['full', 'equal', 'none'];
// Plain full jitter may draw zero several times running, and then hammers. A tenth of the first wait keeps the spread.
const FLOOR_SHARE = 0.1;
// A day. Far under the 24.8 days at which Node's timers overflow and fire at once.
const LONGEST_MS = 86_400_000;
const LONGEST_SCHEDULE = 1_000;
/**
 * The wait before the next try, in milliseconds. Pure, and never zero.
 * @param failures Failures in a row so far, 1 for the first; less counts as 1.
 * @param random One draw in [0, 1).
 */
export function backoffMs(backoff, failures, random) {
    const count = Math.max(1, Math.floor(failures));
    const limitMs = limitAfter(backoff, count);
    switch (backoff.jitter) {
        case 'full':
            return Math.max(Math.min(limitMs, limitAfter(backoff, 1) * FLOOR_SHARE), limitMs * random);
        case 'equal':
            return limitMs / 2 + (limitMs / 2) * random;
        case 'none':
            return limitMs;
    }
}
function limitAfter(backoff, count) {
    const scheduled = backoff.scheduleMs?.at(Math.min(count, backoff.scheduleMs.length) - 1);
    // The power overflows to Infinity after some thousand failures, which Math.min handles.
    return scheduled ?? Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** (count - 1));
}
/**
 * Checks a {@link Backoff} that came from options.
 * @param name What the option is called, for the message.
 * @returns The same backoff.
 * @throws RangeError naming field, bound and value.
 */
export function checkBackoff(name, backoff) {
    if (backoff.scheduleMs !== undefined) {
        const length = backoff.scheduleMs.length;
        inRange(`${name}.scheduleMs.length`, length, 1, LONGEST_SCHEDULE);
        for (const [index, waitMs] of backoff.scheduleMs.entries()) {
            inRange(`${name}.scheduleMs[${index}]`, waitMs, 1, LONGEST_MS);
        }
    }
    inRange(`${name}.initialMs`, backoff.initialMs, 1, LONGEST_MS);
    inRange(`${name}.maxMs`, backoff.maxMs, backoff.initialMs, LONGEST_MS);
    inRange(`${name}.factor`, backoff.factor, 1, 100);
    if (!JITTERS.includes(backoff.jitter)) {
        throw new RangeError(`${name}.jitter must be one of ${JITTERS.join(', ')}, got ${String(backoff.jitter)}`);
    }
    return backoff;
}
function inRange(field, value, min, max) {
    // Written so that NaN fails too.
    if (!(value >= min && value <= max))
        throw new RangeError(`${field} must be from ${min} to ${max}, got ${value}`);
}
