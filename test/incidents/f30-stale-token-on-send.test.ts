import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { realConnector, realPlatform } from '../support/real-world.js';
import { virtualWorld } from '../support/world.js';

const MINUTE = 60_000;

test('F30: a token that the platform voids is replaced for our own calls too, and the call is repeated once', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.clock.advanceBy(5 * MINUTE);
  const calls = world.platform.traffic.count('api');
  world.platform.inject({ fault: 'revoke_tokens' });
  await world.clock.advanceBy(20 * MINUTE);
  expect(world.connector.status()).toMatchObject({ serverView: { verdict: 'agrees' }, token: { isValid: true } });
  const outcomes = world.platform.traffic.recent('api').slice(calls);
  expect(outcomes.map(({ outcome }) => outcome.split(' ')[2])).toEqual(['400', '200']);
  await world.stop();
});

test('F30: a reply whose token was voided is sent once, and both calls are in the budget', async () => {
  const platform = await realPlatform();
  const { connector, connect } = realConnector(platform.url);
  await connect();
  await eventually(() => connector.status().token.isValid, 'a token');
  const send = (text: string) =>
    connector.client.im.v1.message.create({
      params: { receive_id_type: 'chat_id' },
      data: { receive_id: 'oc_1', msg_type: 'text', content: JSON.stringify({ text }) },
    });
  await send('first');
  const before = connector.status().budget?.used ?? 0;
  platform.simulator.platform.inject({ fault: 'revoke_tokens' });
  await expect(send('second')).resolves.toMatchObject({ code: 0 });
  expect(platform.simulator.platform.sent.map(({ content }) => JSON.parse(content).text)).toEqual(['first', 'second']);
  expect(connector.status().budget?.used).toBe(before + 2);
  expect(platform.simulator.platform.traffic.count('api')).toBe(3);
});
