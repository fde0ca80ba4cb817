import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { PROFILES, type ProfileName, runSimulation, type SimulationResult } from '../../src/simulation/index.js';

/** A seed in a weather for so many days. */
export type Stretch = readonly [weather: ProfileName, seed: number, days: number];

/** Another seed with every commit, and the same one for all who look at that commit. */
export function seedOfCommit(): number {
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
export function violationOf({ violation }: SimulationResult): string | null {
  if (violation === null) return null;
  const { invariant, detail, at, replay, story } = violation;
  return [`${invariant} at ${at}: ${detail}`, ...story, replay].join('\n');
}

/**
 * Tests that every invariant holds in all of these, and says in the end how many days that were. The stretches are shared
 * out over several files, because files are what vitest runs side by side.
 */
export function testStretches(stretches: readonly Stretch[]): void {
  let days = 0;
  test.each(stretches)(
    'every invariant holds in %s weather of seed %i, for %i days',
    { timeout: 600_000 }, // a minute of a core for the longest; more if many share it
    async (weather, seed, length) => {
      const result = await runSimulation({ seed, days: length, faults: PROFILES[weather] });
      days += result.days;
      expect(violationOf(result)).toBeNull();
      if (weather === 'healthy') {
        expect(result.connection).toMatchObject({ suspicions: 0, recoveries: 0, replaced: 0, givenUp: 0 });
        return;
      }
      // A weather that does no harm would prove nothing.
      expect(result.outages.count).toBeGreaterThan(0);
      expect(result.events.handled).toBeGreaterThan(50);
    },
  );
  afterAll(() => {
    process.stdout.write(`simulated days: ${Math.round(days)}\n`);
  });
}
