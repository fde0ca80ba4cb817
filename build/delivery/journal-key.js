const DIGITS = 16; // as many as the largest safe integer has
/** A whole number from 0 as a key: keys sort as their numbers do. */
export function numberKey(value) {
    return String(value).padStart(DIGITS, '0');
}
/** The number of such a key, or of one that begins with it; NaN for anything else. */
export function numberOfKey(key) {
    const digits = key.slice(0, DIGITS);
    return /^\d{16}$/.test(digits) ? Number(digits) : Number.NaN;
}
// Three bytes of UTF-8 per character at most, so that 120 of them and the suffix stay below the store's 500.
const TEXT_MAX_LENGTH = 120;
/**
 * Any text as a key. What a store may refuse (too long, or half a surrogate pair) is cut and told apart by a hash of 106
 * bits; ids of the platform have 32 to 64 plain characters and stay as they are.
 */
export function textKey(text) {
    if (text.length <= TEXT_MAX_LENGTH && !SURROGATE.test(text))
        return text;
    const start = text.slice(0, TEXT_MAX_LENGTH).replaceAll(SURROGATES, '?');
    return `${start}#${text.length}:${hash53(text, 1)}${hash53(text, 2)}`;
}
// Whole pairs too: simpler than to tell the halves apart, and the hash tells the texts apart all the same.
const SURROGATE = /[\uD800-\uDFFF]/;
const SURROGATES = /[\uD800-\uDFFF]/g;
/** @see cyrb53 by bryc (public domain): 53 bits, well mixed, no dependency. */
function hash53(text, seed) {
    let high = 0xdeadbeef ^ seed;
    let low = 0x41c6ce57 ^ seed;
    for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        high = Math.imul(high ^ code, 2_654_435_761);
        low = Math.imul(low ^ code, 1_597_334_677);
    }
    high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
    low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
    return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36).padStart(11, '0');
}
