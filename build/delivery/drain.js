/** The way to the end of a pipeline: one promise for all who asked for it, and one limit, which may be moved. */
export class Drain {
    drained;
    #clock;
    #giveUp;
    #resolve = () => { };
    #limit = null;
    /** @param giveUp Called when a limit has passed. */
    constructor(clock, giveUp) {
        this.#clock = clock;
        this.#giveUp = giveUp;
        this.drained = new Promise((resolve) => {
            this.#resolve = resolve;
        });
    }
    /** Gives up `drainMs` from now, whatever limit was set before. */
    limitTo(drainMs) {
        this.#limit?.cancel();
        this.#limit = this.#clock.timer(drainMs, this.#giveUp);
    }
    /** Resolves {@link drained}, the first time, and leaves no timer, every time. */
    end(unfinished) {
        this.#limit?.cancel();
        this.#limit = null;
        this.#resolve({ unfinished });
    }
}
