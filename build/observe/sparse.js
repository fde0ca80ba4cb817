/** So that an endless repetition stays visible: at least every 10 minutes. */
const VISIBLE_EVERY_MS = 600_000;
/** Picks the 1st, 2nd, 4th, 8th … of something that repeats, and one whenever 10 minutes passed since the last pick. */
export class Sparse {
    #count = 0;
    #pickedAt = 0;
    /** How many came since the last {@link reset}. */
    get count() {
        return this.#count;
    }
    /** Counts one more, and says whether to tell of it. @param now Monotonic milliseconds. */
    next(now) {
        this.#count += 1;
        const isPicked = isPowerOfTwo(this.#count) || now - this.#pickedAt >= VISIBLE_EVERY_MS;
        if (isPicked)
            this.#pickedAt = now;
        return isPicked;
    }
    reset() {
        this.#count = 0;
    }
}
function isPowerOfTwo(count) {
    return Number.isInteger(Math.log2(count));
}
