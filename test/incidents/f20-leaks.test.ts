import { expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/index.js';
import { type VirtualWorld, virtualWorld } from '../support/world.js';

const SOCKETS = 'feishu_ws_sockets_open{app="bot"}';

/** Nothing of it is left: no socket on either side, no timer of ours, and none of the platform but its events'. */
async function leavesNothing(world: VirtualWorld, what: string): Promise<void> {
  // A reset that is on its way takes the link's latency.
  await world.clock.advanceBy(100);
  expect(world.platform.connections(), what).toEqual([]);
  expect(await world.metric(SOCKETS), what).toBe(0);
  expect(world.clock.pendingTimers, what).toBe(0);
  expect(world.connector.status(), what).toMatchObject({
    connected: { is: false, state: 'stopped' },
    attempts: { nextAt: null, isUnderWay: false },
  });
}

test('F20: fifty restarts leave one socket while it runs and nothing when it stops', async () => {
  const world = virtualWorld();
  for (let restart = 0; restart < 50; restart++) {
    await world.connect();
    await world.chat(2);
    expect(world.platform.connections().length).toBe(1);
    expect(await world.metric(SOCKETS)).toBe(1);
    await world.stop();
    expect(world.platform.connections()).toEqual([]);
    expect(world.clock.pendingTimers, `restart ${restart}`).toBe(0);
  }
  // Stopped is stopped: an hour later nobody has come back.
  const { counts } = world.platform.traffic;
  await world.clock.advanceBy(3_600_000);
  expect(world.platform.traffic.counts).toEqual(counts);
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(50);
  expect(await world.reckon()).toEqual({ sent: 100, lost: [], handledTwice: [] });
});

test('F20: overlapping starts make one socket, and one stop ends it', async () => {
  const world = virtualWorld();
  await Promise.all(Array.from({ length: 10 }, () => world.connector.start()));
  await world.untilConnected(1_000);
  await world.connector.start();
  await world.clock.advanceBy(60_000);
  expect(world.platform.traffic.counts).toMatchObject({ discovery: 1, opened: 1 });
  expect(await world.metric(SOCKETS)).toBe(1);
  await world.chat(5);
  expect(world.platform.ledger.events.flatMap(({ acks }) => acks).length).toBe(5);
  await world.stop();
  await leavesNothing(world, 'after overlapping starts');
});

test('F20: starts and stops in any order end as the last of them said', async () => {
  const world = virtualWorld();
  const { connector, clock } = world;
  for (let round = 0; round < 20; round++) {
    const calls = [
      connector.start(),
      connector.stop(),
      connector.start(),
      connector.stop({ drainMs: 0 }),
      connector.start(),
    ];
    let isDone = false;
    const all = Promise.all(calls).then(() => {
      isDone = true;
    });
    expect(await clock.runUntil(() => isDone, 60_000)).toBe(true);
    await all;
    await world.untilConnected(10_000);
    expect(world.platform.connections().length).toBe(1);
  }
  await world.stop();
  await leavesNothing(world, 'after twenty rounds');
});

test.each<[string, readonly Fault[]]>([
  ['discovering', [{ fault: 'discovery_hang' }]],
  ['dialing', [{ fault: 'handshake_hang' }]],
  ['proving', [{ fault: 'silent_pongs', pings: 'both', sockets: 'all' }]],
  ['waiting', [{ fault: 'discovery_status', status: 502 }]],
  ['waiting', [{ fault: 'discovery_code', code: 514 }]],
])('F20: stopped while %s, it leaves nothing behind, fifty times over', async (state, faults) => {
  const world = virtualWorld();
  for (const fault of faults) world.platform.inject(fault);
  for (let restart = 0; restart < 50; restart++) {
    await world.connector.start();
    expect(await world.clock.runUntil(() => world.connector.status().connected.state === state, 60_000)).toBe(true);
    await world.stop();
    await leavesNothing(world, `${state} ${restart}`);
  }
  const { counts } = world.platform.traffic;
  await world.clock.advanceBy(3_600_000);
  expect(world.platform.traffic.counts).toEqual(counts);
  world.platform.clear();
  await world.connect();
  await world.chat(3);
  expect(await world.reckon()).toEqual({ sent: 3, lost: [], handledTwice: [] });
});

test('F20: stopped at every millisecond of the way to a connection, it leaves nothing behind', async () => {
  const world = virtualWorld();
  for (let atMs = 0; atMs <= 60; atMs++) {
    await world.connector.start();
    await world.clock.advanceBy(atMs);
    await world.stop();
    await leavesNothing(world, `stopped after ${atMs} ms`);
  }
});

test('F20: while a suspect socket is replaced there are two, and after a stop there is none', async () => {
  const world = virtualWorld();
  await world.connect();
  for (const faults of [
    [{ fault: 'silent_pongs', pings: 'both' }, { fault: 'discovery_hang' }],
    [{ fault: 'silent_pongs', pings: 'both' }, { fault: 'handshake_hang' }],
    [{ fault: 'silent_pongs', pings: 'both', sockets: 'all' }],
  ] as const satisfies readonly (readonly Fault[])[]) {
    for (const fault of faults) world.platform.inject(fault);
    expect(await world.clock.runUntil(() => world.connector.status().connected.state === 'suspect', 60_000)).toBe(true);
    await world.clock.advanceBy(1_000);
    expect(await world.metric(SOCKETS)).toBeLessThanOrEqual(2);
    await world.stop();
    await leavesNothing(world, JSON.stringify(faults));
    world.platform.clear();
    await world.connect();
  }
});
