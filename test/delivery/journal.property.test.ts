import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Durability } from '../../src/ports/index.js';
import { ModelledJournal, type Step } from './support/modelled-journal.js';

const size = fc.oneof(
  { arbitrary: fc.nat({ max: 300 }), weight: 6 },
  { arbitrary: fc.nat({ max: 3_000 }), weight: 3 },
  // Two of these do not fit one sheet.
  { arbitrary: fc.nat({ max: 12_000 }), weight: 1 },
);
const which = fc.nat({ max: 999 });
/** A few most of the time, and now and then more than a sheet holds. */
const few = <Value>(each: fc.Arbitrary<Value>) =>
  fc.oneof(
    { arbitrary: fc.array(each, { minLength: 1, maxLength: 6 }), weight: 5 },
    { arbitrary: fc.array(each, { minLength: 1, maxLength: 70 }), weight: 1 },
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ does: fc.constant('append' as const), sizes: few(size) }), weight: 20 },
  // Sheets that are full, or nearly so.
  {
    arbitrary: fc.record({
      does: fc.constant('append' as const),
      sizes: fc.array(fc.nat({ max: 100 }), { minLength: 28, maxLength: 40 }),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ does: fc.constant('finish' as const), which: few(which) }), weight: 24 },
  { arbitrary: fc.record({ does: fc.constantFrom('fail' as const, 'bury'), which }), weight: 16 },
  { arbitrary: fc.record({ does: fc.constantFrom('replay' as const, 'drop'), which }), weight: 10 },
  {
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 1, 2, 3, 5, 10, 100, 61_000, 700_000),
    }),
    weight: 30,
  },
  {
    arbitrary: fc.record({
      does: fc.constant('refuse' as const),
      count: fc.integer({ min: 1, max: 4 }),
      failure: fc.constantFrom('disk_full' as const, 'failed'),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ does: fc.constantFrom('hang' as const, 'fill', 'resume', 'resume') }), weight: 8 },
  {
    arbitrary: fc.record({ does: fc.constant('crash' as const), afterMs: fc.constantFrom(0, 0, 1, 2, 3, 4, 5, 6, 8) }),
    weight: 6,
  },
  { arbitrary: fc.constant({ does: 'close' as const }), weight: 2 },
);

test.each<[string, Durability]>([
  ['the process is killed', 'process'],
  ['the power is cut', 'power'],
])(
  'whatever the store does and whenever %s, no event is lost, none runs after its end or a later one was durable, and no row is left over (seed 20261123)',
  { timeout: 60_000 },
  async (_how, durability) => {
    const trial = async (steps: readonly Step[]) => {
      const journal = new ModelledJournal(durability);
      for (const each of steps) await journal.take(each);
      await journal.end();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 160 }), trial), {
      seed: 20261123,
      numRuns: 150,
    });
    expect.hasAssertions();
  },
);
