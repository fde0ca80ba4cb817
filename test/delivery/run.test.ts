import { expect, test } from 'vitest';
import { Deadlines } from '../../src/delivery/deadlines.js';
import { HandlerRun, type RunEnd, type RunJob, type RunSetting } from '../../src/delivery/run.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';

type Setting = RunSetting<RunJob<string>, string>;

function staged(parts: Partial<Pick<Setting, 'trace' | 'handle' | 'resultOf'> & RunJob<string>>) {
  const clock = new VirtualClock();
  const ends: RunEnd<string>[] = [];
  const late: unknown[] = [];
  const setting: Setting = {
    clock,
    deadlines: new Deadlines(clock, 1_000),
    trace: (_job, begin) => begin(null),
    handle: async () => 'done',
    resultOf: (_job, returned) => String(returned),
    ...parts,
  };
  const job: RunJob<string> = {
    attempt: 1,
    ended: (end) => ends.push(end),
    settledLate: (settled) => late.push(settled),
    ...parts,
  };
  const run = new HandlerRun(setting, job);
  queueMicrotask(() => run.begin());
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
    handle: (_job, { signal }) => {
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
    handle: (_job, run) => {
      signal = run.signal;
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

test('a signal that is first looked at after the cut is aborted already, with its reason', async () => {
  const { clock, run } = staged({ handle: () => new Promise(() => {}) });
  await clock.advanceBy(999);
  run.abort();
  expect(run.signal.aborted).toBe(true);
  expect(run.signal.reason).toMatchObject({ failure: 'aborted' });
});

test('a signal is one and the same however often it is looked at, and that of a run that succeeded is never aborted', async () => {
  const { clock, run } = staged({ handle: async (_job, { signal }) => String(signal.aborted) });
  await clock.advanceBy(2_000);
  run.abort();
  expect(run.signal).toBe(run.signal);
  expect(run.signal.aborted).toBe(false);
});

test('a handler that returns no promise has ended its run when it returns, and no later', async () => {
  const order: string[] = [];
  const { clock } = staged({
    handle: () => 'at once',
    trace: (_job, begin) => {
      begin(() => order.push('trace'));
      order.push('returned');
    },
    ended: (end) => order.push(`ended with ${end.result}`),
  });
  await clock.advanceBy(0);
  expect(order).toEqual(['ended with at once', 'trace', 'returned']);
});

test('anything with a then is waited for, and what it throws while it is asked counts as thrown', async () => {
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about.
  const later = staged({ handle: () => ({ then: (done: (value: string) => void) => done('later') }) });
  const broken = staged({
    handle: () => ({
      // biome-ignore lint/suspicious/noThenProperty: the same.
      get then(): never {
        throw new Error('do not ask');
      },
    }),
  });
  await later.clock.advanceBy(0);
  await broken.clock.advanceBy(0);
  expect(later.ends).toMatchObject([{ result: 'later' }]);
  expect(broken.ends).toMatchObject([{ error: { failure: 'thrown', message: 'do not ask' } }]);
});

test('a result that cannot be told is the failure of the handler', async () => {
  const { clock, ends } = staged({
    resultOf: () => {
      throw new TypeError('a result of type symbol has no JSON');
    },
  });
  await clock.advanceBy(0);
  expect(ends).toMatchObject([{ error: { failure: 'thrown', message: 'a result of type symbol has no JSON' } }]);
});

test('a trace that calls the handler twice runs it once', async () => {
  let calls = 0;
  const { clock, ends } = staged({
    trace: (_job, begin) => {
      begin(null);
      begin(null);
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

test.each([
  ['returns', () => {}, 'the trace did not run the handler: it returned'],
  [
    'throws',
    () => {
      throw new Error('no span');
    },
    'the trace did not run the handler: no span',
  ],
])('a trace that %s without running the handler fails the run at once', async (_how, trace, message) => {
  const { clock, ends } = staged({ trace });
  await clock.advanceBy(0);
  expect(ends).toMatchObject([{ error: { failure: 'thrown', message } }]);
  expect(clock.pendingTimers).toBe(0);
});

test('the trace hears of the end after whom the run is for', async () => {
  const order: unknown[] = [];
  const { clock } = staged({
    trace: (_job, begin) => begin((error) => order.push(error?.failure)),
    handle: async () => {
      throw new Error('dropped');
    },
    ended: ({ error }) => order.push(error?.message),
  });
  await clock.advanceBy(0);
  expect(order).toEqual(['dropped', 'thrown']);
});
