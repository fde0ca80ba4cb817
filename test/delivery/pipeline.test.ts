import { expect, test } from 'vitest';
import { headerOf } from '../../src/wire/index.js';
import {
  CARD,
  DeliveryStage,
  eventFrame,
  fragmentsOf,
  MESSAGE,
  payloadOf,
  rawFrame,
  StagedSession,
} from '../support/delivery-stage.js';

const types = (stage: DeliveryStage) => stage.reports.map((report) => report.type);

test('an event goes to its handler, and the ack waits for it', async () => {
  const stage = new DeliveryStage();
  const createTime = stage.clock.wallNow() - 1_500;
  const frame = eventFrame({ id: 'e1', createTime, content: { text: '你好' } });
  await stage.bring(frame);

  expect(stage.session.acks).toEqual([]);
  const { event, context } = stage.run(0);
  expect(event).toMatchObject({ id: 'e1', type: MESSAGE, createTime, ageMs: 1_500, source: 'push' });
  expect(event).toMatchObject({ appId: 'cli_a1b2c3d4e5f60718', tenantKey: 'tenant', data: { text: '你好' } });
  expect(event.raw).toMatchObject({ schema: '2.0', event: { text: '你好' } });
  expect(context.attempt).toBe(1);
  expect(context.signal.aborted).toBe(false);

  await stage.clock.advanceBy(40);
  await stage.succeed(0);
  expect(stage.session.acks).toEqual([{ messageId: headerOf(frame, 'message_id'), code: 200, bizRtMs: 40 }]);
  expect(stage.session.frames[0]).toMatchObject({ seqId: 2n ** 63n + 1n, logId: 7n, service: 33554678 });
  expect(types(stage)).toEqual(['event_received', 'pending', 'handler_finished', 'acked', 'pending']);
  expect(stage.told('event_received')[0]).toMatchObject({ eventId: 'e1', source: 'push', ageMs: 1_500 });
  expect(stage.told('handler_finished')[0]).toMatchObject({ durationMs: 40, attempt: 1, failure: null, detail: '' });
  expect(stage.told('acked')[0]).toMatchObject({ kind: 'event', code: 200, latencyMs: 40, isLate: false });
  expect(stage.clock.pendingTimers).toBe(0);
});

test('no handler runs inside the call that brings the frame', async () => {
  const stage = new DeliveryStage();
  stage.pipeline.receive(eventFrame(), stage.session);
  expect(stage.runs).toHaveLength(0);
  await stage.settle();
  expect(stage.runs).toHaveLength(1);
});

test('a handled event that comes again is acked at once and not run again', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.succeed(0);
  const later = new StagedSession(2);
  await stage.clock.advanceBy(7 * 3_600_000 + 5 * 60_000 + 15_000);
  await stage.bring(eventFrame({ id: 'e1' }), later);

  expect(later.codes).toEqual([200]);
  expect(stage.runs).toHaveLength(1);
  expect(stage.told('duplicate')).toMatchObject([{ of: 'finished', eventId: 'e1' }]);
  expect(stage.told('event_received')).toHaveLength(2);
});

test('a copy of an event in flight gets the same outcome, each on its own session', async () => {
  const stage = new DeliveryStage();
  const other = new StagedSession(2);
  await stage.bring(eventFrame({ id: 'e1', messageId: 'first' }));
  await stage.bring(eventFrame({ id: 'e1', messageId: 'second' }), other);
  expect(stage.runs).toHaveLength(1);
  expect(stage.told('duplicate')).toMatchObject([{ of: 'in_flight' }]);

  await stage.succeed(0);
  expect(stage.session.acks).toMatchObject([{ messageId: 'first', code: 200 }]);
  expect(other.acks).toMatchObject([{ messageId: 'second', code: 200 }]);
});

test('a handler that throws gets a 500, and the redelivery runs it again as the next attempt', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Error('no database\n    at secret (stack)'));
  expect(stage.session.codes).toEqual([500]);
  expect(stage.told('handler_finished')[0]).toMatchObject({ failure: 'thrown', detail: 'no database', attempt: 1 });

  await stage.clock.advanceBy(15_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.told('duplicate')).toEqual([]);
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([500, 200]);
});

