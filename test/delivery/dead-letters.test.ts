import { expect, test } from 'vitest';
import { Undeliverable } from '../../src/delivery/index.js';
import { eventFrame } from '../support/delivery-stage.js';
import { JournalStage } from '../support/journal-stage.js';

/** A stage with a dead letter of each of these ids. */
async function withLetters(...ids: string[]): Promise<JournalStage> {
  const stage = new JournalStage();
  await stage.start();
  for (const id of ids) {
    await stage.bring(eventFrame({ id, content: { chat_id: 'oc_1', text: `I am ${id}` } }));
    await stage.fail(-1, new Undeliverable('never'));
    await stage.clock.advanceBy(1_000);
  }
  return stage;
}

test('dead letters are listed page by page, the oldest first', async () => {
  const stage = await withLetters('e1', 'e2', 'e3', 'e4', 'e5');
  const pages: string[][] = [];
  let after: string | null = null;
  do {
    const { letters, next } = stage.pipeline.deadLetters.list({ limit: 2, after });
    pages.push(letters.map(({ eventId }) => eventId));
    after = next;
  } while (after !== null);
  expect(pages).toEqual([['e1', 'e2'], ['e3', 'e4'], ['e5']]);
  expect(stage.pipeline.deadLetters.count).toBe(5);
});

test('the latest are there without a walk through the others, newest first', async () => {
  const stage = await withLetters('e1', 'e2', 'e3');
  const latest = (limit: number) => stage.pipeline.deadLetters.latest(limit).map(({ eventId }) => eventId);
  expect([latest(2), latest(100), latest(0)]).toEqual([['e3', 'e2'], ['e3', 'e2', 'e1'], ['e3']]);
});

test('one is shown with everything that is known, over restarts too', async () => {
  const stage = await withLetters('e1');
  await stage.crash();
  expect(stage.pipeline.deadLetters.show('e1')).toMatchObject({
    eventId: 'e1',
    reason: 'undeliverable',
    attempts: 1,
    detail: 'never',
    source: 'push',
    envelope: { header: { event_id: 'e1' }, event: { text: 'I am e1' } },
  });
  expect(stage.pipeline.deadLetters.show('e2')).toBeNull();
  expect(stage.told('journal_opened').at(-1)).toMatchObject({ deadLetters: 1 });
});

test('one that is replayed runs behind its lane, with all its attempts, and once', async () => {
  const stage = await withLetters('e1');
  await stage.bring(eventFrame({ id: 'e2', content: { chat_id: 'oc_1' } }));
  const [first, second] = await Promise.all([
    stage.pipeline.deadLetters.replay('e1'),
    stage.pipeline.deadLetters.replay('e1'),
    stage.settle(),
  ]);
  expect([first, second]).toEqual([true, false]);
  expect(stage.ran).toEqual(['e1', 'e2']);
  await stage.succeed(1);
  expect(stage.ran).toEqual(['e1', 'e2', 'e1']);
  expect(stage.run(2).context.attempt).toBe(1);
  await stage.succeed(2);
  expect(stage.told('dead_letter_settled')).toMatchObject([{ eventId: 'e1', how: 'replayed' }]);
  expect(stage.told('dead_letters').at(-1)).toMatchObject({ count: 0 });
  await stage.crash();
  expect(stage.ran).toHaveLength(3);
});

test('one that dies again is one dead letter again', async () => {
  const stage = await withLetters('e1');
  await stage.pipeline.deadLetters.replay('e1');
  await stage.settle();
  await stage.fail(-1, new Undeliverable('still not'));
  expect(stage.pipeline.deadLetters.list().letters).toMatchObject([{ eventId: 'e1', detail: 'still not' }]);
  expect(stage.pipeline.deadLetters.count).toBe(1);
});

test('one that is dropped is gone, and its redelivery is still no news', async () => {
  const stage = await withLetters('e1');
  expect(await stage.pipeline.deadLetters.drop('e1')).toBe(true);
  expect(await stage.pipeline.deadLetters.drop('e1')).toBe(false);
  expect(stage.told('dead_letter_settled')).toMatchObject([{ eventId: 'e1', how: 'dropped' }]);
  await stage.crash();
  expect(stage.pipeline.deadLetters.count).toBe(0);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.ran).toEqual(['e1']);
});

test('what the disk refuses has not happened', async () => {
  const stage = await withLetters('e1');
  stage.store.failNext(1, 'disk_full');
  await expect(stage.pipeline.deadLetters.replay('e1')).rejects.toMatchObject({ failure: 'disk_full' });
  stage.store.failNext(1);
  await expect(stage.pipeline.deadLetters.drop('e1')).rejects.toMatchObject({ failure: 'failed' });
  expect(stage.pipeline.deadLetters.list().letters).toHaveLength(1);
  expect(stage.told('dead_letter_settled')).toEqual([]);
  expect(await stage.pipeline.deadLetters.replay('e1')).toBe(true);
});

test('none is replayed into a queue that is full', async () => {
  const stage = new JournalStage({ policy: { maxPending: 1 } });
  await stage.start();
  await stage.bring(eventFrame({ id: 'e1' }));
  await stage.fail(0, new Undeliverable('never'));
  await stage.bring(eventFrame({ id: 'e2' }));
  await expect(stage.pipeline.deadLetters.replay('e1')).rejects.toThrow('cannot be replayed now');
  expect(stage.pipeline.deadLetters.count).toBe(1);
});

test('one that cannot be read is set aside, told, and hides no other', async () => {
  const stage = await withLetters('e1', 'e2');
  const [[key] = ['']] = [...stage.store.range('dead_letters')];
  await stage.store.commit([{ table: 'dead_letters', key, value: new Uint8Array([7]) }]);
  expect(stage.pipeline.deadLetters.list().letters.map(({ eventId }) => eventId)).toEqual(['e2']);
  await stage.settle();
  expect(stage.told('journal_failed')).toMatchObject([{ reason: 'recover' }]);
  expect(stage.pipeline.deadLetters.count).toBe(1);
  expect(stage.store.count('damaged')).toBe(1);
});
