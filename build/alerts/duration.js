const SECONDS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };
export function secondsOf(duration) {
    return Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1)];
}
/** The same length in the largest unit that divides it; whole seconds only. */
export function durationOf(seconds) {
    for (const unit of Object.keys(SECONDS)) {
        if (seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0)
            return `${seconds / SECONDS[unit]}${unit}`;
    }
    return `${seconds}s`;
}
const SCRAPE_INTERVAL = '15s';
const SCRAPES_PER_WINDOW = 4;
/** The supervisor ticks every 5 s, whatever the scale of the rules. */
const SHORTEST_ALLOWANCE_SECONDS = 15;
export function timeScale(scale) {
    const scaled = (seconds, atLeast) => Math.min(seconds, Math.max(atLeast, Math.round(seconds / scale)));
    const shortestWindow = SCRAPES_PER_WINDOW * scaled(secondsOf(SCRAPE_INTERVAL), 1);
    return {
        hold: (duration) => durationOf(scaled(secondsOf(duration), 1)),
        window: (duration) => durationOf(scaled(secondsOf(duration), shortestWindow)),
        allowanceSeconds: (seconds) => scaled(seconds, SHORTEST_ALLOWANCE_SECONDS),
    };
}
