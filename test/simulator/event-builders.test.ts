import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cardActionEvent, messageEvent, version1Event } from '../../src/simulator/index.js';
import { stage } from './stage.js';

interface Vector {
  readonly name: string;
  readonly decoded: { readonly payload_json?: unknown };
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../wire/frame-vectors.json', import.meta.url), 'utf8'),
);

/** The shape of a value: its keys in order, its leaves by type. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const payloadOf = (name: string) => vectors.find((vector) => vector.name === name)?.decoded.payload_json;

test('a message looks like the recorded one', () => {
  const { platform } = stage();
  const { envelope } = platform.send(messageEvent({ text: '你好, world' }));
  expect(shapeOf(envelope)).toEqual(shapeOf(payloadOf('event_single')));
});

test('a card press looks like the recorded one, down to the microseconds', () => {
  const { clock, platform } = stage();
  const { envelope } = platform.send(cardActionEvent());
  expect(shapeOf(envelope)).toEqual(shapeOf(payloadOf('card_event')));
  expect(envelope.header).toMatchObject({ create_time: `${clock.wallNow()}000` });
});

test('a version 1.0 event has no schema, and its time in seconds', () => {
  const { platform } = stage();
  const { envelope } = platform.send(version1Event({ createTime: 1_502_199_207_717 }));
  expect(envelope).toMatchObject({ ts: '1502199207.7170000', type: 'event_callback', event: { type: 'message' } });
  expect(envelope).not.toHaveProperty('schema');
});

test('what a test fixes stays fixed, the rest is fresh each time', () => {
  const { platform } = stage();
  const draft = messageEvent({ eventId: 'e-1', messageId: 'om_1', chatId: 'oc_1', text: '"quoted"', createTime: 5 });
  const [first, second] = [platform.send(draft), platform.send(messageEvent())];
  expect(first.envelope).toMatchObject({
    header: { event_id: 'e-1', create_time: '5' },
    event: { message: { message_id: 'om_1', chat_id: 'oc_1', content: '{"text":"\\"quoted\\""}' } },
  });
  expect(second.eventId).toMatch(/^[0-9a-f]{32}$/);
});
