import { expect, test } from 'vitest';
import { cardActionEvent } from '../../src/simulator/index.js';
import { virtualWorld } from '../support/world.js';

const MINUTE = 60_000;

test('F10: connected, and no event has ever come: status says what to look at in the console', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.clock.advanceBy(9 * MINUTE);
  expect(world.connector.status().receiving.console).toBeNull();
  await world.clock.advanceBy(2 * MINUTE);
  const { receiving } = world.connector.status();
  // Nothing broke: something was never switched on.
  expect(receiving).toMatchObject({ is: true, isDeaf: false, evidence: expect.stringContaining('developer console') });
  expect(receiving.console).toMatchObject({ state: 'never_received' });
  expect(receiving.console?.advice.join(' ')).toMatch(/Subscription mode.*Permissions.*Version/s);
  await world.chat(1);
  expect(world.connector.status().receiving).toMatchObject({ console: null, eventsReceived: 1 });
  await world.stop();
});

test('F10: callbacks have a switch of their own, which is named as long as none has come', async () => {
  const world = virtualWorld({ connector: { handlers: { 'card.action.trigger': async () => ({}) } } });
  await world.connect();
  await world.clock.advanceBy(11 * MINUTE);
  expect(world.connector.status().receiving.console?.advice.at(-1)).toMatch(/^Callbacks/);
  world.platform.send(cardActionEvent());
  await world.clock.advanceBy(1_000);
  expect(world.connector.status().receiving.console).toBeNull();
  await world.stop();
});
