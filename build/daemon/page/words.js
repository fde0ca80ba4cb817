import { ageText } from './browser.js';
import { html } from './markup.js';
/** A span that goes on: the browser lets it grow until the next answer. @param ms Null is `never`. */
export function age(ms) {
    return ms === null ? html `never` : html `<span data-age-ms="${Math.round(ms)}">${ageText(ms)}</span>`;
}
/** A moment for people, in UTC as in the logs. @param at Epoch milliseconds. */
export function moment(at) {
    const iso = new Date(at).toISOString();
    return html `<time datetime="${iso}">${utc(at)}</time>`;
}
/** The same without markup. */
export function utc(at) {
    const iso = new Date(at).toISOString();
    return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}
/** A span that is over, or short: `12 ms`, `3.2 s`, then as {@link ageText}. */
export function lasted(ms) {
    if (ms < 1_000)
        return `${Math.round(ms)} ms`;
    return ms < 59_950 ? `${(ms / 1_000).toFixed(1)} s` : ageText(Math.round(ms / 1_000) * 1_000);
}
/** `812 B`, `4.0 kB`, `1.3 GB`, by powers of a thousand. */
export function bytes(count) {
    const power = count < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3));
    return power === 0 ? `${count} B` : `${(count / 1_000 ** power).toFixed(1)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}
/** A span that shrinks: the browser lets it, down to nothing. */
export function left(ms) {
    const rounded = Math.max(0, Math.round(ms));
    return html `<span data-left-ms="${rounded}">${ageText(rounded)}</span>`;
}
/** A round trip: `0.4 ms`, `12 ms`. */
export function trip(ms) {
    return ms < 10 ? `${ms.toFixed(1)} ms` : lasted(ms);
}
