import { performance } from 'node:perf_hooks';
/** Longer delays fire at once in Node; no timer of the Simulator is that long, a scenario of a month might be. */
const MAX_DELAY_MS = 2_147_483_647;
/** The machine's own time, for the face with real sockets. */
export const realClock = {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    timer(delayMs, fire) {
        const dueAt = performance.now() + delayMs;
        let timeout;
        const arm = () => {
            const leftMs = dueAt - performance.now();
            timeout = leftMs > MAX_DELAY_MS ? setTimeout(arm, MAX_DELAY_MS) : setTimeout(fire, Math.max(0, leftMs));
        };
        arm();
        return { cancel: () => clearTimeout(timeout) };
    },
};