test('a late event handler costs a redelivery, which waits for it instead of running a second time', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(15_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(5_000);
  await stage.succeed(0);
  expect(stage.runs).toHaveLength(1);
  expect(stage.told('acked')).toMatchObject([
    { code: 200, latencyMs: 20_000, isLate: true },
    { code: 200, latencyMs: 5_000, isLate: true },
  ]);
});

test('an ack after exactly three seconds is in time', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame());
  await stage.clock.advanceBy(3_000);
  await stage.succeed(0);
  expect(stage.told('acked')).toMatchObject([{ latencyMs: 3_000, isLate: false }]);
});

test('a handler that outlives its deadline is told so by its signal and gets a 500', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame());
  await stage.clock.advanceBy(59_999);
  expect(stage.session.codes).toEqual([]);
  await stage.clock.advanceBy(1);
  expect(stage.session.codes).toEqual([500]);
  expect(stage.run(0).context.signal.aborted).toBe(true);
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'timeout', durationMs: 60_000 }]);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 1, abandonedCount: 1 });
});

test('a handler that succeeds after its deadline has handled the event: its redelivery is a duplicate', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(61_000);
  await stage.succeed(0);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, abandonedCount: 0 });
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([500, 200]);
  expect(stage.runs).toHaveLength(1);
  expect(stage.told('handler_finished')).toHaveLength(1);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a redelivery is held back while an abandoned handler runs, and acked 200 when that one succeeds', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(75_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.runs).toHaveLength(1);
  expect(stage.session.codes).toEqual([500]);
  await stage.succeed(0);
  expect(stage.session.codes).toEqual([500, 200]);
  expect(stage.runs).toHaveLength(1);
});

test('a redelivery that was held back runs as soon as the abandoned handler has failed', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(75_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Error('at last'));
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([500, 200]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a handler that never settles does not lose the event: a redelivery runs after another full deadline', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(75_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(119_999);
  expect(stage.runs).toHaveLength(1);
  await stage.clock.advanceTo(120_000);
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([500, 200]);
});

test('of several redeliveries held back the newest is run, once for all, with its own age', async () => {
  const stage = new DeliveryStage();
  const createTime = stage.clock.wallNow();
  await stage.bring(eventFrame({ id: 'e1', createTime }));
  await stage.clock.advanceTo(75_000);
  await stage.bring(eventFrame({ id: 'e1', createTime }));
  await stage.clock.advanceTo(90_000);
  await stage.bring(eventFrame({ id: 'e1', createTime }));
  await stage.clock.advanceTo(120_000);
  expect(stage.runs).toHaveLength(2);
  expect(stage.run(1).event.ageMs).toBe(90_000);
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([500, 200, 200]);
});

test('an old run that fails at last lets no redelivery past the newer one that still goes on', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(315_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(380_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Error('the first run'));
  expect(stage.runs).toHaveLength(2);
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([500, 500, 200]);
});

test('after that window an abandoned delivery is no longer pending, and a redelivery begins anew', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(120_000);
  expect(stage.pipeline.snapshot().depth).toBe(0);
  expect(stage.clock.pendingTimers).toBe(0);
  await stage.clock.advanceTo(315_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.run(1).context.attempt).toBe(2);

  // The first run succeeds after all: whoever waits for the second has the answer, and its failure undoes nothing.
  await stage.succeed(0);
  expect(stage.session.codes).toEqual([500, 200]);
  await stage.fail(1, new Error('second run'));
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.codes).toEqual([500, 200, 200]);
  expect(stage.runs).toHaveLength(2);
});

test('a second run that times out after the first has succeeded late waits for nothing more', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceTo(315_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.succeed(0);
  await stage.clock.advanceBy(60_000);
  expect(stage.session.codes).toEqual([500, 200]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a callback is answered in its ack, and a copy of it gets the same answer without a second run', async () => {
  const stage = new DeliveryStage();
  const answer = { toast: { type: 'success', content: '好' } };
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  await stage.succeed(0, answer);
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  expect(stage.session.acks.map((ack) => ack.result)).toEqual([answer, answer]);
  expect(stage.told('acked')).toMatchObject([{ kind: 'callback' }, { kind: 'callback' }]);
});

test('a large answer is not kept for a copy of the callback', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  await stage.succeed(0, { card: 'x'.repeat(5_000) });
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  expect(stage.session.acks.map((ack) => ack.result !== undefined)).toEqual([true, false]);
  expect(stage.session.codes).toEqual([200, 200]);
});

