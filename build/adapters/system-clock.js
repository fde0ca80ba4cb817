import { performance } from 'node:perf_hooks';
/** Node fires a timer of more than 2^31-1 ms at once; ours fires early instead, and its owner asks again. */
const MAX_DELAY_MS = 2_147_483_647;
/** The machine's own clocks and timers. */
export const systemClock = {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    timer(delayMs, fire) {
        const timeout = setTimeout(fire, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
        return { cancel: () => clearTimeout(timeout) };
    },
};
