import { expect, test } from 'vitest';
import { handlersDispatcher, NO_HANDLER, RetryLater, Undeliverable } from '../../src/delivery/index.js';
import { createFunctionSink } from '../../src/sinks/functions.js';
import { SinkClosedError } from '../../src/sinks/stdout.js';
import { HandClock } from '../support/hand-clock.js';
import { contextOf, eventOf, refusalOf, reportsOf } from '../support/sink-stage.js';

async function sinkOf(handler: () => unknown, kind: 'handler' | 'stdout' = 'handler') {
  const sink = createFunctionSink(kind, handlersDispatcher({ 'im.message.receive_v1': handler }), new HandClock());
  await sink.start();
  return { sink, reports: reportsOf(sink) };
}

test('a handler sees its own context and its answer is passed on, with a report besides', async () => {
  const { sink, reports } = await sinkOf(() => 'answer');
  expect(sink.handles('im.message.receive_v1')).toBe(true);
  expect(sink.handles('other')).toBe(false);
  expect(sink.eventTypes).toEqual(['im.message.receive_v1']);
  expect(await sink.dispatch(eventOf(), contextOf())).toBe('answer');
  expect(reports).toMatchObject([{ type: 'sent', sink: 'handler' }]);
  expect(await sink.dispatch(eventOf({ type: 'other' }), contextOf())).toBe(NO_HANDLER);
});

test('what a handler throws stays the same object, and says nothing against the sink', async () => {
  for (const [error, remedy] of [
    [new Error('bug'), 'counted'],
    [new RetryLater('busy', { afterMs: 5 }), 'later'],
    [new Undeliverable('never'), 'never'],
  ] as const) {
    const { sink, reports } = await sinkOf(() => {
      throw error;
    });
    for (let nth = 0; nth < 5; nth += 1) {
      await expect(sink.dispatch(eventOf(), contextOf())).rejects.toBe(error);
    }
    expect(reports[0]).toMatchObject({ type: 'send_failed', failure: 'thrown', remedy });
    expect(sink.health()).toMatchObject({ state: 'up', lastError: { failure: 'thrown' } });
  }
});

test('a reader that is gone is no fault of the events: they are for later', async () => {
  const { sink, reports } = await sinkOf(() => {
    throw new SinkClosedError('the reader of standard output is gone');
  }, 'stdout');
  expect(await refusalOf(sink.dispatch(eventOf(), contextOf()))).toBe('later');
  expect(reports).toMatchObject([{ sink: 'stdout', failure: 'closed', remedy: 'later' }]);
});

test('a stop waits for no function that never ends: the pipeline has given it all the time there was', async () => {
  const { sink } = await sinkOf(() => new Promise(() => {}));
  sink.dispatch(eventOf(), contextOf()).catch(() => {}); // how it is told is no matter here
  await sink.stop();
  expect(sink.health().state).toBe('stopped');
});