test('a callback gives up at two and a half seconds, while the user still waits', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  await stage.clock.advanceBy(2_500);
  expect(stage.told('acked')).toMatchObject([{ kind: 'callback', code: 500, latencyMs: 2_500, isLate: false }]);
});

test('the result of a plain event stays here, even one that JSON cannot hold', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.succeed(0, { count: 1n });
  expect(stage.session.acks).toMatchObject([{ code: 200 }]);
  expect(stage.session.acks[0]).not.toHaveProperty('result');
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const rude = {
  get toast() {
    throw new Error('rude getter');
  },
};
const hostile = {
  get message(): string {
    throw new Error('no message for you');
  },
  toString() {
    throw new Error('nor a name');
  },
};
const rudeThenable = {
  // biome-ignore lint/suspicious/noThenProperty: handlers may return foreign promises, broken ones too
  then: () => {
    throw new Error('then');
  },
};
const rudestThenable = {
  // biome-ignore lint/suspicious/noThenProperty: handlers may return foreign promises, broken ones too
  get then() {
    throw new Error('no then');
  },
};
class HostileError extends Error {
  override get message(): string {
    throw new Error('no message for you');
  }
}

test.each([
  [
    'a synchronous throw',
    () => {
      throw new Error('at once');
    },
    'at once',
  ],
  ['a rejection without a reason', () => Promise.reject(), 'undefined'],
  [
    'a thrown string',
    () => {
      throw 'words\nmore';
    },
    'words',
  ],
  [
    'an error without a message',
    () => {
      throw new TypeError();
    },
    'TypeError',
  ],
  [
    'an endless message',
    () => {
      throw new Error('x'.repeat(9_999));
    },
    `${'x'.repeat(199)}…`,
  ],
  [
    'something that cannot be shown',
    () => {
      throw hostile;
    },
    'something that cannot be shown was thrown',
  ],
  [
    'an error whose message throws',
    () => {
      throw new HostileError();
    },
    'something that cannot be shown was thrown',
  ],
  ['a thenable that throws', () => rudeThenable, 'then'],
  ['a getter for then that throws', () => rudestThenable, 'no then'],
  ['a result with a cycle', () => cyclic, 'Converting circular structure to JSON'],
  ['a BigInt', () => 1n, 'Do not know how to serialize a BigInt'],
  ['a function as result', () => () => {}, 'a result of type function has no JSON for the ack'],
  ['a result whose getter throws', () => rude, 'rude getter'],
])('%s is contained: 500, and one bounded line in the report', async (_name, handler: () => unknown, detail) => {
  const stage = new DeliveryStage({ handlers: { [CARD]: handler } });
  await stage.bring(eventFrame({ type: CARD }));
  expect(stage.session.codes).toEqual([500]);
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'thrown', detail }]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
  expect(stage.clock.pendingTimers).toBe(0);
});

test.each([
  ['nothing', () => undefined, undefined],
  ['a plain value', () => ({ toast: 1 }), { toast: 1 }],
  // biome-ignore lint/suspicious/noThenProperty: a foreign promise is what this is about
  ['a foreign promise', () => ({ then: (settle: (value: unknown) => void) => settle({ toast: 2 }) }), { toast: 2 }],
  ['a falsy value', () => 0, undefined],
])('a callback handler may return %s', async (_name, handler: () => unknown, result) => {
  const stage = new DeliveryStage({ handlers: { [CARD]: handler } });
  await stage.bring(eventFrame({ type: CARD }));
  expect(stage.session.acks.map((ack) => ack.result)).toEqual([result]);
  expect(stage.session.codes).toEqual([200]);
});

