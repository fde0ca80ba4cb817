import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { realConnector, realPlatform } from '../support/real-world.js';
import { virtualWorld } from '../support/world.js';

/** Beyond the 16,384 frames after which a counter of `ws` closed connections with 1008. */
const FRAMES = 20_000;
const BATCH = 500;

test('F37: 20,000 events and as many acknowledgements on one real connection, and it is the same one at the end', async () => {
  const { simulator, url } = await realPlatform();
  const bot = realConnector(url);
  await bot.connect();
  const { connectionId } = bot.connector.status().connected;
  for (let sent = 0; sent < FRAMES; sent += BATCH) {
    for (let event = 0; event < BATCH; event++) simulator.send(messageEvent({ text: 'small' }));
    const { ledger } = simulator.platform;
    await eventually(() => ledger.summary.acknowledged === sent + BATCH, `${sent + BATCH} acknowledgements`);
  }
  expect(bot.connector.status().connected).toMatchObject({ is: true, connectionId });
  expect(new Set(bot.handled.map(({ id }) => id)).size).toBe(FRAMES);
  expect(bot.handled.length).toBe(FRAMES);
  expect(simulator.platform.traffic.counts).toMatchObject({ opened: 1, closed: 0 });
  expect(await bot.metric('feishu_ws_frames_total{app="bot",direction="in",type="event"}')).toBe(FRAMES);
  expect(await bot.metric('feishu_ws_frames_total{app="bot",direction="out",type="event"}')).toBe(FRAMES);
  expect(await bot.metric('feishu_ws_disconnects_total{app="bot",failure="closed_by_peer"}')).toBe(0);
  expect(await bot.metric('feishu_ws_disconnects_total{app="bot",failure="protocol_error"}')).toBe(0);
});

test('F37: were it to happen all the same, a close with 1008 costs one quick reconnect', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.clock.advanceBy(120_000);
  for (let time = 0; time < 10; time++) {
    await world.chat(10, 10);
    world.platform.inject({ fault: 'close_socket', code: 1008, reason: 'Too many message fragments' });
    await world.clock.advanceBy(10);
    expect(await world.untilConnected(2_100)).toBeLessThanOrEqual(2_100);
    await world.clock.advanceBy(90_000);
  }
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="closed_by_peer"}')).toBe(10);
  expect(world.connector.status().lastFailure?.detail).toBe('code 1008: Too many message fragments');
  expect(await world.reckon()).toEqual({ sent: 100, lost: [], handledTwice: [] });
});
