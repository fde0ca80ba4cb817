/** Entries that a violation is told with. */
const KEPT = 50;
/** The latest that happened, and a digest over everything that did: two runs with the same digest were the same run. */
export class Chronicle {
    #entries = [];
    #count = 0;
    #hash = 0x811c9dc5;
    /** Writes it down. `told` is kept as it is and shown as JSON if it comes to that. */
    add(at, what, told = null) {
        this.mix(at, what);
        this.#entries[this.#count++ % KEPT] = { at, what, told };
    }
    /** Counts in the digest alone: heartbeats would leave room for nothing else. */
    mix(at, what) {
        let hash = this.#hash ^ (at | 0);
        for (let index = 0; index < what.length; index++)
            hash = Math.imul(hash ^ what.charCodeAt(index), 0x01000193);
        this.#hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    }
    /** Eight hexadecimal digits. */
    get digest() {
        return (this.#hash >>> 0).toString(16).padStart(8, '0');
    }
    /** The latest entries as lines, oldest first. */
    lines() {
        const start = this.#count < KEPT ? 0 : this.#count % KEPT;
        return [...this.#entries.slice(start), ...this.#entries.slice(0, start)].flatMap((entry) => entry === undefined ? [] : [lineOf(entry)]);
    }
}
function lineOf({ at, what, told }) {
    return `${virtualTime(at)}  ${what}${told === null ? '' : ` ${JSON.stringify(told)}`}`;
}
/** Days and time of day since the start, such as `12d 03:04:05.678`. */
export function virtualTime(ms) {
    return `${Math.floor(ms / 86_400_000)}d ${new Date(Math.round(ms) % 86_400_000).toISOString().slice(11, 23)}`;
}