test('a context that cannot be made is the failure of that run alone', async () => {
  const stage = new DeliveryStage({
    contextOf: () => {
      throw new Error('no client');
    },
  });
  await stage.bring(eventFrame());
  expect(stage.session.codes).toEqual([500]);
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'thrown', detail: 'no client' }]);
});

test('an event without a handler is acked 200 and counted as dropped', async () => {
  const stage = new DeliveryStage({ handlers: { [MESSAGE]: () => {} } });
  await stage.bring(eventFrame({ type: 'im.chat.updated_v1' }));
  expect(stage.session.codes).toEqual([200]);
  expect(stage.told('dropped')).toMatchObject([{ reason: 'no_handler', eventType: 'im.chat.updated_v1' }]);
  expect(stage.told('handler_finished')).toEqual([]);
});

test('a handler that went away after its event arrived makes it an event without a handler', async () => {
  const stage = new DeliveryStage({
    dispatcher: {
      handles: () => true,
      eventTypes: [],
      answersEvents: true,
      dispatch: async () => (await import('../../src/delivery/index.js')).NO_HANDLER,
    },
  });
  await stage.bring(eventFrame());
  await stage.clock.runUntil(() => stage.session.acks.length > 0, 1_000);
  expect(stage.session.acks).toMatchObject([{ code: 200 }]);
  expect(stage.session.acks[0]).not.toHaveProperty('result');
  expect(stage.told('dropped')).toMatchObject([{ reason: 'no_handler' }]);
  expect(stage.told('handler_finished')).toEqual([]);
});

test('an event beyond the bound gets no ack, so that the platform pushes it again', async () => {
  const stage = new DeliveryStage({ policy: { maxPending: 2 } });
  for (const id of ['e1', 'e2', 'e3']) await stage.bring(eventFrame({ id }));
  expect(stage.runs).toHaveLength(2);
  expect(stage.session.acks).toEqual([]);
  expect(stage.told('dropped')).toMatchObject([{ reason: 'overloaded', eventType: MESSAGE }]);

  await stage.succeed(0);
  await stage.bring(eventFrame({ id: 'e3' }));
  expect(stage.run(2).event.id).toBe('e3');
  expect(stage.run(2).context.attempt).toBe(1);
});

test('the copies of one event that may wait are bounded too', async () => {
  const stage = new DeliveryStage();
  for (let copy = 1; copy <= 17; copy++) await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.told('duplicate')).toHaveLength(15);
  expect(stage.told('dropped')).toMatchObject([{ reason: 'overloaded' }]);
  await stage.succeed(0);
  expect(stage.session.codes).toEqual(Array(16).fill(200));
});

test('pending tells depth, bound and the arrival of the oldest, at each change', async () => {
  const stage = new DeliveryStage();
  const wallAt = stage.clock.wallNow();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(100);
  await stage.bring(eventFrame({ id: 'e2' }));
  await stage.succeed(0);
  await stage.succeed(1);
  expect(stage.told('pending').map(({ depth, capacity, oldestWallMs }) => [depth, capacity, oldestWallMs])).toEqual([
    [1, 1_000, wallAt],
    [2, 1_000, wallAt],
    [1, 1_000, wallAt + 100],
    [0, 1_000, 0],
  ]);
});

test('an ack that finds its socket gone is told, and the redelivery is acked without a second run', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  stage.session.isOpen = false;
  await stage.succeed(0);
  expect(stage.told('ack_failed')).toMatchObject([{ failure: 'socket_gone', kind: 'event', eventId: 'e1' }]);
  const next = new StagedSession(2);
  await stage.bring(eventFrame({ id: 'e1' }), next);
  expect(next.codes).toEqual([200]);
  expect(stage.runs).toHaveLength(1);
});

