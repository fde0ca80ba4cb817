import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import { inMemoryFace } from '../../src/simulator/in-memory-face.js';
import { type VirtualWorld, virtualWorld, type WorldOptions } from '../support/world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Two processes of one app on one platform. */
async function two(
  options: WorldOptions = {},
): Promise<{ readonly ours: VirtualWorld; readonly theirs: VirtualWorld }> {
  const ours = virtualWorld(options);
  const face = inMemoryFace(ours.platform, { random: seededRandom(7) });
  const theirs = virtualWorld(options, { clock: ours.clock, ...face });
  await ours.connect();
  await theirs.connector.start();
  await ours.clock.runUntil(() => theirs.connector.status().connected.is, MINUTE);
  return { ours, theirs };
}

/** Stops both, on the clock that they share. */
async function stopped({ clock }: VirtualWorld, ...worlds: readonly VirtualWorld[]): Promise<void> {
  let isOver = false;
  const over = Promise.all(worlds.map(({ connector }) => connector.stop())).then(() => {
    isOver = true;
  });
  await clock.runUntil(() => isOver, MINUTE);
  await over;
}

test('F07: somebody else on our app is told within minutes, and no socket is replaced for it', async () => {
  const { ours, theirs } = await two();
  const { connectionId } = ours.connector.status().connected;
  await ours.clock.advanceBy(3 * MINUTE);
  expect(ours.connector.status().serverView).toMatchObject({ verdict: 'foreign_consumer', seen: 2, expected: 1 });
  await ours.chat(100, 10_000);
  // Events are spread over both, and each goes to one.
  expect(ours.handled.length).toBeGreaterThan(20);
  expect(theirs.handled.length).toBeGreaterThan(20);
  expect(ours.handled.length + theirs.handled.length).toBe(100);
  expect(ours.connector.status()).toMatchObject({
    connected: { is: true, connectionId },
    receiving: { isDeaf: false },
  });
  await stopped(ours, theirs);
  await ours.clock.advanceBy(20 * MINUTE);
  expect(ours.connector.status().serverView).toMatchObject({ verdict: 'agrees', seen: 1 });
  await stopped(ours, ours);
});

test('F07: messages that the other one may have are no proof against our connection, whatever history says', async () => {
  const { ours, theirs } = await two({ connector: { catchup: { reconcile: { everyMs: 15 * MINUTE } } } });
  const { connectionId } = ours.connector.status().connected;
  await ours.clock.advanceBy(3 * MINUTE);
  await ours.chat(120, MINUTE);
  const { connected, receiving } = ours.connector.status();
  expect(connected).toMatchObject({ is: true, connectionId });
  expect(receiving.isDeaf).toBe(false);
  await stopped(ours, ours, theirs);
});

test('F07: processes that are meant to be there are no strangers, and their gaps are left alone', async () => {
  const { ours, theirs } = await two({ connector: { catchup: { catchup: true, fleet: { others: 1 } } } });
  await ours.clock.advanceBy(20 * MINUTE);
  expect(ours.connector.status().serverView).toMatchObject({ verdict: 'agrees', seen: 2, expected: 2 });
  ours.platform.inject({ fault: 'drop_socket' });
  await ours.clock.advanceBy(HOUR);
  const [gap] = ours.connector.status().gaps?.latest ?? [];
  expect(gap).toMatchObject({ recovered: 'unknown', unreachable: [{ why: 'other_processes' }] });
  await stopped(ours, ours, theirs);
});
