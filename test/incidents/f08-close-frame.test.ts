import { expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/index.js';
import { type VirtualWorld, virtualWorld } from '../support/world.js';

/** How each socket of the platform ended, oldest first. */
const endsOf = ({ platform }: VirtualWorld) => platform.traffic.recent('closed').map(({ outcome }) => outcome);

test.each<[string, readonly Fault[], boolean]>([
  ['proving', [{ fault: 'silent_pongs', pings: 'both', sockets: 'all' }], false],
  ['connected', [], true],
  ['suspect', [{ fault: 'silent_pongs', pings: 'both' }, { fault: 'discovery_hang' }], true],
])(
  'F08: stopped while %s, it says goodbye with a close frame, and the platform routes nothing to it any more',
  async (state, faults, isConnected) => {
    const world = virtualWorld();
    if (isConnected) await world.connect();
    for (const fault of faults) world.platform.inject(fault);
    if (!isConnected) await world.connector.start();
    expect(await world.clock.runUntil(() => world.connector.status().connected.state === state, 60_000)).toBe(true);
    const asked = world.clock.now();
    await world.stop();
    // One round trip to a living peer, not a timeout.
    expect(world.clock.now() - asked).toBeLessThan(100);
    expect(endsOf(world)).toEqual(['client_close_1000']);
    expect(world.platform.connections()).toEqual([]);
    expect(await world.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
    expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="local_stop"}')).toBe(isConnected ? 1 : 0);
  },
);

test('F08: a socket that was replaced gets its close frame too: none of ours stays in the routing table', async () => {
  const world = virtualWorld();
  await world.connect();
  world.platform.inject({ fault: 'silent_pongs', pings: 'both', sockets: 'existing' });
  await world.clock.advanceBy(60_000);
  expect(endsOf(world)).toEqual(['client_close_1000']);
  expect(world.platform.connections().map(({ id }) => id)).toEqual([world.connector.status().connected.connectionId]);
});

test('F08: the socket of an attempt that is no longer needed says goodbye as well, on stop and on recovery', async () => {
  for (const isStopped of [true, false]) {
    const world = virtualWorld();
    await world.connect();
    world.platform.inject({ fault: 'silent_pongs', pings: 'both', sockets: 'all' });
    // Suspect, and the socket that is to replace it is open but unproven.
    expect(await world.clock.runUntil(() => world.platform.connections().length === 2, 60_000)).toBe(true);
    await world.clock.advanceBy(1_000);
    expect(world.connector.status().connected.state).toBe('suspect');
    if (isStopped) await world.stop();
    else {
      const sent = world.platform.connections()[0];
      // Any word on the old socket proves it.
      for (let event = 0; event < 10 && world.connector.status().connected.state === 'suspect'; event++)
        await world.chat(1);
      expect(world.platform.connections().map(({ id }) => id)).toEqual([sent?.id]);
    }
    expect(endsOf(world)).toEqual(isStopped ? ['client_close_1000', 'client_close_1000'] : ['client_close_1000']);
  }
});

test('F08: after a clean stop and start every event comes at once', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.stop();
  await world.connect();
  await world.chat(50);
  expect(world.platform.ledger.events.flatMap(({ deliveries }) => deliveries.map(({ fate }) => fate))).toEqual(
    Array.from({ length: 50 }, () => 'sent'),
  );
  expect(await world.reckon()).toEqual({ sent: 50, lost: [], handledTwice: [] });
});

test('F08: what the platform routes to the corpse of a dropped connection comes by redelivery, once', async () => {
  for (const keptMs of [60_000, 20 * 60_000]) {
    const world = virtualWorld();
    await world.connect();
    await world.chat(3);
    world.platform.inject({ fault: 'dead_connection_kept', keptMs, times: 1 });
    world.platform.inject({ fault: 'drop_socket' });
    await world.untilConnected(5_000);
    await world.chat(40);
    const swallowed = world.platform.ledger.events.filter(({ deliveries }) =>
      deliveries.some(({ fate }) => fate === 'swallowed'),
    );
    expect(swallowed.length).toBeGreaterThan(5);
    // Connected and deaf by half: nothing in the socket says so, and it is no reason to cut a socket that works.
    expect(world.connector.status().connected).toMatchObject({ is: true, state: 'connected' });
    expect(await world.reckon()).toEqual({ sent: 43, lost: [], handledTwice: [] });
    const age = (bound: string) => world.metric(`feishu_event_delivery_age_seconds_${bound}`);
    expect(await age('count{app="bot",source="redelivery"}')).toBe(swallowed.length);
    await world.stop();
  }
});
