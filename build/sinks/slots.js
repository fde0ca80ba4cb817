/** A bound on how many do something at a time; who comes later waits, first come first served. */
export class Slots {
    #capacity;
    #onChange;
    #queue = new Set();
    #taken = 0;
    constructor(capacity, onChange) {
        this.#capacity = capacity;
        this.#onChange = onChange;
    }
    /**
     * Runs `task` as soon as there is a slot.
     * @throws The signal's reason if that aborts while it waits; `task` has not run then. Else what `task` throws.
     */
    async run(signal, task) {
        signal.throwIfAborted();
        if (this.#taken >= this.#capacity)
            await this.#turn(signal);
        else
            this.#take();
        try {
            return await task();
        }
        finally {
            this.#release();
        }
    }
    /** Resolves with a slot taken: whoever leaves hands over its own, so nobody can come between. */
    #turn(signal) {
        return new Promise((resolve, reject) => {
            const enter = () => {
                signal.removeEventListener('abort', abandon);
                resolve();
            };
            const abandon = () => {
                this.#queue.delete(enter);
                reject(signal.reason);
            };
            signal.addEventListener('abort', abandon, { once: true });
            this.#queue.add(enter);
        });
    }
    #take() {
        this.#taken += 1;
        this.#onChange(this.#taken, this.#capacity);
    }
    #release() {
        const [next] = this.#queue;
        if (next !== undefined) {
            this.#queue.delete(next);
            next();
            return;
        }
        this.#taken -= 1;
        this.#onChange(this.#taken, this.#capacity);
    }
}
