/** Characters that are looked at: whatever an excerpt shows stands near the beginning. */
const WINDOW_LENGTH = 2_000;
/** What may hold a secret, in the order it is struck out. */
const SECRETS = [
    /[?][^\s"'<>]*/g, // the query of a URL
    /(?:=|%3d|\\u003d)\s*(?:"[^"]*"?|'[^']*'?|[^\s"'<>]*)/gi, // key=value, quoted or not
    /(?:ticket|access_key|secret|token|password|authorization)["']?\s*:\s*(?:bearer\s+)?(?:"[^"]*"?|'[^']*'?|[^\s"'<>,]*)/gi,
    /[\w-]{20,}/g, // anything long enough to be a key, an id or a token
];
/**
 * The beginning of a foreign text for a report: printable, on one line, and without what may be a secret. Rather strikes
 * out too much.
 * @param length At most so many characters, the sign for what was left out included.
 */
export function excerptOf(text, length) {
    let shown = text;
    // A word cut in half could escape the rules below.
    if (shown.length > WINDOW_LENGTH)
        shown = shown.slice(0, WINDOW_LENGTH).replace(/\S+$/, '');
    for (const secret of SECRETS)
        shown = shown.replace(secret, '…');
    shown = shown.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, ' ').trim();
    return shown.length <= length ? shown : `${shown.slice(0, length - 1)}…`;
}
