import { expect, test } from 'vitest';
import { chatOf } from '../../src/delivery/index.js';
import { idempotencyKeyOf } from '../../src/sinks/identity.js';
import { eventOf } from '../support/sink-stage.js';

test('a message is the same under whatever event id it comes, pushed or caught up', () => {
  const key = idempotencyKeyOf(eventOf());
  expect(key).toBe('cli_0123456789abcdef:message:om_1');
  expect(idempotencyKeyOf(eventOf({ id: 'ev_2', source: 'catchup' }))).toBe(key);
});

test('an edited message is another event than the message', () => {
  const message = { message_id: 'om_1', chat_id: 'oc_1', create_time: '1', update_time: '2' };
  const edited = idempotencyKeyOf(eventOf({ data: { message } }));
  expect(edited).not.toBe(idempotencyKeyOf(eventOf()));
  expect(idempotencyKeyOf(eventOf({ data: { message: { ...message, update_time: '1' } } }))).toBe(
    idempotencyKeyOf(eventOf()),
  );
});

test('two bots in one chat get two events of one message', () => {
  expect(idempotencyKeyOf(eventOf({ appId: 'cli_ffffffffffffffff' }))).not.toBe(idempotencyKeyOf(eventOf()));
});

test('everything else goes by its event id, and no id can smuggle in a full stop or a line', () => {
  expect(idempotencyKeyOf(eventOf({ type: 'card.action.trigger' }))).toBe('cli_0123456789abcdef:event:ev_1');
  expect(idempotencyKeyOf(eventOf({ type: 'x', id: 'a.b\r\nc d' }))).toBe('cli_0123456789abcdef:event:a_b__c_d');
  expect(idempotencyKeyOf(eventOf({ type: 'x', id: 'i'.repeat(1_000) }))).toHaveLength(200);
});

test.each([
  [{ message: { chat_id: 'oc_1' } }, 'oc_1'],
  [{ chat_id: 'oc_2' }, 'oc_2'],
  [{ context: { open_chat_id: 'oc_3' } }, 'oc_3'],
  [{ message: 'no object' }, null],
  [{ chat_id: 7 }, null],
  [{}, null],
])('the chat of %j is %s', (data, chatId) => {
  expect(chatOf(eventOf({ data }))).toBe(chatId);
});
