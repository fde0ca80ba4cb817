import { expect, test } from 'vitest';
import { cardActionEvent, customEvent, messageEvent, version1Event } from '../../src/simulator/index.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { type SdkEvent, sdkDispatcher } from '../support/sdk-client.js';

/* Our connector with an `EventDispatcher` of the official SDK in place of `handlers`. */
const MESSAGE = 'im.message.receive_v1';

test('an EventDispatcher gets events as under the SDK: header and content merged flat', async () => {
  const { simulator, url } = await realPlatform();
  const got: SdkEvent[] = [];
  const take = (event: SdkEvent) => void got.push(event);
  const ours = realConnector(url, { eventDispatcher: sdkDispatcher({ [MESSAGE]: take, message: take }) });
  await ours.connect();
  const sent = simulator.send(messageEvent({ text: '你好' }));
  await acknowledged(sent, 'a message');
  const old = simulator.send(version1Event({ text: 'old' }));
  await acknowledged(old, 'an event of version 1.0');
  expect(got).toMatchObject([
    { event_id: sent.eventId, event_type: MESSAGE, message: { content: '{"text":"你好"}' } },
    { uuid: old.eventId, text: 'old' },
  ]);
});

test('what its handlers return stands in the acknowledgement, of callbacks and of events', async () => {
  const { simulator, url } = await realPlatform();
  const toast = { toast: { type: 'info', content: '收到' } };
  const ours = realConnector(url, {
    eventDispatcher: sdkDispatcher({ 'card.action.trigger': async () => toast, [MESSAGE]: async () => ({ seen: 1 }) }),
  });
  await ours.connect();
  const pressed = simulator.send(cardActionEvent());
  const sent = simulator.send(messageEvent());
  await acknowledged(pressed, 'a press');
  await acknowledged(sent, 'a message');
  expect(pressed.result).toEqual(toast);
  expect(sent.result).toEqual({ seen: 1 });
});

test('a handler of it that throws is 500 and a failure with a line; the redelivery is handled', async () => {
  const { simulator, url } = await realPlatform({ redeliveryScale: 0.001 });
  let calls = 0;
  const ours = realConnector(url, {
    eventDispatcher: sdkDispatcher({
      [MESSAGE]: async () => {
        calls += 1;
        if (calls === 1) throw new Error('the database is away');
      },
    }),
  });
  await ours.connect();
  const sent = simulator.send(messageEvent());
  await acknowledged(sent, 'the second try');
  expect(sent.acks.map(({ code }) => code)).toEqual([500, 200]);
  expect(ours.logs).toContainEqual(
    expect.objectContaining({ event: 'handler_failed', failure: 'thrown', event_id: sent.eventId }),
  );
});

test('a type that it does not know is counted as dropped, not hidden in the answer', async () => {
  const { simulator, url } = await realPlatform();
  const ours = realConnector(url, { eventDispatcher: sdkDispatcher({ [MESSAGE]: () => {} }) });
  await ours.connect();
  const sent = simulator.send(customEvent('im.chat.disbanded_v1', {}));
  await acknowledged(sent, 'an event that nobody handles');
  expect(sent.result).toBeNull();
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="no_handler"}')).toBe(1);
});

test('a handler that is registered later counts from then on, one that is taken off no longer', async () => {
  const { simulator, url } = await realPlatform();
  const got: unknown[] = [];
  const eventDispatcher = sdkDispatcher({ [MESSAGE]: (event) => void got.push(event.event_id) });
  const ours = realConnector(url, { eventDispatcher });
  await ours.connect();
  const added = customEvent('im.chat.disbanded_v1', {});
  eventDispatcher.register({ 'im.chat.disbanded_v1': (event: SdkEvent) => void got.push(event.event_id) });
  const later = simulator.send(added);
  await acknowledged(later, 'an event of the later type');
  eventDispatcher.unregister(MESSAGE);
  await acknowledged(simulator.send(messageEvent()), 'a message that nobody handles any more');
  expect(got).toEqual([later.eventId]);
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="no_handler"}')).toBe(1);
});

test('one with an encrypt key takes events of the long connection, which are plain and unsigned', async () => {
  const { simulator, url } = await realPlatform();
  const eventDispatcher = sdkDispatcher({ [MESSAGE]: () => {} });
  eventDispatcher.encryptKey = 'an-encrypt-key';
  const ours = realConnector(url, { eventDispatcher });
  await ours.connect();
  const sent = simulator.send(messageEvent());
  await acknowledged(sent, 'a plain event');
  expect(sent.acks).toMatchObject([{ code: 200 }]);
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="no_handler"}')).toBe(0);
});
