import type { Sample, Signal } from './world.js';

export const minutes = (count: number) => count * 60;
export const hours = (count: number) => count * 3_600;
export const days = (count: number) => count * 86_400;

/** Another value, or another signal, from one moment until before another. */
export const during =
  (from: number, to: number, instead: Sample | Signal) =>
  (was: Signal): Signal =>
  (at) =>
    from <= at && at < to ? (typeof instead === 'function' ? instead(at) : instead) : was(at);

/** Another value from a moment on. */
export const from = (moment: number, instead: Sample | Signal) => during(moment, Number.POSITIVE_INFINITY, instead);

/** The value it had at the beginning, until it goes on as if nothing had been. */
export const frozen = (since: number, until: number) => (was: Signal) => during(since, until, () => was(since))(was);

/** Adds one to a counter every `everySeconds`, first at `since`, last before `until`. */
export const counting =
  (since: number, until: number, everySeconds: number, by = 1) =>
  (was: Signal): Signal =>
  (at) => {
    const value = was(at);
    if (typeof value !== 'number' || at < since) return value;
    const last = Math.min(at, until - 1);
    return value + by * (Math.floor((last - since) / everySeconds) + 1);
  };

/** Every scrape fails, and then the series are as they would have been. */
export const unscraped = (since: number, until: number) => during(since, until, 'stale');

/** The scrapes fail that come at these moments: one in `every` seconds. */
export const failingOnceEvery =
  (every: number) =>
  (was: Signal): Signal =>
  (at) =>
    at % every === 0 && at > 0 ? 'stale' : was(at);

/** The target leaves: stale once, then never scraped. */
export const gone = (since: number, until = Number.POSITIVE_INFINITY) =>
  during(since, until, (at) => (at - since < 15 ? 'stale' : null));
