import { expect, test } from 'vitest';
import {
  measureRecovery,
  recoveryTable,
  summarizeRecoveries,
  TROUBLES,
  type Trouble,
  type TroubleName,
} from '../../src/simulation/index.js';

const PATIENCE = { timeout: 120_000 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SEEDS = 15;

const namesOf = (seenBy: Trouble['isSeenBy']): TroubleName[] =>
  (Object.keys(TROUBLES) as TroubleName[]).filter((name) => TROUBLES[name].isSeenBy === seenBy);

async function summaryOf(trouble: TroubleName, outageMs: number, seeds = SEEDS) {
  const recoveries = [];
  for (let seed = 1; seed <= seeds; seed++) recoveries.push(await measureRecovery({ trouble, outageMs, seed }));
  return summarizeRecoveries(recoveries);
}

test.each(namesOf('reach'))(
  'after an outage of the kind `%s` a look at the host brings it back at once',
  PATIENCE,
  async (trouble) => {
    for (const outageMs of [10_000, 10 * MINUTE, HOUR]) {
      const row = await summaryOf(trouble, outageMs);
      expect(row.maxMs).toBeLessThan(15_000);
      expect(row.callsInFirstMinute).toBeLessThan(12);
      if (outageMs > 10_000) expect(row.callsPerMinute).toBeLessThan(2);
      expect(row.probesPerMinute).toBeLessThanOrEqual(6);
    }
  },
);

test.each(namesOf('probe'))(
  'after an outage of the kind `%s` the next check brings it back',
  PATIENCE,
  async (trouble) => {
    for (const outageMs of [10_000, 10 * MINUTE, HOUR]) {
      const row = await summaryOf(trouble, outageMs);
      expect(row.maxMs).toBeLessThan(15_000);
      expect(row.callsInFirstMinute).toBeLessThan(12);
      expect(row.probesPerMinute).toBeLessThanOrEqual(6);
    }
  },
);

test('the median is under three seconds where a look at the host sees the outage', PATIENCE, async () => {
  const recoveries = [];
  for (const trouble of namesOf('reach')) {
    for (let seed = 1; seed <= SEEDS; seed++)
      recoveries.push(await measureRecovery({ trouble, outageMs: 10 * MINUTE, seed }));
  }
  expect(summarizeRecoveries(recoveries).medianMs).toBeLessThan(3_000);
});

test('in the eighth hour it asks for less than two tickets and tokens a minute', PATIENCE, async () => {
  for (const trouble of ['dns', 'hang', 'status'] as const) {
    const { callsPerMinute, probesPerMinute } = await measureRecovery({ trouble, outageMs: 8.5 * HOUR, seed: 1 });
    expect(callsPerMinute).toBeLessThan(2);
    expect(probesPerMinute).toBeLessThanOrEqual(6);
  }
});

test.each(namesOf('attempt'))(
  'what only an attempt can see, `%s`, is over within the longest wait',
  PATIENCE,
  async (trouble) => {
    const row = await summaryOf(trouble, HOUR);
    expect(row.maxMs).toBeLessThan(5 * MINUTE + 1_000);
    expect(row.callsPerMinute).toBeLessThan(2);
    expect(row.probesPerMinute).toBe(0);
  },
);

test('the same seed is the same outage, and another one is another', PATIENCE, async () => {
  const first = await measureRecovery({ trouble: 'hang', outageMs: 10 * MINUTE, seed: 7 });
  expect(await measureRecovery({ trouble: 'hang', outageMs: 10 * MINUTE, seed: 7 })).toEqual(first);
  expect(await measureRecovery({ trouble: 'hang', outageMs: 10 * MINUTE, seed: 8 })).not.toEqual(first);
});

test('a summary tells the middle, the worst of a hundred and the worst, and a table shows them', () => {
  const recoveries = Array.from({ length: 200 }, (_, index) => ({
    recoveryMs: 10 * (index + 1),
    callsInFirstMinute: index % 3,
    callsPerMinute: 1.5,
    probesPerMinute: index % 5,
    reachesPerMinute: 0.125,
  }));
  const summary = summarizeRecoveries(recoveries);
  expect(summary).toEqual({
    count: 200,
    medianMs: 1_000,
    p99Ms: 1_980,
    maxMs: 2_000,
    callsInFirstMinute: 2,
    callsPerMinute: 1.5,
    probesPerMinute: 4,
    reachesPerMinute: 0.13,
  });
  expect(
    recoveryTable([{ trouble: 'dns', outageMs: 8.5 * HOUR, ...summary }])
      .split('\n')
      .at(-1),
  ).toBe('| DNS failure | 8.5 h | 200 | 1.0 s | 2.0 s | 2.0 s | at most 2 | 1.5 | at most 4 | 0.1 |');
  expect(() => summarizeRecoveries([])).toThrow('there is no recovery');
});
