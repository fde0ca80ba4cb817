import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { PROFILES, runSimulation, type SimulationResult } from '../../src/simulation/index.js';

// A minute of two cores for all of these together; a run by hand may take as many days as it likes.
const PATIENCE = { timeout: 120_000 };

/** Another seed with every commit, and the same one for all who look at that commit. */
function seedOfCommit(): number {
  const given = process.env.GIT_COMMIT ?? process.env.CI_COMMIT_SHA ?? process.env.GITHUB_SHA;
  // Of a tree without its history there is no commit to ask for.
  const hash = given ?? revParse() ?? '0';
  return Number.parseInt(hash.slice(0, 8), 16) >>> 0;
}

function revParse(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** Told as it is told on the command line: with what to run to see it again. */
function violationOf({ violation }: SimulationResult): string | null {
  if (violation === null) return null;
  const { invariant, detail, at, replay, story } = violation;
  return [`${invariant} at ${at}: ${detail}`, ...story, replay].join('\n');
}

const seeds = [
  ['mixed', 1, 10],
  ['mixed', 2, 10],
  ['mixed', 105, 8],
  ['stormy', 3, 4],
  ['stormy', 4007, 2], // a machine that sleeps over a half-open socket, and wakes to what was sent before
  ['mixed', seedOfCommit(), 10],
  ['stormy', seedOfCommit(), 4],
] as const;

test.each(seeds)('every invariant holds in %s weather of seed %i, for %i days', PATIENCE, async (name, seed, days) => {
  const result = await runSimulation({ seed, days, faults: PROFILES[name] });
  expect(violationOf(result)).toBeNull();
  // A weather that does no harm would prove nothing.
  expect(result.outages.count).toBeGreaterThan(0);
  expect(result.events.handled).toBeGreaterThan(50);
});

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
  // Each kick costs one attempt, and nothing else does.
  const kicks = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  expect(result.connection).toMatchObject({ attempts: kicks + 1, connected: kicks + 1 });
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
