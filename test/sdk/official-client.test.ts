import { Client } from '@larksuiteoapi/node-sdk';
import { expect, test } from 'vitest';
import { cardActionEvent, customEvent, DEFAULT_APP, DEFAULT_CHAT_ID, messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, realPlatform } from '../support/real-world.js';
import { type SdkEvent, sdkApi, sdkPeer, textMessage } from '../support/sdk-client.js';

const { appId } = DEFAULT_APP;

test('the official SDK connects, pings, receives a message through its EventDispatcher and acknowledges it', async () => {
  const { simulator, url, count } = await realPlatform();
  const sdk = sdkPeer(url);
  await sdk.connect();
  expect(sdk.told).toEqual(['ready']);
  const sent = simulator.send(messageEvent({ text: '你好' }));
  await acknowledged(sent, 'a message');
  expect(sdk.handled).toMatchObject([
    {
      event_id: sent.eventId,
      event_type: 'im.message.receive_v1',
      message: { chat_id: DEFAULT_CHAT_ID, content: '{"text":"你好"}' },
    },
  ]);
  expect(sent.acks).toMatchObject([{ code: 200, isLate: false }]);
  await eventually(() => count('ping', appId, 'answered') >= 2, 'a second ping, after the pushed interval of a second');
});

test('the official SDK answers a card press, and the answer is in the ledger', async () => {
  const { simulator, url } = await realPlatform();
  const toast = { toast: { type: 'success', content: '已批准' } };
  const seen: unknown[] = [];
  const sdk = sdkPeer(url, {
    handlers: {
      'card.action.trigger': async ({ action }) => {
        seen.push(action);
        return toast;
      },
    },
  });
  await sdk.connect();
  const pressed = simulator.send(cardActionEvent({ value: { key: 'approve' } }));
  await acknowledged(pressed, 'a card press');
  expect(seen).toMatchObject([{ value: { key: 'approve' } }]);
  expect(pressed.result).toEqual(toast);
});

test('the official SDK joins fragments in any order, one of them sent twice', async () => {
  const { simulator, url } = await realPlatform();
  const sdk = sdkPeer(url);
  await sdk.connect();
  for (const order of ['forward', 'reversed', 'random'] as const) {
    simulator.inject({ fault: 'fragment_events', parts: 5, order, duplicateSeq: 2, pauseMs: 1, times: 1 });
    const sent = simulator.send(messageEvent({ text: `碎片 ${order} ${'长'.repeat(200)}` }));
    await acknowledged(sent, `an event in fragments, ${order}`);
    expect(sent.acks).toHaveLength(1);
  }
  expect(sdk.handled).toHaveLength(3);
});

test('the official SDK gets an event of any other type as well, and events after a reconnect', async () => {
  const { simulator, url } = await realPlatform();
  const types: unknown[] = [];
  const take = (event: SdkEvent) => void types.push(event.event_type);
  const sdk = sdkPeer(url, {
    handlers: { 'im.chat.member.bot.added_v1': take, 'im.message.receive_v1': take },
  });
  await sdk.connect();
  await acknowledged(simulator.send(customEvent('im.chat.member.bot.added_v1', { chat_id: 'oc_1' })), 'an invitation');
  simulator.inject({ fault: 'drop_socket' });
  await eventually(() => sdk.told.includes('reconnected'), 'the SDK is back after a reset');
  await acknowledged(simulator.send(messageEvent()), 'a message after the reconnect');
  expect(types).toEqual(['im.chat.member.bot.added_v1', 'im.message.receive_v1']);
  expect(sdk.told).toEqual(['ready', 'reconnecting', 'reconnected']);
});

test("the official SDK's Client fetches a token, sends, replies, and reads the history", async () => {
  const { simulator, url, count } = await realPlatform();
  const { platform } = simulator;
  const api = sdkApi(url);
  const sent = await api.im.message.create(textMessage('hello'));
  expect(sent).toMatchObject({ code: 0, data: { chat_id: 'oc_1', msg_type: 'text' } });
  const parentId = sent.data?.message_id ?? '';
  const replied = await api.im.message.reply({
    path: { message_id: parentId },
    data: { msg_type: 'text', content: '{"text":"and again"}' },
  });
  expect(replied).toMatchObject({ code: 0, data: { parent_id: parentId } });
  expect(platform.sent).toMatchObject([
    { appId, chatId: 'oc_1', content: '{"text":"hello"}', parentId: null },
    { appId, chatId: 'oc_1', content: '{"text":"and again"}', parentId },
  ]);
  const history = await api.im.message.list({ params: { container_id_type: 'chat', container_id: 'oc_1' } });
  expect(history.data?.items?.map(({ message_id }) => message_id)).toEqual([parentId, replied.data?.message_id]);
  expect(count('token', appId, 'ok')).toBe(1);
});

test('the official SDK connects without a secret, and gets a token for the same assertion', async () => {
  const app = { appId, appSecret: 'not the client’s', clientAssertion: 'header.payload.signature' };
  const { url } = await realPlatform({ apps: [app] });
  const clientAssertionProvider = { retrieveToken: () => ({ value: app.clientAssertion }) };
  const sdk = sdkPeer(url, { parameters: { clientAssertionProvider } });
  await sdk.connect();
  const { tokenManager } = new Client({ appId, clientAssertionProvider, domain: url, oauthBaseUrl: url });
  expect(await tokenManager.getTenantAccessToken()).toMatch(/^t-/);
});
