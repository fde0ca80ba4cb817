/** A number of places, taken in the order in which they were asked for. */
export class Places {
    #free;
    #waiting = new Set();
    /** @param count At least 1. */
    constructor(count) {
        this.#free = count;
    }
    /** Resolves with a place, which is to be given back; rejects with the signal's reason, and then none was taken. */
    take(signal) {
        return new Promise((resolve, reject) => {
            if (signal.aborted) {
                reject(signal.reason);
                return;
            }
            if (this.#free > 0) {
                this.#free -= 1;
                resolve();
                return;
            }
            const abandon = () => {
                this.#waiting.delete(enter);
                reject(signal.reason);
            };
            const enter = () => {
                signal.removeEventListener('abort', abandon);
                resolve();
            };
            this.#waiting.add(enter);
            signal.addEventListener('abort', abandon, { once: true });
        });
    }
    /** Gives a place back: to whoever waits longest. */
    give() {
        const [next] = this.#waiting;
        if (next === undefined) {
            this.#free += 1;
            return;
        }
        this.#waiting.delete(next);
        next();
    }
}
