import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Baseline,
  expectedIn,
  HOURS_OF_WEEK,
  heardAt,
  isSuspicious,
  LOOKOUT_DEFAULTS,
  learned,
  NO_BASELINE,
  NO_SILENCE,
  prolonged,
  readBaseline,
  type Silence,
  suspiciousInMs,
} from '../../src/catchup/index.js';
import { type Random, seededRandom } from '../../src/ports/index.js';

const POLICY = LOOKOUT_DEFAULTS.baseline;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 2026-01-05, a Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5);

const known = (rate: number): Baseline => ({ hours: Array.from({ length: HOURS_OF_WEEK }, () => rate), current: null });

/** Time from one event to the next of a Poisson process. */
const gapMs = (ratePerHour: number, random: Random) => (-Math.log(1 - random()) / ratePerHour) * HOUR;

/** A bot's week: nights, weekends and lunch; mean events per hour. */
type Pattern = (wallMs: number) => number;
const office =
  (busiest: number): Pattern =>
  (wallMs) => {
    const hour = Math.floor(wallMs / HOUR) % 24;
    const isWeekend = [0, 6].includes(new Date(wallMs).getUTCDay());
    if (isWeekend) return busiest / 50;
    return hour < 8 || hour > 19 ? busiest / 100 : hour === 12 ? busiest / 3 : busiest;
  };

interface Run {
  baseline: Baseline;
  suspicions: number;
  events: number;
}

/** Lets the app live by its pattern; the shape of what the Lookout does with it, without the platform. */
function live(pattern: Pattern, days: number, random: Random, before: Baseline = NO_BASELINE, from = MONDAY): Run {
  const run: Run = { baseline: before, suspicions: 0, events: 0 };
  let silence: Silence = NO_SILENCE;
  let now = 0;
  let learnedAt = 0;
  const until = days * DAY;
  const tell = (events: number) => {
    const wallNow = from + now;
    const elapsedMs = silence.isActedOn ? 0 : now - learnedAt;
    run.baseline = learned(run.baseline, POLICY, { events, elapsedMs, wallNow });
    silence = prolonged(silence, run.baseline, { now, wallNow, isServed: true });
    learnedAt = now;
    if (isSuspicious(silence, POLICY, now)) {
      run.suspicions += 1;
      silence = { ...silence, isActedOn: true };
    }
  };
  while (now < until) {
    // Thinning: candidates at the highest rate of the hour, of which each counts by its own rate.
    const rate = pattern(from + now);
    const nextMs = gapMs(Math.max(rate, 0.01), random);
    const hourEnd = (Math.floor((from + now) / HOUR) + 1) * HOUR - from;
    const eventAt = now + nextMs;
    const stopAt = Math.min(eventAt, hourEnd, until);
    while (now < stopAt) {
      now = Math.min(stopAt, now + MINUTE);
      if (now < stopAt) tell(0);
    }
    const isEvent = eventAt <= hourEnd && eventAt <= until;
    tell(isEvent ? 1 : 0);
    if (!isEvent) continue;
    run.events += 1;
    silence = heardAt(now);
  }
  return run;
}

test.each([
  ['a shy bot', 2],
  ['a quiet bot', 12],
  ['a bot with a message a minute', 60],
  ['a busy bot', 600],
])(
  '%s that keeps to its pattern is never suspected, in thirty days after three weeks of learning',
  (_name, busiest) => {
    const pattern = office(busiest);
    const weeks = live(pattern, 21, seededRandom(7));
    const month = live(pattern, 30, seededRandom(8), weeks.baseline, MONDAY + 21 * DAY);
    expect(month.events).toBeGreaterThan(100);
    expect(weeks.suspicions + month.suspicions).toBe(0);
  },
);

