/** A Map that holds the newest entries only: what is remembered about an unbounded stream must be bounded. */
export class BoundedMap {
    #entries = new Map();
    #capacity;
    #evicted;
    /**
     * @param capacity Entries kept; at least 1.
     * @param evicted Called with an entry that had to go; not for {@link delete}.
     */
    constructor(capacity, evicted = () => { }) {
        this.#capacity = capacity;
        this.#evicted = evicted;
    }
    get size() {
        return this.#entries.size;
    }
    get(key) {
        return this.#entries.get(key);
    }
    /** Sets an entry and makes it the newest. */
    set(key, value) {
        this.#entries.delete(key);
        this.#entries.set(key, value);
        if (this.#entries.size <= this.#capacity)
            return;
        for (const [oldest, evictedValue] of this.#entries) {
            this.#entries.delete(oldest);
            this.#evicted(evictedValue, oldest);
            return;
        }
    }
    /** Oldest first. */
    values() {
        return this.#entries.values();
    }
    delete(key) {
        this.#entries.delete(key);
    }
    /** Empties it, and hands out what was in it, oldest first. */
    drain() {
        const values = [...this.#entries.values()];
        this.#entries.clear();
        return values;
    }
}
