import { expect, test } from 'vitest';
import type { ConnectorReport } from '../src/connector-events.js';
import type { Fault } from '../src/simulator/index.js';
import { messageEvent } from '../src/simulator/index.js';
import { type VirtualWorld, virtualWorld, type WorldOptions } from './support/world.js';

const SOCKETS = 'feishu_ws_sockets_open{app="bot"}';
const OUTAGES = 'feishu_ws_outage_duration_seconds_count{app="bot"}';

interface Kept extends VirtualWorld {
  readonly reports: ConnectorReport['report'][];
  /** When the platform was asked for a ticket, in monotonic milliseconds. */
  readonly callsAt: number[];
}

function worldOf(connections: number, options: WorldOptions = {}): Kept {
  const world = virtualWorld({ ...options, connector: { connections, ...options.connector } });
  const reports: ConnectorReport['report'][] = [];
  const callsAt: number[] = [];
  world.connector.on('report', ({ report }) => {
    reports.push(report);
    if (report.type === 'attempt_started') callsAt.push(world.clock.now());
  });
  return Object.assign(world, { reports, callsAt });
}

const provenIn = ({ connector }: VirtualWorld): number => connector.status().connections.proven;

/** Started, and all connections proven and stable. */
async function whole(world: VirtualWorld): Promise<void> {
  await world.connect();
  const { wanted } = world.connector.status().connections;
  expect(await world.clock.runUntil(() => provenIn(world) === wanted, 600_000)).toBe(true);
  await world.clock.advanceBy(120_000);
}

/** Most calls in any stretch of this length. */
function mostWithin(callsAt: readonly number[], stretchMs: number): number {
  return Math.max(0, ...callsAt.map((from) => callsAt.filter((at) => at >= from && at < from + stretchMs).length));
}

test('two connections: one leads, and the standby follows when that has lasted', async () => {
  const world = worldOf(2);
  await world.connect();
  expect(world.platform.connections().length).toBe(1);
  expect(world.connector.status().connections).toEqual({ wanted: 2, proven: 1 });
  expect(await world.clock.runUntil(() => provenIn(world) === 2, 30_000)).toBe(true);
  expect(world.platform.connections().length).toBe(2);
  expect(await world.metric(SOCKETS)).toBe(2);
  expect(await world.metric('feishu_ws_connections_wanted{app="bot"}')).toBe(2);
  expect(world.said()).toEqual([
    '[feishu] connecting',
    '[feishu] connected',
    '[feishu] standby connecting',
    '[feishu] standby connected',
  ]);
  await world.chat(50);
  expect(await world.reckon()).toEqual({ sent: 50, lost: [], handledTwice: [] });
});

test('the death of one of two is no outage and no gap: nothing is lost, and the standby is replaced', async () => {
  const world = worldOf(2);
  await whole(world);
  const states: string[] = [];
  world.connector.on('state', ({ to }) => states.push(to));
  world.platform.inject({ fault: 'drop_socket', which: 'oldest' });
  for (let moment = 0; moment < 200; moment++) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(50);
    expect(world.connector.status().connected.is).toBe(true);
    expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(1);
  }
  expect(states).toEqual([]);
  expect(world.connector.status()).toMatchObject({ outage: null, connections: { wanted: 2, proven: 2 } });
  expect(world.platform.connections().length).toBe(2);
  expect(await world.metric(OUTAGES)).toBe(0);
  expect(await world.metric('feishu_ws_outage_started_timestamp_seconds{app="bot"}')).toBe(0);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="connection_reset"}')).toBe(1);
  expect(world.said('warn')).toEqual([]);
  expect(world.said()).toContain('[feishu] standby disconnected');
  expect(world.said()).not.toContain('[feishu] disconnected');
  expect(await world.reckon()).toEqual({ sent: 200, lost: [], handledTwice: [] });
});

test('the death of both is one outage, and both come back', async () => {
  const world = worldOf(2);
  await whole(world);
  world.platform.inject({ fault: 'drop_socket', which: 'all' });
  await world.chat(100);
  await world.clock.advanceBy(120_000);
  expect(world.connector.status()).toMatchObject({ outage: null, connections: { wanted: 2, proven: 2 } });
  expect(await world.metric(OUTAGES)).toBe(1);
  expect(world.reports.filter(({ type }) => type === 'outage_started').length).toBe(1);
  expect(world.reports.filter(({ type }) => type === 'outage_ended').length).toBe(1);
  expect(world.said().filter((line) => line === '[feishu] disconnected').length).toBe(1);
  expect(world.said().filter((line) => line === '[feishu] reconnected').length).toBe(1);
  expect(await world.reckon()).toEqual({ sent: 100, lost: [], handledTwice: [] });
});

test('an event that comes in on any of ten connections is acknowledged on that very one, and handled once', async () => {
  const world = worldOf(10);
  await whole(world);
  await world.chat(200, 10);
  const { events } = world.platform.ledger;
  const usedBy = new Set(events.flatMap(({ deliveries }) => deliveries.map(({ connectionId }) => connectionId)));
  expect(usedBy.size).toBe(10);
  for (const { acks } of events) expect(acks.map(({ code }) => code)).toEqual([200]);
  expect(await world.reckon()).toEqual({ sent: 200, lost: [], handledTwice: [] });
});

