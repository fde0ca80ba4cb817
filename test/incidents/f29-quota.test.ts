import { expect, test } from 'vitest';
import type { GapRecord } from '../../src/index.js';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const QUOTA_EXHAUSTED = 99_991_403;
const RATE_LIMITED = 99_991_400;

test('F29: with a small quota the calls become rare by themselves, and nine tenths of it are never passed', {
  timeout: 60_000,
}, async () => {
  const world = new DurableWorld({
    connector: { catchup: { budget: { monthlyQuota: 100 } }, connection: { heartbeatMs: 2 * MINUTE } },
  });
  await world.connect();
  for (let day = 0; day < 6; day++) {
    world.platform.send(messageEvent());
    await world.clock.advanceBy(DAY);
  }
  expect(world.platform.traffic.count('api')).toBeLessThanOrEqual(90);
  const { budget, connected, receiving } = world.connector.status();
  expect(budget).toMatchObject({ quota: 100 });
  expect(budget?.level).not.toBe('free');
  expect(budget?.used).toBe(world.platform.traffic.count('api'));
  // Events cost nothing: they go on.
  expect(world.handled).toHaveLength(6);
  expect(connected.is && receiving.is).toBe(true);
  await world.stop();
});

test('F29: once the platform says that the quota is used up, one call a day finds out whether it still is', async () => {
  const world = new DurableWorld();
  await world.connect();
  await world.clock.advanceBy(10 * MINUTE);
  const fault = world.platform.inject({ fault: 'api_code', code: QUOTA_EXHAUSTED });
  await world.clock.advanceBy(HOUR);
  expect(world.connector.status()).toMatchObject({
    budget: { level: 'exhausted' },
    serverView: { verdict: 'unknown' },
  });
  const before = world.platform.traffic.count('api');
  await world.clock.advanceBy(5 * DAY);
  expect(world.platform.traffic.count('api') - before).toBeLessThanOrEqual(5);
  world.platform.clear(fault);
  await world.clock.advanceBy(DAY + HOUR);
  expect(world.connector.status()).toMatchObject({ budget: { level: 'free' }, serverView: { verdict: 'agrees' } });
  await world.stop();
});

test('F29: a rate limit puts catching up off, and loses nothing', async () => {
  const world = new DurableWorld({ platform: { whenNobodyOnline: 'lost' } });
  const gaps: GapRecord[] = [];
  world.connector.on('gap', (record) => gaps.push(record));
  await world.connect();
  world.platform.send(messageEvent());
  await world.clock.advanceBy(MINUTE);
  world.platform.inject({ fault: 'refuse_tcp', forMs: HOUR });
  world.platform.inject({ fault: 'drop_socket' });
  for (let index = 0; index < 30; index++) {
    await world.clock.advanceBy(MINUTE);
    world.platform.send(messageEvent());
  }
  world.platform.inject({ fault: 'api_code', code: RATE_LIMITED, status: 429, forMs: 2 * HOUR });
  await world.clock.advanceBy(4 * HOUR);
  expect(gaps).toMatchObject([{ found: 30, recovered: 'yes' }]);
  expect(world.handled).toHaveLength(31);
  // The limit was left alone, not probed: a call each minute is what kept it alive in the field.
  expect(world.platform.traffic.recent('api').filter(({ outcome }) => outcome.endsWith('429')).length).toBeLessThan(20);
  await world.stop();
});