// With 120 seeds it was measured over 480 months: none either.
test('over forty-eight months of bots with a pattern, not one false suspicion (seeds 0 to 11)', () => {
  let suspicions = 0;
  for (let seed = 0; seed < 12; seed++) {
    const pattern = office([1, 5, 20, 60][seed % 4] ?? 1);
    const weeks = live(pattern, 14, seededRandom(seed));
    suspicions += weeks.suspicions;
    suspicions += live(pattern, 120, seededRandom(seed + 1_000), weeks.baseline, MONDAY + 14 * DAY).suspicions;
  }
  expect(suspicions).toBe(0);
}, 60_000);

test('without a whole week of learning nothing is expected, and nothing suspected', () => {
  expect(live(office(600), 6, seededRandom(1)).suspicions).toBe(0);
  expect(expectedIn(NO_BASELINE, MONDAY, 7 * DAY)).toBe(0);
});

test.each([
  [600, 2 * MINUTE],
  [60, 21 * MINUTE],
  [12, 2.2 * HOUR],
])('with %d events an hour, a sudden silence is suspicious within its time', (rate, withinMs) => {
  const inMs = suspiciousInMs(heardAt(0), known(rate), POLICY, { now: 0, wallNow: MONDAY }) ?? Number.POSITIVE_INFINITY;
  let silence = heardAt(0);
  for (let now = MINUTE / 4; now <= withinMs; now += MINUTE / 4) {
    silence = prolonged(silence, known(rate), { now, wallNow: MONDAY + now, isServed: true });
    if (!isSuspicious(silence, POLICY, now)) continue;
    expect(now).toBeGreaterThanOrEqual(Math.min(inMs, HOUR));
    return;
  }
  throw new Error('it was never suspicious');
});

test('a silence is acted on once, and only a real event arms it again', () => {
  const silence = { ...heardAt(0), missed: 100, isActedOn: true };
  expect(isSuspicious(silence, POLICY, DAY)).toBe(false);
  expect(suspiciousInMs(silence, known(600), POLICY, { now: DAY, wallNow: MONDAY })).toBeNull();
  expect(isSuspicious({ ...heardAt(DAY), missed: 100 }, POLICY, DAY + HOUR)).toBe(true);
});

test('what an outage swallows is no silence', () => {
  let silence = heardAt(0);
  silence = prolonged(silence, known(600), { now: HOUR, wallNow: MONDAY + HOUR, isServed: false });
  expect(silence.missed).toBe(0);
});

test('a deaf hour moves the estimate by its weight, and an hour that was not seen whole not at all', () => {
  const before = known(100);
  const hour = { hour: Math.floor(MONDAY / HOUR) + 72, events: 0, servedMs: HOUR };
  const after = learned({ ...before, current: hour }, POLICY, { events: 1, elapsedMs: 0, wallNow: MONDAY + HOUR });
  expect(after.hours[hour.hour % HOURS_OF_WEEK]).toBeCloseTo(70);
  const half = { ...hour, servedMs: HOUR / 2 };
  const same = learned({ ...before, current: half }, POLICY, { events: 1, elapsedMs: 0, wallNow: MONDAY + HOUR });
  expect(same.hours).toBe(before.hours);
});

test('expectation is additive over time (seed 11)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: 0, max: 1e4, noNaN: true })), {
        minLength: HOURS_OF_WEEK,
        maxLength: HOURS_OF_WEEK,
      }),
      fc.nat(7 * DAY),
      fc.nat(2 * DAY),
      fc.nat(2 * DAY),
      (hours, at, first, second) => {
        const baseline = { hours, current: null };
        const whole = expectedIn(baseline, MONDAY + at, first + second);
        const parts = expectedIn(baseline, MONDAY + at, first) + expectedIn(baseline, MONDAY + at + first, second);
        expect(parts).toBeCloseTo(whole, 3);
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});

test('what was kept is read back, and anything else is not', () => {
  expect(readBaseline(JSON.parse(JSON.stringify({ hours: known(3).hours })))).toEqual(known(3));
  for (const odd of [
    null,
    1,
    {},
    { hours: [] },
    { hours: known(-1).hours },
    { hours: [...known(1).hours.slice(1), 'x'] },
  ]) {
    expect(readBaseline(odd)).toBeNull();
  }
});
