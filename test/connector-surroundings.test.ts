import { expect, test } from 'vitest';
import { FakeSurroundings } from './support/fake-surroundings.js';
import { type VirtualWorld, virtualWorld } from './support/world.js';

interface Outside {
  readonly world: VirtualWorld;
  readonly surroundings: FakeSurroundings;
}

/** Connected and stable, then lost while nobody answers: it waits, and its waits have grown. */
async function waitingLong(connections = 1): Promise<Outside> {
  const surroundings = new FakeSurroundings();
  // Without looks nothing but the network itself can tell that it is back.
  const world = virtualWorld({ connector: { connections } }, { surroundings, reach: async () => false });
  await world.connect();
  await world.clock.advanceBy(120_000);
  expect(surroundings.questions, 'while it is connected').toBe(0);
  world.platform.inject({ fault: 'refuse_tcp', via: 'both' });
  world.platform.inject({ fault: 'drop_socket' });
  await world.clock.advanceBy(1_800_000);
  expect(surroundings.questions).toBeGreaterThan(0);
  return { world, surroundings };
}

/** Runs to a moment from which the next attempt is far. */
async function toLongWait({ world }: Outside): Promise<void> {
  const isFar = (): boolean => {
    const { attempts, at } = world.connector.status();
    return attempts.nextAt !== null && attempts.nextAt - at > 15_000;
  };
  expect(await world.clock.runUntil(isFar, 3_600_000)).toBe(true);
}

test.each([1, 3])('a network that comes back is tried at once, with %i connections', async (connections) => {
  const outside = await waitingLong(connections);
  const { world, surroundings } = outside;
  surroundings.interfaces = [];
  surroundings.resolved = [];
  await world.clock.advanceBy(120_000);
  await toLongWait(outside);
  world.platform.clear();
  surroundings.interfaces = ['wlan0 192.168.1.7'];
  surroundings.resolved = ['1.1.1.1'];
  // The look that sees it, the spread of attempts, and the attempt.
  expect(await world.untilConnected(60_000)).toBeLessThan(3_000 + 1_000 + 500);
  const asked = surroundings.questions;
  await world.clock.advanceBy(600_000);
  expect(surroundings.questions, 'once it is connected').toBe(asked);
  await world.stop();
  await world.clock.advanceBy(100);
  expect(world.clock.pendingTimers).toBe(0);
});

test('a network that changes all the time does not hammer the platform', async () => {
  const quiet = await waitingLong();
  const restless = await waitingLong();
  const { clock } = restless.world;
  const before = restless.world.connector.status().attempts.count;
  for (let moment = 0; moment < 1_200; moment++) {
    restless.surroundings.interfaces = [`wlan0 10.0.0.${moment % 250}`];
    await clock.advanceBy(3_000);
  }
  await quiet.world.clock.advanceBy(3_600_000);
  const calls = restless.world.connector.status().attempts.count - before;
  const quietCalls = quiet.world.connector.status().attempts.count - before;
  // Each in vain makes the next one come later: one more in two minutes at most.
  expect(calls - quietCalls).toBeLessThanOrEqual(35);
});

test('a rejected secret is not looked at from the window', async () => {
  const surroundings = new FakeSurroundings();
  const world = virtualWorld({}, { surroundings });
  world.platform.inject({ fault: 'discovery_code', code: 514 });
  await world.connector.start();
  await world.clock.advanceBy(600_000);
  expect(world.connector.status()).toMatchObject({
    connected: { state: 'waiting' },
    lastFailure: { verdict: 'operator' },
  });
  expect(surroundings.questions).toBe(0);
  await world.stop();
});
