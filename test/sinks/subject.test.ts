import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOf, subjectOf, tokenOf } from '../../src/sinks/subject.js';
import { eventOf } from '../support/sink-stage.js';

const plain = { prefix: 'feishu', app: 'bot', partitions: 1 };

test('the subject is prefix, app and event type, with the full stops of the type', () => {
  expect(subjectOf(eventOf(), plain)).toBe('feishu.bot.im.message.receive_v1');
});

test('with partitions their number stands before the app', () => {
  const partition = partitionOf(eventOf(), 8);
  expect(subjectOf(eventOf(), { ...plain, partitions: 8 })).toBe(`feishu.${partition}.bot.im.message.receive_v1`);
});

test('all events of a chat share a partition; that never changes, as it would break their order on an update', () => {
  const card = { type: 'card.action.trigger', data: { context: { open_chat_id: 'oc_1' } } };
  expect(partitionOf(eventOf(card), 16)).toBe(partitionOf(eventOf(), 16));
  expect(partitionOf(eventOf(), 16)).toBe(11);
  expect(partitionOf(eventOf({ type: 'x', data: {} }), 16)).toBe(13);
});

test('chats spread over the partitions', () => {
  const counts = new Array<number>(8).fill(0);
  for (let chat = 0; chat < 8_000; chat += 1) {
    const partition = partitionOf(eventOf({ data: { chat_id: `oc_${chat.toString(16).padStart(32, '0')}` } }), 8);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
});

test('whatever an app or a type is called, its subject is one that can be published to (fast-check, seed 2)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (app, type) =>
      /^feishu(\.[\w-]+){2,}$/.test(subjectOf(eventOf({ type }), { ...plain, app })),
    ),
    { seed: 2, numRuns: 500 },
  );
  expect(tokenOf('a.b*c>d e')).toBe('a_b_c_d_e');
  expect(tokenOf('')).toBe('_');
});
