import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { eventOf } from '../../src/delivery/event.js';
import { EventRunner } from '../../src/delivery/event-run.js';
import { DELIVERY_DEFAULTS, type Handler, handlersDispatcher } from '../../src/delivery/index.js';
import { type TraceDelivery, untraced } from '../../src/delivery/run.js';
import { parseEnvelope } from '../../src/wire/index.js';
import { payloadOf } from '../support/delivery-stage.js';
import { HandClock } from '../support/hand-clock.js';

function starter(handler: Handler, trace: TraceDelivery = untraced) {
  const runner = new EventRunner({
    clock: new HandClock(),
    dispatcher: handlersDispatcher({ '*': handler }),
    contextOf: (_event, run) => run as never,
    trace,
    policy: { ...DELIVERY_DEFAULTS },
  });
  return (id: string): void => {
    runner.start({
      event: eventOf(parseEnvelope(payloadOf({ id })), 'push', 0),
      attempt: 1,
      connectionAttempt: 1,
      payloadBytes: 1,
      traceparent: null,
      ended: () => {},
      settledLate: () => {},
    });
  };
}

test('what one handler enters is not what the next one is in, though they begin in the same turn', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const start = starter(async ({ id }) => {
    seen.push(storage.getStore());
    storage.enterWith(id);
  });
  for (const id of ['e1', 'e2', 'e3']) start(id);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([undefined, undefined, undefined]);
});

test('each handler runs in the asynchronous context of whoever started it', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const start = starter(async () => seen.push(storage.getStore()));
  for (const id of ['e1', 'e2']) storage.run(`started ${id}`, () => start(id));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['started e1', 'started e2']);
});
