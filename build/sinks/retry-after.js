/** The longest a receiver may send us away, in milliseconds: it may be well again long before. */
export const RETRY_AFTER_MAX_MS = 3_600_000;
/**
 * What a `Retry-After` header asks for, in milliseconds from now, at most {@link RETRY_AFTER_MAX_MS}; null for none and
 * for nonsense. It is a number of seconds or a date.
 * @see RFC 9110 section 10.2.3
 */
export function retryAfterMs(header, wallNow) {
    const text = header?.trim() ?? '';
    if (/^\d{1,10}$/.test(text))
        return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
    // Date.parse takes much that is no date of HTTP, "5 apples" among it: these all begin with the name of a day.
    if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[, ]/.test(text))
        return null;
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : Math.min(Math.max(0, at - wallNow), RETRY_AFTER_MAX_MS);
}
