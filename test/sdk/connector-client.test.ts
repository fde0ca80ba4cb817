import { expect, test } from 'vitest';
import { DEFAULT_APP, messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { textMessage } from '../support/sdk-client.js';

/*
 * `connector.client`: the official SDK's Client, whose token is kept by the connector, against the simulator. The
 * details of its HTTP are told in test/token/sdk-client.test.ts.
 */
const { appId } = DEFAULT_APP;
const CREATE = 'POST /open-apis/im/v1/messages';

test('connector.client sends with the token that the connector keeps, and asks for no other', async () => {
  const { simulator, url, count } = await realPlatform();
  const { connector } = realConnector(url);
  await connector.start();
  for (const text of ['one', 'two', 'three']) {
    expect(await connector.client.im.message.create(textMessage(text))).toMatchObject({ code: 0 });
  }
  expect(simulator.platform.sent.map(({ content }) => content)).toEqual([
    '{"text":"one"}',
    '{"text":"two"}',
    '{"text":"three"}',
  ]);
  expect(count('token', appId)).toBe(1);
  expect(connector.client).toBe(connector.client);
});

test('a handler answers through context.client', async () => {
  const { simulator, url } = await realPlatform();
  const ours = realConnector(url, {
    handlers: {
      'im.message.receive_v1': async (event, { client }) => {
        const { message } = event.data as { message: { message_id: string } };
        await client.im.message.reply({
          path: { message_id: message.message_id },
          data: { msg_type: 'text', content: '{"text":"here"}' },
        });
      },
    },
  });
  await ours.connect();
  const asked = simulator.send(messageEvent({ messageId: 'om_question' }));
  await acknowledged(asked, 'the question');
  expect(simulator.platform.sent).toMatchObject([{ parentId: 'om_question', content: '{"text":"here"}' }]);
});

test('F30: revoked tokens cost one repetition, and the caller does not notice', async () => {
  const { simulator, url, traffic, count } = await realPlatform();
  const ours = realConnector(url);
  await ours.connector.start();
  await ours.connector.client.im.message.create(textMessage('before'));
  simulator.inject({ fault: 'revoke_tokens' });
  expect(await ours.connector.client.im.message.create(textMessage('after'))).toMatchObject({ code: 0 });
  expect(simulator.platform.sent.map(({ content }) => content)).toEqual(['{"text":"before"}', '{"text":"after"}']);
  expect(traffic('api', appId).map(({ outcome }) => outcome)).toEqual([`${CREATE} 200`, `${CREATE} 200`]);
  // The refused call carried a token of no app.
  expect(simulator.platform.traffic.count('api')).toBe(3);
  expect(count('token', appId, 'ok')).toBe(2);
  expect(ours.logs).toContainEqual(expect.objectContaining({ event: 'token_invalidated', code: 99991663 }));
});

test('F30: many calls that meet revoked tokens at once share one new token', async () => {
  const { simulator, url, count } = await realPlatform();
  const { connector } = realConnector(url);
  await connector.start();
  await connector.client.im.message.create(textMessage('before'));
  simulator.inject({ fault: 'revoke_tokens' });
  const calls = Array.from({ length: 10 }, (_, index) => connector.client.im.message.create(textMessage(`${index}`)));
  expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(Array(10).fill(0));
  expect(simulator.platform.sent).toHaveLength(11);
  expect(count('token', appId, 'ok')).toBe(2);
});

test('F02, F30: with the token endpoint down, calls go on with the token in hand', async () => {
  for (const fault of [
    { fault: 'token_status', status: 503 },
    { fault: 'token_hang' },
    { fault: 'token_code', code: 99991400, status: 429 },
  ] as const) {
    // So short that the renewal, due in its last half, meets the outage.
    const { simulator, url } = await realPlatform({ tokenLifetimeMs: 60_000 });
    const { connector } = realConnector(url);
    await connector.start();
    await connector.client.im.message.create(textMessage('before'));
    simulator.inject(fault);
    // An operator's nudge makes the keeper ask now, were it not content with what it has.
    connector.reconnect();
    expect(await connector.client.im.message.create(textMessage('during'))).toMatchObject({ code: 0 });
    expect(connector.status().token.isValid).toBe(true);
  }
});

test('F30: revoked tokens while the token endpoint is down: the call tells what the platform said, later ones work', async () => {
  const { simulator, url } = await realPlatform();
  const ours = realConnector(url, { token: { callerTimeoutMs: 300 } });
  const { connector } = ours;
  await connector.start();
  await eventually(() => connector.status().token.isValid, 'the first token, in whatever time it takes');
  await connector.client.im.message.create(textMessage('before'));
  const outage = simulator.inject({ fault: 'token_status', status: 503 });
  simulator.inject({ fault: 'revoke_tokens' });
  const refused: unknown = await connector.client.im.message.create(textMessage('refused')).catch((error) => error);
  expect(refused).toMatchObject({ response: { status: 400, data: { code: 99991663 } } });
  expect(JSON.stringify(refused)).not.toMatch(/t-[0-9a-f]{40}/);
  const says = (event: string) => ours.logs.some((line) => line.event === event);
  await eventually(() => says('token_refresh_failed'), 'the failed refresh in the log');
  simulator.clear(outage);
  const sends = async () =>
    connector.client.im.message.create(textMessage('after')).then(
      () => true,
      () => false,
    );
  await eventually(sends, 'a call that works again');
  expect(simulator.platform.sent.map(({ content }) => content)).toEqual(['{"text":"before"}', '{"text":"after"}']);
  expect(says('token_recovered')).toBe(true);
});

test('a dead long connection does not keep calls from working', async () => {
  const { simulator, url } = await realPlatform();
  simulator.inject({ fault: 'discovery_code', code: 1 });
  const { connector } = realConnector(url);
  await connector.start();
  expect(await connector.client.im.message.create(textMessage('all the same'))).toMatchObject({ code: 0 });
  expect(connector.status()).toMatchObject({ connected: { is: false }, token: { isValid: true } });
});
