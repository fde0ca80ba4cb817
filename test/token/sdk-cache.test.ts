import { expect, test } from 'vitest';
import { sdkCache } from '../../src/token/sdk-cache.js';

const TENANT = Symbol('tenant-access-token');
const TICKET = Symbol('app-ticket');

function caching() {
  const world = { now: 1_000, served: [] as string[] };
  const cache = sdkCache({
    appId: 'cli_1',
    tenantKey: TENANT,
    keeper: { current: async () => 't-kept', invalidate: () => {} },
    served: (token) => world.served.push(token),
    wallNow: () => world.now,
  });
  return { cache, world };
}

test("our app's tenant token is the keeper's, whatever is put there", async () => {
  const { cache, world } = caching();
  expect(await cache.set(TENANT, 't-foreign', undefined, { namespace: 'cli_1' })).toBe(true);
  expect(await cache.get(TENANT, { namespace: 'cli_1' })).toBe('t-kept');
  expect(world.served).toEqual(['t-kept']);
});

test("another app's token is an entry like others", async () => {
  const { cache } = caching();
  expect(await cache.get(TENANT, { namespace: 'cli_2' })).toBeUndefined();
  await cache.set(TENANT, 't-other', undefined, { namespace: 'cli_2' });
  expect(await cache.get(TENANT, { namespace: 'cli_2' })).toBe('t-other');
});

test('entries expire at their time, and those without one stay', async () => {
  const { cache, world } = caching();
  await cache.set('user', 'u-1', 2_000);
  await cache.set(TICKET, 'ticket', undefined, { namespace: 'cli_1' });
  expect(await cache.get('user')).toBe('u-1');
  world.now = 2_000;
  expect(await cache.get('user')).toBeUndefined();
  expect(await cache.get(TICKET, { namespace: 'cli_1' })).toBe('ticket');
  expect(await cache.get(TICKET)).toBeUndefined();
});

test('a symbol is not the string of the same text', async () => {
  const { cache } = caching();
  await cache.set(String(TICKET), 'text');
  expect(await cache.get(TICKET)).toBeUndefined();
});

test('of ten thousand and one entries the oldest written is gone', async () => {
  const { cache } = caching();
  for (let user = 0; user < 10_000; user += 1) await cache.set(`u-${user}`, user);
  await cache.set('u-0', 'again');
  await cache.set('u-10000', 'last');
  expect(await cache.get('u-1')).toBeUndefined();
  expect(await cache.get('u-0')).toBe('again');
  expect(await cache.get('u-10000')).toBe('last');
});
