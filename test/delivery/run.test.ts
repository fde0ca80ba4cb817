import { expect, test } from 'vitest';
import { type RunEnd, type RunParts, startRun } from '../../src/delivery/run.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';

function staged(parts: Partial<RunParts<string>>) {
  const clock = new VirtualClock();
  const ends: RunEnd<string>[] = [];
  const late: unknown[] = [];
  const run = startRun<string>({
    clock,
    deadlineMs: 1_000,
    trace: (handle) => handle(),
    handle: async () => 'done',
    ended: (end) => ends.push(end),
    settledLate: (settled) => late.push(settled),
    ...parts,
  });
  return { clock, ends, late, run };
}

test('a run that is aborted before it began never calls the handler', async () => {
  let calls = 0;
  const { clock, ends, run } = staged({
    handle: async () => {
      calls += 1;
      return 'done';
    },
  });
  run.abort();
  await clock.advanceBy(0);
  expect(calls).toBe(0);
  expect(ends).toMatchObject([{ error: { failure: 'aborted' }, durationMs: 0 }]);
  expect(clock.pendingTimers).toBe(0);
});

test('the end is told before the signal is aborted, so that a listener meets a settled world', async () => {
  const order: string[] = [];
  const { clock } = staged({
    handle: (signal) => {
      signal.addEventListener('abort', () => order.push('signal'));
      return new Promise(() => {});
    },
    ended: () => order.push('ended'),
  });
  await clock.advanceBy(1_000);
  expect(order).toEqual(['ended', 'signal']);
});

test('the reason of the signal says why', async () => {
  let signal: AbortSignal | undefined;
  const { clock } = staged({
    handle: (given) => {
      signal = given;
      return new Promise(() => {});
    },
  });
  await clock.advanceBy(1_000);
  expect(signal?.reason).toMatchObject({ failure: 'timeout', message: 'the handler did not settle within 1000 ms' });
});

test('what settles after its end is told as late, and the end is told once', async () => {
  let settle: (result: string) => void = () => {};
  const { clock, ends, late, run } = staged({
    handle: () =>
      new Promise((resolve) => {
        settle = resolve;
      }),
  });
  await clock.advanceBy(1_000);
  run.abort();
  settle('at last');
  await clock.advanceBy(0);
  expect(ends).toHaveLength(1);
  expect(late).toEqual([{ result: 'at last' }]);
});

test('a trace that calls the handler twice runs it once', async () => {
  let calls = 0;
  const { clock, ends } = staged({
    trace: async (handle) => {
      const [result] = await Promise.all([handle(), handle()]);
      return result;
    },
    handle: async () => {
      calls += 1;
      return 'done';
    },
  });
  await clock.advanceBy(0);
  expect(calls).toBe(1);
  expect(ends).toMatchObject([{ result: 'done' }]);
});

test('a trace that drops a rejection leaves none unhandled', async () => {
  const { clock, ends } = staged({
    trace: async (handle) => {
      void handle();
      return 'something else';
    },
    handle: async () => {
      throw new Error('dropped');
    },
  });
  await clock.advanceBy(0);
  expect(ends).toMatchObject([{ error: { failure: 'thrown', message: 'dropped' } }]);
});
