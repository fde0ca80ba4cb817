import { retryAfterMs } from './retry-after.js';
import { SendError } from './send-error.js';
/** Whoever answers so does not know us, or is somebody else: a fault of the configuration, here or there, and no event's. */
const MISCONFIGURED = new Set([401, 403, 404, 405, 407, 410, 421, 426]);
const BUSY = new Set([408, 425, 429, 503]);
/**
 * What an answer that is no 2xx means. A receiver that is deployed wrongly answers 404 to every event for an hour: to
 * count that against the events would bury them all, so they wait and somebody is told. What a receiver says about one
 * event, such as 422, counts: at the limit the event is a dead letter, and the others go on.
 * @returns null for a 2xx.
 */
export function failureOfAnswer({ status, headers }, wallNow) {
    if (status >= 200 && status < 300)
        return null;
    if (BUSY.has(status)) {
        const afterMs = retryAfterMs(headers['retry-after'], wallNow);
        return new SendError('busy', 'later', `the receiver answered ${status}`, { afterMs });
    }
    if (status >= 300 && status < 400) {
        return new SendError('misconfigured', 'later', `the receiver answered ${status}, and redirects are not followed: configure the address it redirects to`);
    }
    if (MISCONFIGURED.has(status)) {
        return new SendError('misconfigured', 'later', `the receiver answered ${status}: check its address, its secret and ours`);
    }
    if (status >= 400 && status < 500)
        return new SendError('rejected', 'counted', `the receiver answered ${status}`);
    const afterMs = retryAfterMs(headers['retry-after'], wallNow);
    return new SendError('failing', 'later', `the receiver answered ${status}`, { afterMs });
}
/** The failure that a network error amounts to. */
export function failureOfNetwork(kind) {
    switch (kind) {
        case 'timeout':
            return 'timeout';
        case 'aborted':
            return 'aborted';
        case 'protocol':
        case 'too_large':
            return 'failing';
        default:
            return 'unreachable';
    }
}
