import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, realConnector, realPlatform } from '../support/real-world.js';
import { watch } from '../support/watch.js';
import { virtualWorld } from '../support/world.js';

test('F14: a loop that is blocked for 20 s, at any point of the heartbeat, blames itself and not the peer', async () => {
  // 1 s steps through a pause between pings, and the few milliseconds in which a ping or its pong is on its way.
  const moments = [...Array.from({ length: 20 }, (_, second) => second * 1_000), 20_000, 20_003, 20_007, 20_012];
  let lateTicks = 0;
  for (const moment of moments) {
    const world = virtualWorld({ seed: 1 + moment });
    const seen = watch(world.connector, world.clock);
    await world.connect();
    const { connectionId } = world.connector.status().connected;
    await world.clock.advanceBy(moment);
    world.platform.send(messageEvent());
    world.clock.sleep(20_000);
    await world.clock.advanceBy(120_000);
    expect(world.connector.status().connected, `blocked at ${moment} ms`).toMatchObject({
      is: true,
      state: 'connected',
      connectionId,
    });
    expect(
      seen.entered.map(({ state }) => state),
      `blocked at ${moment} ms`,
    ).not.toContain('suspect');
    lateTicks += seen.count('late');
    expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
    expect(await world.reckon()).toEqual({ sent: 1, lost: [], handledTwice: [] });
    await world.stop();
  }
  expect(lateTicks).toBeGreaterThan(moments.length / 2);
});

test('F14: blocked for 20 s a hundred times, it keeps its socket and every event', async () => {
  const world = virtualWorld();
  const seen = watch(world.connector, world.clock);
  await world.connect();
  for (let block = 0; block < 100; block++) {
    await world.chat(1, 1_000 + 370 * block);
    world.clock.sleep(20_000);
  }
  await world.clock.advanceBy(60_000);
  expect(seen.count('disconnected')).toBe(0);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 100, lost: [], handledTwice: [] });
});

test('F14: our lateness excuses a dead peer once, not for good', async () => {
  const world = virtualWorld();
  await world.connect();
  const { connectionId } = world.connector.status().connected;
  world.platform.inject({ fault: 'half_open' });
  // Blocked again before the grace after the last block is over: if each excused the silence anew, it would never end.
  const startedAt = world.clock.now();
  while (world.connector.status().connected.connectionId === connectionId) {
    await world.clock.advanceBy(4_000);
    world.clock.sleep(20_000);
    expect(world.clock.now() - startedAt).toBeLessThan(4 * 60_000);
  }
  await world.untilConnected(60_000);
  expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBeLessThanOrEqual(2);
});

test('F14: a dial whose deadline passed while we were blocked is heard out', async () => {
  const world = virtualWorld();
  const seen = watch(world.connector, world.clock);
  world.platform.inject({ fault: 'handshake_delay', delayMs: 14_000 });
  await world.connector.start();
  await world.clock.advanceBy(5_000);
  world.clock.sleep(20_000);
  await world.untilConnected(10_000);
  expect(seen.count('attempt_failed')).toBe(0);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
});

test('F14: a busy loop right behind a ping, longer than its answer may take, costs a real socket nothing', async () => {
  const platform = await realPlatform();
  const bot = realConnector(platform.url, {
    connection: { heartbeatMs: 60, answerTimeoutMs: 300, suspicionMs: 100, lateAfterMs: 100, lateGraceMs: 5_000 },
  });
  const states: string[] = [];
  await bot.connect();
  bot.connector.on('state', ({ to }) => states.push(to));
  const { connectionId } = bot.connector.status().connected;
  const lateness: number[] = [];
  let isBlocked = false;
  bot.connector.on('report', ({ report }) => {
    if (report.type === 'late') lateness.push(report.lateMs);
    if (report.type !== 'heartbeat_sent' || isBlocked) return;
    isBlocked = true;
    const startedAt = performance.now();
    while (performance.now() - startedAt < 900);
  });
  const answered = 'feishu_ws_heartbeats_answered_total{app="bot"}';
  await eventually(() => lateness.length > 0, 'the block');
  await bot.metricReaches(answered, (await bot.metric(answered)) + 3);
  const sent = platform.simulator.send(messageEvent());
  await acknowledged(sent, 'a message after the block');
  expect(Math.max(...lateness)).toBeGreaterThan(300);
  expect(states).toEqual([]);
  expect(bot.connector.status().connected).toMatchObject({ is: true, connectionId });
  expect(await bot.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(1);
});