test('fragments in any order make one event, and the frame that completed it is acked', async () => {
  const stage = new DeliveryStage();
  const [first, second, third] = fragmentsOf('split', 3, payloadOf({ id: 'e1', content: { text: '长'.repeat(50) } }));
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were made');
  await stage.bring(third);
  await stage.bring(first);
  await stage.clock.advanceBy(2_000);
  await stage.bring(second);
  expect(stage.run(0).event.data).toEqual({ text: '长'.repeat(50) });
  await stage.succeed(0);
  expect(stage.session.frames.map((frame) => headerOf(frame, 'seq'))).toEqual(['1']);
  expect(stage.told('acked')).toMatchObject([{ latencyMs: 0 }]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('an event that never becomes whole is not acked, and is told when it expires', async () => {
  const stage = new DeliveryStage();
  const [first, second] = fragmentsOf('split', 3);
  if (first === undefined || second === undefined) throw new Error('three were made');
  await stage.bring(first);
  await stage.clock.advanceBy(30_000);
  await stage.bring(second);
  expect(stage.clock.pendingTimers).toBe(1);
  await stage.clock.advanceBy(59_999);
  expect(stage.told('fragments_expired')).toEqual([]);
  await stage.clock.advanceBy(1);
  expect(stage.told('fragments_expired')).toMatchObject([{ messageId: 'split', arrived: 2, sum: 3 }]);
  expect(stage.session.acks).toEqual([]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a callback of today in a frame of type card is an event like any other, and its answer is acked', async () => {
  const stage = new DeliveryStage();
  const frame = { type: 'card', message_id: 'm', sum: '1', seq: '0', trace_id: 't' };
  await stage.bring(rawFrame(frame, payloadOf({ type: CARD })));
  await stage.succeed(0, { toast: { content: 'done' } });
  expect(stage.told('dropped')).toEqual([]);
  expect(stage.session.acks).toMatchObject([{ code: 200, result: { toast: { content: 'done' } } }]);
});

test('the older kind, which is no envelope, gets no ack', async () => {
  const stage = new DeliveryStage();
  const older = new TextEncoder().encode('{"open_id":"ou_1","action":{"value":{}}}');
  await stage.bring(rawFrame({ type: 'card', message_id: 'm', sum: '1', seq: '0', trace_id: 't' }, older));
  expect(stage.told('dropped')).toMatchObject([{ reason: 'card_frame', eventType: null }]);
  expect(stage.session.acks).toEqual([]);
  expect(stage.runs).toEqual([]);
});

const whole = { type: 'event', message_id: 'm', sum: '1', seq: '0', trace_id: 't' };
test.each([
  ['a type nobody knows', { ...whole, type: 'poke' }, 'unknown_type'],
  ['no type', { message_id: 'm', sum: '1', seq: '0' }, 'unknown_type'],
  ['no message_id', { type: 'event', sum: '1', seq: '0' }, 'bad_headers'],
  ['an empty message_id', { ...whole, message_id: '' }, 'bad_headers'],
  ['no sum', { type: 'event', message_id: 'm', seq: '0' }, 'bad_headers'],
  ['a sum that is no number', { ...whole, sum: '1e3' }, 'bad_headers'],
  ['a negative seq', { ...whole, seq: '-1' }, 'bad_headers'],
  ['a seq beyond its sum', { ...whole, seq: '1' }, 'bad_fragment'],
  ['a sum of zero', { ...whole, sum: '0' }, 'bad_fragment'],
])('a data frame with %s is dropped without an ack', async (_name, headers: Record<string, string>, reason) => {
  const stage = new DeliveryStage();
  await stage.bring(rawFrame(headers));
  expect(stage.told('dropped')).toMatchObject([{ reason, eventType: null }]);
  expect(stage.session.acks).toEqual([]);
  expect(stage.runs).toEqual([]);
});

test.each([
  ['no JSON', 'not json'],
  ['nothing', ''],
  ['JSON without an event', '{"schema":"2.0"}'],
  ['an encrypted envelope', '{"encrypt":"x"}'],
])('a payload of %s is dropped with a 500', async (_name, text) => {
  const stage = new DeliveryStage();
  await stage.bring(rawFrame(whole, new TextEncoder().encode(text)));
  expect(stage.told('dropped')).toMatchObject([{ reason: 'bad_envelope', eventType: null }]);
  expect(stage.session.codes).toEqual([500]);
  expect(stage.told('acked')).toMatchObject([{ code: 500, eventType: 'unknown', eventId: '' }]);
});

test('clocks that disagree make an age negative and lose no event', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1', createTime: stage.clock.wallNow() + 60_000 }));
  expect(stage.run(0).event.ageMs).toBe(-60_000);
  await stage.bring(eventFrame({ id: 'e2', createTime: 1_000_000_000_000 }));
  expect(stage.run(1).event.id).toBe('e2');
});

test('stop waits for the handlers that run and takes nothing new', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  const stopped = stage.pipeline.stop({ drainMs: 10_000 });
  await stage.bring(eventFrame({ id: 'e2' }));
  expect(stage.told('dropped')).toMatchObject([{ reason: 'stopping' }]);
  await stage.clock.advanceBy(5_000);
  await stage.succeed(0);
  await expect(stopped).resolves.toEqual({ unfinished: 0 });
  expect(stage.session.codes).toEqual([200]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('stop with nothing to wait for is over at once', async () => {
  const stage = new DeliveryStage();
  await expect(stage.pipeline.stop({ drainMs: 10_000 })).resolves.toEqual({ unfinished: 0 });
  expect(stage.clock.pendingTimers).toBe(0);
});

test('stop aborts what has not settled when its limit has passed', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e2' }));
  const stopped = stage.pipeline.stop({ drainMs: 10_000 });
  await stage.clock.advanceBy(9_999);
  expect(stage.run(0).context.signal.aborted).toBe(false);
  await stage.clock.advanceBy(1);
  await expect(stopped).resolves.toEqual({ unfinished: 2 });
  expect(stage.runs.map((run) => run.context.signal.aborted)).toEqual([true, true]);
  expect(stage.told('handler_finished').map((report) => report.failure)).toEqual(['aborted', 'aborted']);
  expect(stage.session.codes).toEqual([500, 500]);
  expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, isStopping: true });
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a second stop moves the limit: an impatient operator does not wait', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame());
  const patient = stage.pipeline.stop({ drainMs: 60_000 });
  const impatient = stage.pipeline.stop({ drainMs: 0 });
  await stage.settle();
  await expect(Promise.all([patient, impatient])).resolves.toEqual([{ unfinished: 1 }, { unfinished: 1 }]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('stop does not wait for a handler that is already abandoned, unless a redelivery does', async () => {
  const idle = new DeliveryStage();
  await idle.bring(eventFrame());
  await idle.clock.advanceBy(60_000);
  await expect(idle.pipeline.stop({ drainMs: 10_000 })).resolves.toEqual({ unfinished: 0 });
  expect(idle.clock.pendingTimers).toBe(0);

  const awaited = new DeliveryStage();
  await awaited.bring(eventFrame({ id: 'e1' }));
  await awaited.clock.advanceBy(60_000);
  await awaited.bring(eventFrame({ id: 'e1' }));
  const stopped = awaited.pipeline.stop({ drainMs: 10_000 });
  await awaited.succeed(0);
  await expect(stopped).resolves.toEqual({ unfinished: 0 });
  expect(awaited.session.codes).toEqual([500, 200]);
});

test('a redelivery held back by an abandoned handler is given up with the drain, not run', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(60_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  const stopped = stage.pipeline.stop({ drainMs: 10_000 });
  await stage.clock.advanceBy(10_000);
  await expect(stopped).resolves.toEqual({ unfinished: 1 });
  expect(stage.runs).toHaveLength(1);
  expect(stage.session.codes).toEqual([500, 500]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a handler that outlives its deadline during the drain is not waited for any longer', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame());
  const stopped = stage.pipeline.stop({ drainMs: 90_000 });
  await stage.clock.advanceBy(60_000);
  await expect(stopped).resolves.toEqual({ unfinished: 0 });
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'timeout' }]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('during the drain a redelivery is not run when the abandoned handler before it has failed', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.clock.advanceBy(60_000);
  await stage.bring(eventFrame({ id: 'e1' }));
  const stopped = stage.pipeline.stop({ drainMs: 10_000 });
  await stage.fail(0, new Error('at last'));
  await expect(stopped).resolves.toEqual({ unfinished: 0 });
  expect(stage.runs).toHaveLength(1);
  expect(stage.session.codes).toEqual([500, 500]);
});

test('a sink that calls stop from within stop gets the same end', async () => {
  const ends: Promise<unknown>[] = [];
  const stage: DeliveryStage = new DeliveryStage({
    report: (report) => {
      if (report.type === 'dropped') ends.push(stage.pipeline.stop({ drainMs: 5_000 }));
    },
  });
  const [first] = fragmentsOf('split', 2);
  if (first === undefined) throw new Error('two were made');
  await stage.bring(first);
  await stage.bring(eventFrame());
  ends.push(stage.pipeline.stop({ drainMs: 1_000 }));
  await stage.clock.advanceBy(1_000);
  await expect(Promise.all(ends)).resolves.toEqual([{ unfinished: 1 }, { unfinished: 1 }]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('stop after the end leaves no timer', async () => {
  const stage = new DeliveryStage();
  await stage.pipeline.stop({ drainMs: 0 });
  await stage.pipeline.stop({ drainMs: 1_000 });
  expect(stage.clock.pendingTimers).toBe(0);
});

test('stop tells of the fragments it lets go', async () => {
  const stage = new DeliveryStage();
  const [first] = fragmentsOf('split', 2);
  if (first === undefined) throw new Error('two were made');
  await stage.bring(first);
  await stage.pipeline.stop({ drainMs: 0 });
  expect(stage.told('dropped')).toMatchObject([
    { reason: 'stopping', detail: '1 of 2 fragments of message split had arrived' },
  ]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a sink that throws breaks no delivery', async () => {
  const stage = new DeliveryStage({
    report: () => {
      throw new Error('metrics are down');
    },
  });
  await stage.bring(eventFrame());
  await stage.succeed(0);
  expect(stage.session.codes).toEqual([200]);
  expect(stage.pipeline.snapshot().reportFailureCount).toBe(5);
});

test('a sink that calls stop when an event is told loses none: that event gets no ack and no run', async () => {
  const stage: DeliveryStage = new DeliveryStage({
    report: (report) => {
      if (report.type === 'event_received') void stage.pipeline.stop({ drainMs: 0 });
    },
  });
  await stage.bring(eventFrame());
  expect(stage.runs).toEqual([]);
  expect(stage.session.acks).toEqual([]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('a session that redelivers from within the ack of a failure is run again, once', async () => {
  const stage = new DeliveryStage();
  const eager = new StagedSession(3);
  await stage.bring(eventFrame({ id: 'e1' }), {
    attempt: 2,
    send: () => {
      stage.pipeline.receive(eventFrame({ id: 'e1' }), eager);
      return true;
    },
  });
  await stage.fail(0, new Error('first'));
  expect(stage.run(1).context.attempt).toBe(2);
  await stage.succeed(1);
  expect(eager.codes).toEqual([200]);
  expect(stage.pipeline.snapshot().depth).toBe(0);
});

test('the trace wraps each run once, and knows the connection attempt that brought the event', async () => {
  const traced: unknown[] = [];
  const stage = new DeliveryStage({
    trace: (event, run) => {
      traced.push(event);
      run((error) => traced.push(error?.failure));
    },
  });
  const frame = eventFrame({ id: 'e1' });
  await stage.bring(frame, new StagedSession(9));
  expect(traced).toEqual([
    {
      id: 'e1',
      type: MESSAGE,
      source: 'push',
      ageMs: null,
      attempt: 9,
      payloadBytes: frame.payload?.length,
      traceparent: null,
    },
  ]);
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Error('x'));
  expect(traced.slice(1)).toEqual(['thrown']);
});

test('the trace ends with the deadline, though the handler goes on', async () => {
  const ends: string[] = [];
  const stage = new DeliveryStage({
    trace: (_event, run) => run((error) => ends.push(error?.failure ?? 'none')),
  });
  await stage.bring(eventFrame());
  await stage.clock.advanceBy(60_000);
  expect(ends).toEqual(['timeout']);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no tracer');
    },
    'the trace did not run the handler: no tracer',
  ],
  ['forgets the handler', async () => undefined as never, 'the trace did not run the handler: it returned'],
])('a trace that %s fails the run at once instead of leaving it to the deadline', async (_name, trace, detail) => {
  const stage = new DeliveryStage({ trace });
  await stage.bring(eventFrame());
  expect(stage.session.codes).toEqual([500]);
  expect(stage.told('handler_finished')).toMatchObject([{ failure: 'thrown', detail }]);
});

test('no report of a failing delivery quotes the content of the event', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1', content: { text: 'between us' } }));
  await stage.fail(0, new Error('boom'));
  await stage.bring(rawFrame(whole, new TextEncoder().encode('{"schema":"2.0","event":"between us"')));
  expect(JSON.stringify(stage.reports)).not.toContain('between us');
});

test('after a stop it takes work again, and what was handled before stays known', async () => {
  const stage = new DeliveryStage();
  await stage.bring(eventFrame({ id: 'e1' }));
  const stopped = stage.pipeline.stop({ drainMs: 1_000 });
  expect(() => stage.pipeline.start()).toThrow('a stop is under way');
  await stage.succeed(0);
  expect(await stopped).toEqual({ unfinished: 0 });

  await stage.bring(eventFrame({ id: 'e2' }));
  expect(stage.told('dropped')).toMatchObject([{ reason: 'stopping' }]);
  stage.pipeline.start();
  stage.pipeline.start();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e2' }));
  expect(stage.told('duplicate')).toMatchObject([{ eventId: 'e1', of: 'finished' }]);
  expect(stage.run(1).event.id).toBe('e2');
  await stage.succeed(1);
  expect(stage.session.codes).toEqual([200, 200, 200]);
  expect(stage.clock.pendingTimers).toBe(0);
});

test('without a journal stale events are tagged or dropped, and callbacks are never stale', async () => {
  const createTime = (stage: DeliveryStage) => stage.clock.wallNow() - 60_001;
  const tag = new DeliveryStage({ policy: { maxAgeMs: 60_000 } });
  await tag.bring(eventFrame({ id: 'e1', createTime: createTime(tag) }));
  expect(tag.run(0).event).toMatchObject({ isStale: true, source: 'redelivery' });

  const drop = new DeliveryStage({ policy: { maxAgeMs: 60_000, staleEvents: 'drop' } });
  await drop.bring(eventFrame({ id: 'e1', createTime: createTime(drop) }));
  await drop.bring(eventFrame({ id: 'c1', type: CARD, createTime: createTime(drop) }));
  expect(drop.session.codes).toEqual([200]);
  expect(drop.told('dropped')).toMatchObject([{ reason: 'too_old', eventType: MESSAGE }]);
  expect(drop.run(0).event).toMatchObject({ id: 'c1', isStale: false });
  expect(() => new DeliveryStage({ policy: { staleEvents: 'hold' } })).toThrow('without a journal');
});

test('a callback whose handler is late is answered with the fallback; one that fails is not', async () => {
  const stage = new DeliveryStage({ policy: { callbackFallback: { toast: { content: 'working on it' } } } });
  await stage.bring(eventFrame({ id: 'c1', type: CARD }));
  await stage.bring(eventFrame({ id: 'c2', type: CARD }));
  await stage.fail(1, new Error('no'));
  await stage.clock.advanceBy(2_500);
  expect(stage.session.acks).toMatchObject([
    { code: 500 },
    { code: 200, result: { toast: { content: 'working on it' } } },
  ]);
  expect(stage.told('handler_finished').map(({ failure }) => failure)).toEqual(['thrown', 'timeout']);
});

test('what is fed without a journal is taken once it was handled', async () => {
  const stage = new DeliveryStage();
  const feed = (id: string) => stage.pipeline.feed(payloadOf({ id }), { source: 'catchup' });
  const [first, second] = [feed('e1'), feed('e2')];
  await stage.settle();
  expect(stage.run(0).event.source).toBe('catchup');
  await stage.succeed(0);
  await stage.fail(1, new Error('no'));
  await expect(first).resolves.toBe('taken');
  await expect(second).resolves.toBe('refused');
  await expect(feed('e1')).resolves.toBe('known');
  expect(stage.told('acked')).toEqual([]);
});
