import { expect, test } from 'vitest';
import { messageEvent } from '../../src/simulator/index.js';
import { DurableWorld } from '../support/durable-world.js';

const MINUTE = 60_000;

test.each([
  ['fails', () => Promise.reject(new Error('poison')), 3 * MINUTE],
  // Five times its deadline and the window after it, and the waits between.
  ['never settles', () => new Promise<void>(() => {}), 15 * MINUTE],
] as const)(
  'F40: an event whose handler always %s delays its own chat for minutes and no other at all',
  async (_how, misbehave, limitMs) => {
    const world = new DurableWorld({
      handle: (event) => ((event.data.message as { content: string }).content.includes('poison') ? misbehave() : null),
    });
    await world.connect();
    world.platform.send(messageEvent({ chatId: 'oc_sick', text: 'poison' }));
    world.platform.send(messageEvent({ chatId: 'oc_sick', text: 'behind it' }));
    for (let index = 0; index < 20; index++) world.platform.send(messageEvent({ chatId: `oc_${index}` }));
    await world.clock.advanceBy(1_000);
    expect(world.handled).toHaveLength(20);
    // The platform was told at once: it holds back nothing that it delivers in order.
    expect(world.platform.ledger.events.every(({ state }) => state === 'acknowledged')).toBe(true);

    await world.clock.advanceBy(limitMs);
    expect(world.handled).toHaveLength(21);
    expect(world.connector.deadLetters.list().letters).toMatchObject([{ reason: 'attempts', attempts: 5 }]);
  },
);

test('F40: as many poisonous chats as there are places leave room for the healthy ones', async () => {
  const world = new DurableWorld({
    handle: (event) => {
      if ((event.data.message as { content: string }).content.includes('poison')) throw new Error('poison');
    },
    connector: { delivery: { concurrency: 4 } },
  });
  await world.connect();
  for (let index = 0; index < 40; index++) {
    world.platform.send(messageEvent({ chatId: `oc_sick${index}`, text: 'poison' }));
  }
  for (let index = 0; index < 10; index++) world.platform.send(messageEvent({ chatId: `oc_${index}` }));
  await world.clock.advanceBy(1_000);
  expect(world.handled).toHaveLength(10);
});
