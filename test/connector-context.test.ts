import { expect, test } from 'vitest';
import type { HandlerContext } from '../src/index.js';
import { virtualWorld } from './support/world.js';

test('a handler that destructures its context gets every part of it', async () => {
  const seen: unknown[] = [];
  const world = virtualWorld({
    connector: {
      handlers: {
        '*': ({ id }, { client, signal, logger, attempt }: HandlerContext) => {
          logger.warn('looked at');
          seen.push(typeof client, signal.aborted, attempt, id.length > 0);
        },
      },
    },
  });
  await world.connect();
  await world.chat(1);
  expect(seen).toEqual(['object', false, 1, true]);
  expect(world.logs.find(({ msg }) => msg === 'looked at')).toMatchObject({
    app: expect.any(String),
    event_id: expect.any(String),
    event_type: 'im.message.receive_v1',
  });
  await world.stop();
});

test('each part is made once: the signal that is looked at late is the one that a stop aborts', async () => {
  const contexts: HandlerContext[] = [];
  const world = virtualWorld({
    connector: {
      handlers: {
        '*': (_event, context: HandlerContext) => {
          contexts.push(context);
          return new Promise(() => {});
        },
      },
    },
  });
  await world.connect();
  await world.chat(1);
  const [context] = contexts;
  expect(context?.logger).toBe(context?.logger);
  const signal = context?.signal;
  expect(signal).toBe(context?.signal);
  expect(signal?.aborted).toBe(false);
  await world.stop();
  expect(signal?.aborted).toBe(true);
});

test('a signal that nobody looked at before the deadline is aborted when somebody does', async () => {
  const contexts: HandlerContext[] = [];
  const world = virtualWorld({
    connector: {
      delivery: { handlerDeadlineMs: 1_000 },
      handlers: {
        '*': (_event, context: HandlerContext) => {
          contexts.push(context);
          return new Promise(() => {});
        },
      },
    },
  });
  await world.connect();
  await world.chat(1);
  await world.clock.advanceBy(2_000);
  expect(contexts[0]?.signal.reason).toMatchObject({ failure: 'timeout' });
  await world.stop();
});
