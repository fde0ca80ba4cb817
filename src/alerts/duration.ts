const SECONDS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;
type Unit = keyof typeof SECONDS;

/** A length of time as Prometheus and Alertmanager write it, with one unit: `90s`, `15m`, `1d`. */
export type Duration = `${number}${Unit}`;

export function secondsOf(duration: Duration): number {
  return Number(duration.slice(0, -1)) * SECONDS[duration.slice(-1) as Unit];
}

/** The same length in the largest unit that divides it; whole seconds only. */
export function durationOf(seconds: number): Duration {
  for (const unit of Object.keys(SECONDS) as Unit[]) {
    if (seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`;
  }
  return `${seconds}s`;
}

/**
 * Divides all the times of the rules, so that a test sees in a minute what takes twenty. Everything is rounded to whole
 * seconds and kept above what the rules need to work at all; a scale of 1 changes nothing.
 */
export interface TimeScale {
  /** A hold, a pause or an interval: at least a second, but zero stays zero. */
  hold(duration: Duration): Duration;
  /** A range or an offset in an expression: at least four scrapes, as the shortest of the rules has. */
  window(duration: Duration): Duration;
  /** A number of seconds that something may be late: at least three ticks of the connector's own supervisor. */
  allowanceSeconds(seconds: number): number;
}

const SCRAPE_INTERVAL: Duration = '15s';
const SCRAPES_PER_WINDOW = 4;
/** The supervisor ticks every 5 s, whatever the scale of the rules. */
const SHORTEST_ALLOWANCE_SECONDS = 15;

export function timeScale(scale: number): TimeScale {
  const scaled = (seconds: number, atLeast: number) =>
    Math.min(seconds, Math.max(atLeast, Math.round(seconds / scale)));
  const shortestWindow = SCRAPES_PER_WINDOW * scaled(secondsOf(SCRAPE_INTERVAL), 1);
  return {
    hold: (duration) => durationOf(scaled(secondsOf(duration), 1)),
    window: (duration) => durationOf(scaled(secondsOf(duration), shortestWindow)),
    allowanceSeconds: (seconds) => scaled(seconds, SHORTEST_ALLOWANCE_SECONDS),
  };
}