test('fifty restarts grow nothing: two sockets while it runs, and nothing after', async () => {
  const world = worldOf(2);
  for (let restart = 0; restart < 50; restart++) {
    await world.connect();
    expect(await world.clock.runUntil(() => provenIn(world) === 2, 30_000)).toBe(true);
    expect(world.platform.connections().length).toBe(2);
    expect(await world.metric(SOCKETS)).toBe(2);
    await world.stop();
    await world.clock.advanceBy(100);
    expect(world.platform.connections()).toEqual([]);
    expect(await world.metric(SOCKETS)).toBe(0);
    expect(world.clock.pendingTimers, `restart ${restart}`).toBe(0);
    expect(world.connector.status()).toMatchObject({ connected: { state: 'stopped' }, connections: { proven: 0 } });
  }
  expect(await world.metric('feishu_ws_connect_attempts_total{app="bot"}')).toBe(100);
});

test('stopped at every moment of the way up, it leaves nothing behind', async () => {
  const world = worldOf(3);
  for (let atMs = 0; atMs <= 36_000; atMs += 113) {
    await world.connector.start();
    await world.clock.advanceBy(atMs);
    await world.stop();
    await world.clock.advanceBy(100);
    expect(world.platform.connections(), `stopped after ${atMs} ms`).toEqual([]);
    expect(world.clock.pendingTimers, `stopped after ${atMs} ms`).toBe(0);
  }
});

const STORMS: readonly (readonly [string, readonly Fault[]])[] = [
  ['nobody answers', [{ fault: 'discovery_status', status: 502 }]],
  ['no ticket comes', [{ fault: 'discovery_hang' }]],
  ['no socket opens', [{ fault: 'handshake_refuse', status: 503 }]],
  ['everybody is dropped at once', [{ fault: 'drop_socket', which: 'all', times: 100_000, everyMs: 4_000 }]],
  ['everybody is kicked after half a minute', [{ fault: 'kick_every', everyMs: 30_000 }]],
];

/** Calls from the moment that all are lost in this weather: the most in any minute, and all of four hours. */
async function callsIn(faults: readonly Fault[], connections: number): Promise<{ inMinute: number; inAll: number }> {
  const world = worldOf(connections, { seed: 5 });
  await whole(world);
  expect(mostWithin(world.callsAt, 60_000), 'on the way up').toBeLessThan(12);
  world.callsAt.length = 0;
  for (const fault of faults) world.platform.inject(fault);
  world.platform.inject({ fault: 'drop_socket', which: 'all' });
  await world.clock.advanceBy(4 * 3_600_000);
  return { inMinute: mostWithin(world.callsAt, 60_000), inAll: world.callsAt.length };
}

test.each(STORMS)('with ten connections, where %s, the platform gets the calls of one', async (_what, faults) => {
  const alone = await callsIn(faults, 1);
  const ofTen = await callsIn(faults, 10);
  expect(ofTen.inMinute).toBeLessThan(12);
  expect(ofTen.inAll).toBeLessThanOrEqual(alone.inAll * 1.2);
});

test('turns that nobody could take are not spent: after hours of kicks the standbys are back at once', async () => {
  const world = worldOf(3);
  await whole(world);
  // Each connection lasts, and is gone before the turns that it brought.
  world.platform.inject({ fault: 'kick_every', everyMs: 27_000 });
  await world.clock.advanceBy(3 * 3_600_000);
  world.platform.clear();
  await world.clock.advanceBy(120_000);
  expect(provenIn(world)).toBe(3);
});

test('while all are lost only one looks whether the platform answers', async () => {
  const looksOf = async (connections: number): Promise<number> => {
    const world = worldOf(connections, { seed: 3 });
    await whole(world);
    world.platform.inject({ fault: 'discovery_status', status: 502 });
    world.platform.inject({ fault: 'drop_socket', which: 'all' });
    await world.clock.advanceBy(3_600_000);
    return world.reports.filter(({ type }) => type === 'looked').length;
  };
  const [alone, ofFive] = [await looksOf(1), await looksOf(5)];
  expect(alone).toBeGreaterThan(0);
  expect(ofFive).toBeLessThan(1.2 * alone);
});

test('the metric of the next attempt is that of the lead', async () => {
  const world = worldOf(3);
  await whole(world);
  world.platform.inject({ fault: 'discovery_status', status: 502 });
  world.platform.inject({ fault: 'drop_socket', which: 'all' });
  for (let look = 0; look < 100; look++) {
    await world.clock.advanceBy(1_000);
    const { nextAt } = world.connector.status().attempts;
    const told = 1_000 * (await world.metric('feishu_ws_next_attempt_timestamp_seconds{app="bot"}'));
    expect(told).toBeCloseTo(nextAt ?? 0, -1);
  }
});
