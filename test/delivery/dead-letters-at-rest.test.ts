import { expect, test } from 'vitest';
import { deadLettersAtRest, JOURNAL_TABLES, readDeadLetters, Undeliverable } from '../../src/delivery/index.js';
import { eventFrame } from '../support/delivery-stage.js';
import { JournalStage } from '../support/journal-stage.js';

/** A stage with a dead letter of each of these ids, and its process gone; its store as that left it. */
async function leftBehind(...ids: string[]): Promise<JournalStage> {
  const stage = new JournalStage();
  await stage.start();
  for (const id of ids) {
    await stage.bring(eventFrame({ id, content: { chat_id: 'oc_1', text: `I am ${id}` } }));
    await stage.fail(-1, new Undeliverable('never'));
  }
  await stage.stop();
  stage.store = stage.store.crash();
  return stage;
}

test('they can be looked at beside their owner, and nothing more', async () => {
  const { store } = await leftBehind('e1', 'e2');
  const letters = readDeadLetters(store);
  expect(letters.count).toBe(2);
  expect(letters.list({ limit: 1 })).toMatchObject({ letters: [{ eventId: 'e1' }], next: expect.any(String) });
  expect(letters.show('e2')).toMatchObject({ envelope: { event: { text: 'I am e2' } } });
  await expect(deadLettersAtRest(store).drop('none')).resolves.toBe(false);
  await expect((letters as ReturnType<typeof deadLettersAtRest>).drop('e1')).rejects.toThrow('only to be looked at');
});

test('what is replayed at rest runs when a pipeline opens the journal, behind what was unfinished, and once', async () => {
  const stage = await leftBehind('e1', 'e2', 'e3');
  const letters = deadLettersAtRest(stage.store);
  expect(await Promise.all([letters.replay('e1'), letters.replay('e3'), letters.replay('e1')])).toEqual([
    true,
    true,
    false,
  ]);
  expect([letters.count, stage.store.count(JOURNAL_TABLES.entries)]).toEqual([1, 2]);
  stage.runs.length = 0;
  await stage.crash();
  expect(stage.ran).toEqual(['e1']);
  expect(stage.run(0).context.attempt).toBe(1);
  await stage.succeed(0);
  await stage.succeed(1);
  expect(stage.ran).toEqual(['e1', 'e3']);
  await stage.crash();
  expect(stage.ran).toHaveLength(2);
  expect(stage.pipeline.deadLetters.list().letters.map(({ eventId }) => eventId)).toEqual(['e2']);
});

test('one that is dropped at rest is gone, and its redelivery is still no news', async () => {
  const stage = await leftBehind('e1');
  expect(await deadLettersAtRest(stage.store).drop('e1')).toBe(true);
  await stage.crash();
  expect(stage.pipeline.deadLetters.count).toBe(0);
  await stage.bring(eventFrame({ id: 'e1' }));
  expect(stage.ran).toEqual(['e1']);
});

test('what the journal knows of the process before stays as it is', async () => {
  const stage = await leftBehind('e1');
  const before = [...stage.store.range(JOURNAL_TABLES.state)];
  await deadLettersAtRest(stage.store).replay('e1');
  expect([...stage.store.range(JOURNAL_TABLES.state)]).toEqual(before);
});

test('one that cannot be read is passed over, and left to whoever reports it', async () => {
  const { store } = await leftBehind('e1', 'e2');
  const [[key] = ['']] = [...store.range(JOURNAL_TABLES.deadLetters)];
  await store.commit([{ table: JOURNAL_TABLES.deadLetters, key, value: new Uint8Array([7]) }]);
  for (const letters of [readDeadLetters(store), deadLettersAtRest(store)]) {
    expect(letters.list().letters.map(({ eventId }) => eventId)).toEqual(['e2']);
    expect(letters.show('e1')).toBeNull();
  }
  expect(store.count(JOURNAL_TABLES.deadLetters)).toBe(2);
});

test('what the disk refuses has not happened', async () => {
  const { store } = await leftBehind('e1');
  const letters = deadLettersAtRest(store);
  store.failNext(1, 'disk_full');
  await expect(letters.replay('e1')).rejects.toMatchObject({ failure: 'disk_full' });
  expect([letters.count, store.count(JOURNAL_TABLES.entries)]).toEqual([1, 0]);
  expect(await letters.replay('e1')).toBe(true);
});
