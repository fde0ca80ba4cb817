import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type Connector, createConnector } from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { DEFAULT_APP, inMemoryFace } from '../../src/simulator/index.js';
import { type VirtualWorld, virtualWorld } from '../support/world.js';

const LIMIT_CODE = 1000040350;
const REFUSED = 'feishu_ws_connect_failures_total{app="bot",failure="connection_limit",verdict="operator"}';
/** Waits of the slow lane are 15 s at least at first, half of 300 s at least in the end. */
const MOST_PER_HOUR = 30;
const LONGEST_WAIT_MS = 300_000;

/** Another program with the same app: it takes a place of the limit. */
async function stranger({ clock, platform }: VirtualWorld, seed: number): Promise<Connector> {
  const connector = createConnector({
    ...DEFAULT_APP,
    app: `stranger-${seed}`,
    domain: 'http://platform.invalid',
    handlers: {},
    logger: pino({ level: 'silent' }),
    seams: { clock, random: seededRandom(seed), ...inMemoryFace(platform) },
  });
  await connector.start();
  await clock.runUntil(() => connector.status().connected.is, 60_000);
  return connector;
}

test('F06: no place is left, the handshake says so in its headers; it waits, tells, and takes the next free place', async () => {
  const world = virtualWorld({ platform: { connectionLimit: 2 } });
  const first = await stranger(world, 11);
  const second = await stranger(world, 12);
  await world.connector.start();
  await world.clock.advanceBy(3_600_000);
  expect(world.connector.status()).toMatchObject({
    connected: { is: false },
    lastFailure: { code: 'connection_limit', verdict: 'operator' },
  });
  expect(world.connector.status().lastFailure?.detail).toContain(String(LIMIT_CODE));
  expect(await world.metric(REFUSED)).toBeGreaterThan(10);
  expect(await world.metric(REFUSED)).toBeLessThanOrEqual(MOST_PER_HOUR);
  // Never fatal: something is scheduled or under way, always.
  const { nextAt, isUnderWay } = world.connector.status().attempts;
  expect(nextAt !== null || isUnderWay).toBe(true);
  expect(first.status().connected.is && second.status().connected.is).toBe(true);

  const left = second.stop();
  expect(await world.untilConnected(LONGEST_WAIT_MS)).toBeLessThanOrEqual(LONGEST_WAIT_MS);
  await left;
  expect(await world.metric('feishu_ws_connected{app="bot"}')).toBe(1);
  // The stranger that stayed shares the events, as the platform has it; what comes to us is ours.
  const leaving = first.stop();
  await world.clock.advanceBy(3_000);
  await leaving;
  await world.chat(5);
  expect(await world.reckon()).toEqual({ sent: 5, lost: [], handledTwice: [] });
});

test('F06: discovery itself refuses with the code, whatever shape the answer has; the lane is slow and leads out', async () => {
  for (const shape of ['object', 'null', 'absent'] as const) {
    const world = virtualWorld();
    await world.connect();
    await world.chat(3);
    const before = world.platform.traffic.count('discovery');
    world.platform.inject({ fault: 'discovery_code', code: LIMIT_CODE, shape, forMs: 3_600_000 });
    world.platform.inject({ fault: 'drop_socket' });
    await world.chat(2);
    await world.clock.advanceBy(60_000);
    // One at once, then waits of 15 s and 30 s at the least.
    expect(world.platform.traffic.count('discovery') - before, shape).toBeLessThanOrEqual(4);
    await world.clock.advanceBy(3_539_000);
    expect(world.connector.status(), shape).toMatchObject({
      connected: { is: false },
      lastFailure: { code: 'connection_limit', verdict: 'operator' },
    });
    expect(await world.metric(REFUSED)).toBeGreaterThan(10);
    expect(world.platform.traffic.count('discovery') - before).toBeLessThanOrEqual(MOST_PER_HOUR);
    await world.untilConnected(LONGEST_WAIT_MS + 2_000);
    await world.chat(2);
    expect(await world.reckon(), shape).toEqual({ sent: 7, lost: [], handledTwice: [] });
    await world.stop();
  }
});

test('F06: it never fills the places itself: a hundred losses leave one connection', async () => {
  const world = virtualWorld({ platform: { connectionLimit: 2 } });
  await world.connect();
  for (let loss = 0; loss < 100; loss++) {
    world.platform.inject({ fault: loss % 2 === 0 ? 'drop_socket' : 'close_socket' });
    await world.clock.advanceBy(65_000);
    expect(world.platform.connections().length).toBeLessThanOrEqual(1);
  }
  expect(await world.metric(REFUSED)).toBe(0);
  expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(1);
});
