import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/simulator/index.js';

test('time stands still until it is told to pass', () => {
  const clock = new VirtualClock({ wallStartMs: 1000 });
  expect([clock.now(), clock.wallNow(), clock.pendingTimers, clock.nextTimerAt]).toEqual([0, 1000, 0, null]);
});

test('timers fire at their time, equal times in the order of creation', async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.timer(20, () => fired.push(`c@${clock.now()}`));
  clock.timer(10, () => fired.push(`a@${clock.now()}`));
  clock.timer(10, () => fired.push(`b@${clock.now()}`));
  await clock.advanceBy(15);
  expect(fired).toEqual(['a@10', 'b@10']);
  await clock.advanceTo(20);
  expect(fired).toEqual(['a@10', 'b@10', 'c@20']);
});

test('a timer set by a timer at the same moment still fires within the same advance', async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  clock.timer(10, () => clock.timer(0, () => fired.push(clock.now())));
  await clock.advanceBy(10);
  expect(fired).toEqual([10]);
});

test('promise chains of any length run to their end between two timers of the same moment', async () => {
  const clock = new VirtualClock();
  const story: string[] = [];
  clock.timer(5, async () => {
    for (let step = 0; step < 100; step++) await null;
    await new Promise<void>((resolve) => process.nextTick(resolve));
    story.push('chain of the first');
  });
  clock.timer(5, () => story.push('second'));
  await clock.advanceBy(5);
  expect(story).toEqual(['chain of the first', 'second']);
});

test('what was started before an advance gets to set its timers first', async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  void Promise.resolve().then(() => clock.timer(3, () => fired.push(clock.now())));
  await clock.advanceBy(3);
  expect(fired).toEqual([3]);
});

test('a cancelled timer does not fire, and cancelling it again or late does nothing', async () => {
  const clock = new VirtualClock();
  let fired = 0;
  const cancelled = clock.timer(1, () => fired++);
  const late = clock.timer(2, () => fired++);
  cancelled.cancel();
  cancelled.cancel();
  await clock.advanceBy(5);
  late.cancel();
  expect([fired, clock.pendingTimers]).toEqual([1, 0]);
});

test('negative delays count as zero, and a delay that is no number is a bug', async () => {
  const clock = new VirtualClock();
  await clock.advanceBy(100);
  clock.timer(-50, () => {});
  expect(clock.nextTimerAt).toBe(100);
  expect(() => clock.timer(Number.NaN, () => {})).toThrow('delayMs must be a number');
});

test('runUntil stops at the first moment that fits', async () => {
  const clock = new VirtualClock();
  let count = 0;
  const tick = () => {
    count++;
    clock.timer(10, tick);
  };
  clock.timer(10, tick);
  expect(await clock.runUntil(() => count === 3, 1000)).toBe(true);
  expect(clock.now()).toBe(30);
});

test('runUntil gives up after its limit, and the limit has passed', async () => {
  const clock = new VirtualClock();
  expect(await clock.runUntil(() => false, 500)).toBe(false);
  expect(clock.now()).toBe(500);
});

test('the wall clock can be moved without anybody noticing on the monotonic one', async () => {
  const clock = new VirtualClock({ wallStartMs: 10_000 });
  clock.stepWall(-7000);
  await clock.advanceBy(5);
  expect([clock.now(), clock.wallNow()]).toEqual([5, 3005]);
});

test('after a sleep, what came due fires late and sees the time of waking up', async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  clock.timer(10, () => fired.push(clock.now()));
  clock.sleep(3_600_000);
  expect(fired).toEqual([]);
  await clock.advanceBy(0);
  expect(fired).toEqual([3_600_000]);
});

test('what a timer throws comes out of the advance, and the clock can go on', async () => {
  const clock = new VirtualClock();
  clock.timer(1, () => {
    throw new Error('a bug');
  });
  await expect(clock.advanceBy(2)).rejects.toThrow('a bug');
  await clock.advanceBy(2);
  expect(clock.now()).toBe(3);
});

test('time does not go back, and two advances at once are a bug', async () => {
  const clock = new VirtualClock();
  const first = clock.advanceBy(10);
  await expect(clock.advanceBy(10)).rejects.toThrow('already advancing');
  await first;
  await expect(clock.advanceTo(5)).rejects.toThrow('cannot go from 10 to 5');
});

test('any mixture of timers and cancellations fires as a sorted list would (seed 20260101)', async () => {
  const plan = fc.array(fc.record({ delayMs: fc.nat(50), isCancelled: fc.boolean() }), { maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(plan, async (timers) => {
      const clock = new VirtualClock();
      const fired: number[] = [];
      const handles = timers.map(({ delayMs }, index) => clock.timer(delayMs, () => fired.push(index)));
      for (const [index, { isCancelled }] of timers.entries()) if (isCancelled) handles[index]?.cancel();
      const expected = [...timers.entries()]
        .filter(([, { isCancelled }]) => !isCancelled)
        .sort(([a, x], [b, y]) => x.delayMs - y.delayMs || a - b)
        .map(([index]) => index);
      expect(clock.pendingTimers).toBe(expected.length);
      await clock.advanceBy(50);
      expect(fired).toEqual(expected);
      expect(clock.pendingTimers).toBe(0);
    }),
    { seed: 20_260_101, numRuns: 50 },
  );
});

test('with many timers in a turn promise chains still run to their end between two of them', async () => {
  const clock = new VirtualClock({ timersPerTurn: 64 });
  const told: string[] = [];
  for (const name of ['first', 'second']) {
    clock.timer(10, async () => {
      for (let link = 0; link < 100; link++) await null;
      process.nextTick(() => told.push(name));
      told.push(`${name} chain`);
    });
  }
  await clock.advanceBy(10);
  expect(told).toEqual(['first chain', 'first', 'second chain', 'second']);
});

test('with many timers in a turn it stops where the predicate holds, and throws what a timer throws', async () => {
  const clock = new VirtualClock({ timersPerTurn: 64 });
  let fired = 0;
  for (let at = 1; at <= 200; at++) clock.timer(at, () => fired++);
  expect(await clock.runUntil(() => fired === 100, 1_000)).toBe(true);
  expect([fired, clock.now()]).toEqual([100, 100]);
  clock.timer(5, () => {
    throw new Error('a bug in a timer');
  });
  await expect(clock.advanceBy(50)).rejects.toThrow('a bug in a timer');
  expect(clock.now()).toBe(105);
  expect(await clock.runUntil(() => fired > 200, 1_000)).toBe(false);
  expect([fired, clock.now()]).toEqual([200, 1_105]);
});
