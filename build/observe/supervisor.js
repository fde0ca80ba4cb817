import { momentOf } from '../ports/index.js';
export const CLOCK_JUMPS = ['forward', 'backward'];
/** Between two ticks. The alarm for a stalled loop waits for 60 s without one. */
export const TICK_MS = 5_000;
/** Smaller differences are NTP slewing the clock, not somebody setting it or a machine that slept. */
export const CLOCK_JUMP_MS = 1_000;
/** Proves that the connector's loop runs, and watches the wall clock: one report per tick, one more per jump. */
export class Supervisor {
    #clock;
    #report;
    #last;
    #timer = null;
    constructor(clock, report) {
        this.#clock = clock;
        this.#report = report;
        this.#last = momentOf(clock);
    }
    /** Ticks at once and every {@link TICK_MS} from then on. */
    start() {
        this.stop();
        this.#last = momentOf(this.#clock);
        this.#tick();
    }
    stop() {
        this.#timer?.cancel();
        this.#timer = null;
    }
    #tick() {
        const moment = momentOf(this.#clock);
        const byMs = clockJumpMs(this.#last, moment);
        this.#last = moment;
        this.#timer = this.#clock.timer(TICK_MS, () => this.#tick());
        this.#report({ type: 'tick' }, moment);
        if (byMs !== 0)
            this.#report({ type: 'clock_jumped', byMs }, moment);
    }
}
/** By how much the wall clock jumped between two moments; 0 if it kept pace within {@link CLOCK_JUMP_MS}. */
export function clockJumpMs(before, after) {
    const byMs = after.wallNow - before.wallNow - (after.now - before.now);
    return Math.abs(byMs) > CLOCK_JUMP_MS ? byMs : 0;
}
