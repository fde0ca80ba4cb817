import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deadline, Deadlines } from '../../src/delivery/deadlines.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';

test('many deadlines share one timer, and without any there is none', async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock, 1_000);
  const standing = Array.from({ length: 60 }, () => deadlines.add({ expire: () => {} }, clock.now()));
  expect(clock.pendingTimers).toBe(1);
  for (const deadline of standing) deadline.cancel();
  expect(clock.pendingTimers).toBe(0);
});

test("one that throws when it passes takes nobody else's deadline with it", async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock, 1_000);
  const passed: string[] = [];
  const explode = () => {
    throw new Error('a bug');
  };
  deadlines.add({ expire: explode }, clock.now());
  deadlines.add({ expire: () => passed.push('second') }, clock.now());
  await expect(clock.advanceBy(1_000)).rejects.toThrow('a bug');
  deadlines.add({ expire: () => passed.push('third') }, clock.now());
  await clock.advanceBy(5_000);
  expect(passed).toEqual(['second', 'third']);
  expect(clock.pendingTimers).toBe(0);
});

test('one that is set while another passes has its full time', async () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock, 1_000);
  const passed: string[] = [];
  const expire = (name: string) => passed.push(`${name} at ${clock.now()}`);
  deadlines.add(
    {
      expire: () => {
        expire('first');
        deadlines.add({ expire: () => expire('second') }, clock.now());
      },
    },
    clock.now(),
  );
  const startedAt = clock.now();
  await clock.advanceBy(5_000);
  expect(passed).toEqual([`first at ${startedAt + 1_000}`, `second at ${startedAt + 2_000}`]);
  expect(clock.pendingTimers).toBe(0);
});

test('each passes exactly in time unless it was cancelled, in whatever order they come and go (seed 4711)', async () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(400), cancels: fc.option(fc.nat(20), { nil: null }) }), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const clock = new VirtualClock();
      const deadlines = new Deadlines(clock, 1_000);
      const added: { readonly deadline: Deadline; readonly dueAt: number; cancelledAt: number | null }[] = [];
      const passedAt = new Map<number, number>();
      for (const { waitMs, cancels } of script) {
        await clock.advanceBy(waitMs);
        const index = added.length;
        const expire = () => passedAt.set(index, clock.now());
        const deadline = deadlines.add({ expire }, clock.now());
        added.push({ deadline, dueAt: clock.now() + 1_000, cancelledAt: null });
        const victim = cancels === null ? undefined : added[cancels];
        victim?.deadline.cancel();
        if (victim) victim.cancelledAt ??= clock.now();
      }
      await clock.advanceBy(2_000);
      for (const [index, { dueAt, cancelledAt }] of added.entries()) {
        const isCancelled = cancelledAt !== null && cancelledAt < dueAt;
        expect(passedAt.get(index)).toBe(isCancelled ? undefined : dueAt);
      }
      expect(clock.pendingTimers).toBe(0);
    }),
    { seed: 4711, numRuns: 200 },
  );
});
