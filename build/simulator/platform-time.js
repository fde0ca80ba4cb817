/**
 * The platform's own time. Its wall clock runs on from where the host's stood at the start: when a test moves the host's
 * wall clock, the platform's, a thousand miles away, does not move along.
 */
export class PlatformTime {
    #clock;
    #wallOffsetMs;
    constructor(clock) {
        this.#clock = clock;
        this.#wallOffsetMs = clock.wallNow() - clock.now();
    }
    now() {
        return this.#clock.now();
    }
    wallNow() {
        return Math.floor(this.#clock.now() + this.#wallOffsetMs);
    }
    timer(delayMs, fire) {
        return this.#clock.timer(delayMs, fire);
    }
}
