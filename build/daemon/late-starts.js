import { backoffMs } from '../ports/index.js';
/** Waits between tries to start what could not start. They never end. In milliseconds. */
export const LATE_START_BACKOFF = Object.freeze({
    initialMs: 1_000, // the process before us may still drain, and own the journal meanwhile
    maxMs: 60_000, // a disk that somebody must mend
    factor: 2,
    jitter: 'none', // nobody else waits for the same
});
/** Tries again, for as long as it takes, to start apps that could not start with the others. */
export class LateStarts {
    #clock;
    #tryAgain;
    #timer = null;
    #failures = 0;
    /** @param tryAgain Resolves to whether all have started now. Never rejects. */
    constructor(clock, tryAgain) {
        this.#clock = clock;
        this.#tryAgain = tryAgain;
    }
    /** From now on, with the shortest wait first. Called again, it begins anew. */
    begin() {
        this.stop();
        this.#schedule();
    }
    stop() {
        this.#timer?.cancel();
        this.#timer = null;
        this.#failures = 0;
    }
    #schedule() {
        this.#failures += 1;
        const timer = this.#clock.timer(backoffMs(LATE_START_BACKOFF, this.#failures, 0), async () => {
            const isDone = await this.#tryAgain();
            // Stopped, or begun anew, while it tried: then it is somebody else's turn.
            if (this.#timer !== timer)
                return;
            if (isDone)
                this.stop();
            else
                this.#schedule();
        });
        this.#timer = timer;
    }
}
