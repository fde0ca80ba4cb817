/** Runs a task once for all who ask while it runs, each waiting at most until the same deadline. */
export class SingleFlight {
    #task;
    #clock;
    #deadlineMs;
    #flight = null;
    /** @param task Given a signal that is aborted at the deadline, when nobody waits for it any more. */
    constructor(task, clock, deadlineMs) {
        this.#task = task;
        this.#clock = clock;
        this.#deadlineMs = deadlineMs;
    }
    /** @throws Error when the deadline passed, or what the task threw. */
    run() {
        this.#flight ??= this.#start().finally(() => {
            // After the deadline too: a task that hangs must not take all later ones with it.
            this.#flight = null;
        });
        return this.#flight;
    }
    #start() {
        return new Promise((resolve, reject) => {
            const patience = new AbortController();
            const late = this.#clock.timer(this.#deadlineMs, () => {
                const reason = new Error(`not finished within ${this.#deadlineMs} ms`);
                reject(reason);
                patience.abort(reason);
            });
            Promise.resolve()
                .then(() => this.#task(patience.signal))
                .then(resolve, reject)
                .finally(() => late.cancel());
        });
    }
}
