/** All unfinished events, by number and by key. */
export class UnfinishedSet {
    #bySeq = new Map();
    #byKey = new Map();
    // The oldest has at least this number. Asking the Map for its first one would walk over all that were deleted before
    // it, again and again; numbers only grow, so this cursor passes each of them once.
    #oldestSeq = 0;
    #lastSeq = 0;
    get size() {
        return this.#bySeq.size;
    }
    get(seq) {
        return this.#bySeq.get(seq) ?? null;
    }
    /** The one that any of these keys belongs to. */
    find(keys) {
        for (const key of keys) {
            const found = this.#byKey.get(key);
            if (found !== undefined)
                return found;
        }
        return null;
    }
    add(unfinished) {
        if (this.#bySeq.size === 0)
            this.#oldestSeq = unfinished.seq;
        this.#bySeq.set(unfinished.seq, unfinished);
        for (const key of unfinished.keys)
            if (!this.#byKey.has(key))
                this.#byKey.set(key, unfinished);
        this.#lastSeq = Math.max(this.#lastSeq, unfinished.seq);
    }
    delete(unfinished) {
        if (!this.#bySeq.delete(unfinished.seq))
            return false;
        for (const key of unfinished.keys)
            if (this.#byKey.get(key) === unfinished)
                this.#byKey.delete(key);
        return true;
    }
    clear() {
        this.#bySeq.clear();
        this.#byKey.clear();
    }
    oldest() {
        if (this.#bySeq.size === 0)
            return null;
        while (this.#oldestSeq < this.#lastSeq && !this.#bySeq.has(this.#oldestSeq))
            this.#oldestSeq += 1;
        return this.#bySeq.get(this.#oldestSeq) ?? null;
    }
}
