import { expect, test } from 'vitest';
import { DeliveryStage, MESSAGE, payloadOf } from '../support/delivery-stage.js';

const messageOf = (messageId: string) => ({ message: { message_id: messageId, chat_id: 'oc_1' } });

function stage() {
  const arrived: string[] = [];
  const taken: string[] = [];
  const staged = new DeliveryStage({
    arrived: ({ id }) => arrived.push(id),
    taken: ({ id }) => taken.push(id),
  });
  const feed = (id: string, messageId: string) =>
    staged.pipeline.feed(payloadOf({ id, type: MESSAGE, content: messageOf(messageId) }), { source: 'catchup' });
  return { staged, arrived, taken, feed };
}

test('without a journal every arrival is told, and an event is safe once its handler succeeded', async () => {
  const { staged, arrived, taken, feed } = stage();
  const first = feed('e1', 'om_1');
  const copy = feed('e1', 'om_1');
  await staged.clock.advanceBy(0);
  expect(arrived).toEqual(['e1', 'e1']);
  expect(taken).toEqual([]);
  staged.runs[0]?.succeed();
  await staged.clock.advanceBy(0);
  expect(taken).toEqual(['e1']);
  await expect(Promise.all([first, copy])).resolves.toEqual(['taken', 'taken']);
});

test('without a journal a message is known by its own id: under way, handled, under whatever event id', async () => {
  const { staged, feed } = stage();
  expect(staged.pipeline.knows('message:om_1')).toBe(false);
  const first = feed('catchup-1', 'om_1');
  await staged.clock.advanceBy(0);
  expect(staged.pipeline.knows('message:om_1')).toBe(true);
  // The platform pushes it while catch-up hands it over: one run, whose outcome is that of both.
  const pushed = feed('e1', 'om_1');
  await staged.clock.advanceBy(0);
  expect(staged.runs).toHaveLength(1);
  staged.runs[0]?.succeed();
  await expect(Promise.all([first, pushed])).resolves.toEqual(['taken', 'taken']);
  await expect(feed('e2', 'om_1')).resolves.toBe('known');
  expect(staged.pipeline.knows('message:om_1')).toBe(true);
  expect(staged.runs).toHaveLength(1);
});

test('a message whose handler failed is not known, and runs again under any event id', async () => {
  const { staged, feed } = stage();
  const first = feed('e1', 'om_1');
  await staged.clock.advanceBy(0);
  staged.runs[0]?.fail(new Error('no'));
  await expect(first).resolves.toBe('refused');
  expect(staged.pipeline.knows('message:om_1')).toBe(false);
  const again = feed('e2', 'om_1');
  await staged.clock.advanceBy(0);
  staged.runs[1]?.succeed();
  await expect(again).resolves.toBe('taken');
});
