import { EventDispatcher, LoggerLevel } from '@larksuiteoapi/node-sdk';
import { type Logger, pino } from 'pino';
import { expect, expectTypeOf, test } from 'vitest';
import {
  eventOf,
  type Handler,
  type HandlerContext,
  type HandlerLogger,
  handlersDispatcher,
  NO_HANDLER,
  sdkDispatcher,
} from '../../src/delivery/index.js';
import { parseEnvelope } from '../../src/wire/index.js';
import { DeliveryStage, eventFrame, MESSAGE, payloadOf, SILENT_LOGGER } from '../support/delivery-stage.js';

const context: HandlerContext = {
  client: null,
  signal: new AbortController().signal,
  logger: SILENT_LOGGER,
  attempt: 1,
};
const eventNamed = (type: string, content: unknown = {}) =>
  eventOf(parseEnvelope(payloadOf({ type, content })), 'push', 0);
const sdk = () => new EventDispatcher({ encryptKey: 'key', loggerLevel: LoggerLevel.error });

test('an event goes to the handler of its type, and to the catch-all if there is none', async () => {
  const dispatcher = handlersDispatcher({ a: () => 'own', '*': (event) => `any ${event.type}` });
  expect(await dispatcher.dispatch(eventNamed('a'), context)).toBe('own');
  expect(await dispatcher.dispatch(eventNamed('b'), context)).toBe('any b');
  expect(dispatcher.handles('b')).toBe(true);
  expect(dispatcher.eventTypes).toEqual(['a']);
});

test('whoever writes a dispatcher in the place of the official one may return the result itself', async () => {
  const dispatcher = sdkDispatcher({ handles: new Map([['a', 1]]), invoke: () => ({ toast: 1 }) as never });
  expect(await dispatcher.dispatch(eventNamed('a'), context)).toEqual({ toast: 1 });
});

test('a type named like a member of every object has no handler', async () => {
  const dispatcher = handlersDispatcher({ a: () => 'own' });
  for (const type of ['constructor', '__proto__', 'toString']) {
    expect(dispatcher.handles(type)).toBe(false);
    expect(await dispatcher.dispatch(eventNamed(type), context)).toBe(NO_HANDLER);
  }
});

test('handlers are read once: what is added to the record later is no handler', () => {
  const handlers: Record<string, Handler> = {};
  const dispatcher = handlersDispatcher(handlers);
  handlers.a = () => {};
  expect(dispatcher.handles('a')).toBe(false);
});

test('a handler that is no function is refused by name, before any event comes', () => {
  const handlers = { 'im.message.receive_v1': 'oops' } as unknown as Record<string, Handler>;
  expect(() => handlersDispatcher(handlers)).toThrow('the handler of im.message.receive_v1 must be a function');
});

test('a synchronous throw comes out of the dispatch', () => {
  const dispatcher = handlersDispatcher({
    a: () => {
      throw new Error('at once');
    },
  });
  expect(() => dispatcher.dispatch(eventNamed('a'), context)).toThrow('at once');
});

test('an EventDispatcher of the official SDK handles as it always did: flat, and without a signature check', async () => {
  const seen: unknown[] = [];
  const dispatcher = sdkDispatcher(
    sdk().register({
      [MESSAGE]: async (flat: unknown) => {
        seen.push(flat);
        return { done: true };
      },
    }),
  );
  expect(dispatcher.handles(MESSAGE)).toBe(true);
  expect(await dispatcher.dispatch(eventNamed(MESSAGE, { text: 'hi' }), context)).toEqual({ done: true });
  expect(seen).toMatchObject([{ event_id: 'e1', event_type: MESSAGE, text: 'hi' }]);
});

test('handlers registered with and removed from the EventDispatcher later count from then on', async () => {
  const official = sdk();
  const dispatcher = sdkDispatcher(official);
  expect(dispatcher.handles(MESSAGE)).toBe(false);
  official.register({ [MESSAGE]: async () => 'ok' });
  expect(dispatcher.handles(MESSAGE)).toBe(true);
  expect(dispatcher.eventTypes).toEqual(['app_ticket', MESSAGE]);
  official.unregister(MESSAGE);
  expect(await dispatcher.dispatch(eventNamed(MESSAGE), context)).toBe(NO_HANDLER);
});

test('with an EventDispatcher a truthy result of a plain event goes into the ack, as with the official client', async () => {
  const results: unknown[] = [{ kept: true }, undefined, ''];
  const official = sdk().register({ [MESSAGE]: async () => results.shift() });
  const stage = new DeliveryStage({ dispatcher: sdkDispatcher(official) });
  for (const id of ['e1', 'e2', 'e3']) await stage.bring(eventFrame({ id }));
  expect(stage.session.acks.map((ack) => ack.result)).toEqual([{ kept: true }, undefined, undefined]);
  expect(stage.session.codes).toEqual([200, 200, 200]);
});

test('a copy of a plain event is acked without the result: nobody waits for it', async () => {
  const official = sdk().register({ [MESSAGE]: async () => ({ kept: true }) });
  const stage = new DeliveryStage({ dispatcher: sdkDispatcher(official) });
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.session.acks.map((ack) => ack.result)).toEqual([{ kept: true }, undefined]);
});

test('any pino logger is a logger for handlers', () => {
  expectTypeOf<Logger>().toExtend<HandlerLogger>();
  const lines: string[] = [];
  const logger: HandlerLogger = pino({ base: null }, { write: (line: string) => lines.push(line) });
  logger.info({ chat: 'c1' }, 'handled');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ chat: 'c1', msg: 'handled' });
});
