import { expect, test } from 'vitest';
import { contentKeysOf, type FeishuEvent, type OrderBy, type Source } from '../../src/delivery/index.js';
import { laneKeyOf } from '../../src/delivery/order.js';
import { CARD, MESSAGE } from '../support/delivery-stage.js';

function event(data: Record<string, unknown>, type = MESSAGE, source: Source = 'push'): FeishuEvent {
  return {
    id: 'e1',
    type,
    createTime: null,
    appId: '',
    tenantKey: 't',
    data,
    source,
    ageMs: null,
    isStale: false,
    raw: {},
  };
}

const message = (create_time?: unknown, update_time?: unknown) => ({
  message: { message_id: 'om_1', create_time, update_time },
});

test.each<[string, FeishuEvent, string[]]>([
  ['a message', event(message('1', '1')), ['message:om_1']],
  ['one without times', event(message()), ['message:om_1']],
  ['one that was never edited', event(message('1', '0')), ['message:om_1']],
  ['an edited one', event(message('1', '2')), ['message:om_1@2']],
  ['an edited one from history', event(message('1', 2), MESSAGE, 'catchup'), ['message:om_1', 'message:om_1@2']],
  ['another type', event(message('1', '1'), 'im.message.recalled_v1'), []],
  ['no message', event({ message: 'om_1' }), []],
  ['no message id', event({ message: { message_id: 1 } }), []],
])('%s is known by %j', (_what, given, keys) => {
  expect(contentKeysOf(given)).toEqual(keys);
});

test.each<[string, FeishuEvent, OrderBy, string | null]>([
  ['a message', event({ message: { chat_id: 'oc_1' } }), 'chat', 'oc_1'],
  ['an event that names its chat at the top', event({ chat_id: 'oc_1' }), 'chat', 'oc_1'],
  ['an event of version 1.0', event({ open_chat_id: 'oc_1' }, 'message'), 'chat', 'oc_1'],
  ['a card', event({ context: { open_chat_id: 'oc_1' } }, CARD), 'chat', 'oc_1'],
  ['an event without a chat', event({}), 'chat', null],
  ['no order', event({ chat_id: 'oc_1' }), 'none', null],
  ['a key of the caller', event({}), ({ tenantKey }) => tenantKey, 't'],
  ['a function that gives nothing', event({}), () => null, null],
  ['a function that gives no text', event({}), () => 7 as unknown as string, null],
])('%s has its lane', (_what, given, orderBy, lane) => {
  expect(laneKeyOf(given, orderBy)).toBe(lane);
});
