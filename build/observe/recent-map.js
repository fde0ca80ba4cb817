/**
 * A Map that remembers at least so many of the entries that were set last, and at most twice as many. Where nobody minds
 * which, that costs a fraction of a `BoundedMap`: nothing is looked for, moved or thrown out one by one.
 */
export class RecentMap {
    #capacity;
    #young = new Map();
    #old = new Map();
    /** @param capacity Entries that are surely remembered; at least 1. */
    constructor(capacity) {
        this.#capacity = capacity;
    }
    get(key) {
        return this.#young.get(key) ?? this.#old.get(key);
    }
    set(key, value) {
        if (this.#young.size >= this.#capacity) {
            this.#old = this.#young;
            this.#young = new Map();
        }
        this.#young.set(key, value);
    }
}
