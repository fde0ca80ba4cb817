import { expect, test } from 'vitest';
import { PROFILES, runSimulation } from '../../src/simulation/index.js';
import { violationOf } from '../support/simulated-days.js';

const PATIENCE = { timeout: 120_000 };

test.each([
  ['mixed', 21, 5, 2],
  ['stormy', 22, 2, 2],
  ['stormy', 23, 2, 5],
] as const)(
  'every invariant holds in %s weather of seed %i, for %i days, with %i connections',
  PATIENCE,
  async (name, seed, days, connections) => {
    const result = await runSimulation({ seed, days, faults: PROFILES[name], connections });
    expect(violationOf(result)).toBeNull();
    expect(result.events.handled).toBeGreaterThan(50);
  },
);

test('a month of a healthy, nearly idle bot knows kicks, and no suspicion at all', PATIENCE, async () => {
  const result = await runSimulation({ seed: 7, days: 30, faults: PROFILES.healthy });
  expect(violationOf(result)).toBeNull();
  expect(result.faults).toEqual({ close_socket: expect.any(Number), drop_socket: expect.any(Number) });
  expect(result.connection).toMatchObject({ suspicions: 0, recoveries: 0, replaced: 0, givenUp: 0 });
  const kicks = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  const { attempts, connected } = result.connection;
  expect(connected).toBe(kicks + 1);
  // Each kick costs one attempt, and nothing else does; one in ten is begun anew, as a segment of it was lost for seconds
  // while a probe got through.
  expect(attempts - connected).toBeLessThan(kicks / 10);
  expect(result.events).toMatchObject({ exhausted: 0, handlerFailures: 0 });
});

test('the same seed is the same run, to the byte', PATIENCE, async () => {
  const first = await runSimulation({ seed: 42, days: 3 });
  const second = await runSimulation({ seed: 42, days: 3 });
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  const other = await runSimulation({ seed: 43, days: 3 });
  expect(other.digest).not.toBe(first.digest);
});

test('progress is told once a day, and the simulation can be ended then', PATIENCE, async () => {
  const days: number[] = [];
  const interrupt = new AbortController();
  const onProgress = (over: number): void => {
    days.push(Math.floor(over));
    if (over >= 2) interrupt.abort();
  };
  const short = await runSimulation({ seed: 42, days: 9, onProgress, signal: interrupt.signal });
  expect(days).toEqual([1, 2]);
  expect(short).toMatchObject({ isInterrupted: true, violation: null });
});

test('days must be a positive number', async () => {
  await expect(runSimulation({ seed: 1, days: 0 })).rejects.toThrow('days must be above 0');
  await expect(runSimulation({ seed: 1, days: Number.NaN })).rejects.toThrow(RangeError);
});
