import { expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/index.js';
import { realConnector, realPlatform } from '../support/real-world.js';
import { virtualWorld } from '../support/world.js';

/** What the closing handshake is given, see `closeTimeoutMs`. */
const CLOSE_BUDGET_MS = 2_000;

test.each<[string, readonly Fault[], boolean]>([
  ['discovering', [{ fault: 'discovery_hang' }], false],
  ['dialing', [{ fault: 'handshake_hang', sends: 'half_answer' }], false],
  ['proving', [{ fault: 'half_open', sockets: 'all' }], false],
  ['waiting', [{ fault: 'dns_failure' }], false],
  ['connected', [{ fault: 'half_open', sockets: 'all' }], true],
  ['suspect', [{ fault: 'half_open', sockets: 'all' }], true],
  ['waiting', [{ fault: 'refuse_tcp' }, { fault: 'drop_socket' }], true],
])(
  'F21: %s under %j, with a peer that answers nothing, stop() ends within the closing budget',
  async (state, faults, isConnected) => {
    const world = virtualWorld();
    if (isConnected) await world.connect();
    for (const fault of faults) world.platform.inject(fault);
    if (!isConnected) await world.connector.start();
    expect(await world.clock.runUntil(() => world.connector.status().connected.state === state, 120_000)).toBe(true);
    const pingsBefore = world.platform.traffic.count('ping') + world.platform.traffic.count('websocket_ping');
    const askedAt = world.clock.now();
    await world.stop();
    expect(world.clock.now() - askedAt).toBeLessThanOrEqual(CLOSE_BUDGET_MS);
    expect(world.connector.status().connected.state).toBe('stopped');
    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);

    // No ping, no attempt, no word goes out after it.
    const { counts } = world.platform.traffic;
    await world.clock.advanceBy(10 * 60_000);
    const { closed: _closedBefore, ...before } = counts;
    const { closed: _closed, ...after } = world.platform.traffic.counts;
    expect(after).toEqual(before);
    expect(before.ping + before.websocket_ping).toBe(pingsBefore);
    expect(world.clock.pendingTimers).toBe(0);
  },
);

test('F21: a handler that never ends and a peer that never answers cost the drain and the closing budget', async () => {
  let isAborted = false;
  const world = virtualWorld({
    connector: {
      handlers: {
        '*': (_event, { signal }) =>
          new Promise<void>(() => {
            signal.addEventListener('abort', () => {
              isAborted = true;
            });
          }),
      },
    },
  });
  await world.connect();
  await world.chat(3);
  world.platform.inject({ fault: 'half_open' });
  const askedAt = world.clock.now();
  let stoppedAt = Number.NaN;
  const stopping = world.connector.stop({ drainMs: 5_000 }).then(() => {
    stoppedAt = world.clock.now();
  });
  expect(await world.clock.runUntil(() => !Number.isNaN(stoppedAt), 60_000)).toBe(true);
  await stopping;
  expect(stoppedAt - askedAt).toBeLessThanOrEqual(5_000 + CLOSE_BUDGET_MS + 10);
  expect(isAborted).toBe(true);
});

test('F21: stop() twice, and stop() of what never started, end as one', async () => {
  const world = virtualWorld();
  await world.connector.stop();
  await world.connect();
  world.platform.inject({ fault: 'half_open' });
  const askedAt = world.clock.now();
  let stops = 0;
  for (let call = 0; call < 3; call++) void world.connector.stop().then(() => stops++);
  expect(await world.clock.runUntil(() => stops === 3, 60_000)).toBe(true);
  expect(world.clock.now() - askedAt).toBeLessThanOrEqual(CLOSE_BUDGET_MS);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="local_stop"}')).toBe(1);
});

test('F21: on a real socket too: frozen on the other side, stop() ends, and the socket with it', async () => {
  const { simulator, url } = await realPlatform();
  const bot = realConnector(url);
  await bot.connect();
  simulator.inject({ fault: 'half_open', sockets: 'all' });
  await bot.connector.stop({ drainMs: 0 });
  expect(bot.connector.status().connected.state).toBe('stopped');
  expect(await bot.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
});
