import { expect, test } from 'vitest';
import { Journal } from '../../src/delivery/journal.js';
import { numberKey } from '../../src/delivery/journal-key.js';
import { TABLES } from '../../src/delivery/journal-tables.js';
import type { DeliveryReport } from '../../src/delivery/report.js';
import { Reporter } from '../../src/delivery/reporter.js';
import { type StoreChange, StoreError, type StoreRange } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { MemoryStore } from '../support/memory-store.js';
import { Shelf } from './support/journal-shelf.js';

const DEATH = { reason: 'attempts', attempts: 5, detail: 'HandlerError: as told', wallAt: 1 } as const;
/** As long as a key may be: no word fits before or behind it. */
const LONG_KEY = 'x'.repeat(500);

/** Somebody writes this into the store, and another process starts. */
async function meddled(shelf: Shelf, ...changes: readonly StoreChange[]): Promise<void> {
  await shelf.store.commit(changes);
  await shelf.away(0, 'crash');
}

test('a row of entries whose key is no number is set aside and told; events keep their numbers and their rows', async () => {
  const shelf = new Shelf();
  const [first] = await shelf.append(['a', 'b', 'c']);
  if (first !== undefined) shelf.journal.finish(first);
  await shelf.clock.advanceBy(0);
  await meddled(shelf, { table: TABLES.entries, key: 'zzz', value: new Uint8Array([9]) });
  expect(shelf.failures).toEqual(['entry zzz.0 was set aside: its key is no number']);
  expect([shelf.store.count(TABLES.entries), shelf.store.count(TABLES.damaged)]).toEqual([1, 1]);
  expect((await shelf.append(['d'])).map(({ seq }) => seq)).toEqual([4]);
  await shelf.away(0, 'crash');
  expect(shelf.found).toEqual(['b', 'c', 'd']);
});

test('a dead letter whose key is no number hides none of the others: no later one takes their place', async () => {
  const shelf = new Shelf();
  for (const id of ['a', 'b', 'c']) {
    for (const unfinished of await shelf.append([id])) shelf.journal.bury(unfinished, DEATH);
    await shelf.clock.advanceBy(0);
    await meddled(shelf, { table: TABLES.deadLetters, key: 'zzz', value: new Uint8Array([9]) });
  }
  expect([...shelf.store.range(TABLES.deadLetters)].map(([key]) => key)).toEqual([...[1, 2, 3].map(numberKey), 'zzz']);
});

test.each([
  ['whose key is no number', 'zzz'],
  ['of a sheet that is not there', numberKey(1)],
])('marks %s are set aside and told, and no event that comes is lost by them', async (_which, key) => {
  const shelf = new Shelf();
  await meddled(shelf, { table: TABLES.marks, key, value: new Uint8Array([255, 255, 255, 255]) });
  expect(shelf.failures).toEqual([`row ${key} of marks was set aside: there is no such sheet`]);
  expect([shelf.store.count(TABLES.marks), shelf.store.count(TABLES.damaged)]).toEqual([0, 1]);
  await shelf.append(['a', 'b', 'c']);
  await shelf.away(0, 'crash');
  expect(shelf.found).toEqual(['a', 'b', 'c']);
});

test('numbers go on behind those of marks without a sheet, which may be there still when the next sheet is written', async () => {
  const shelf = new Shelf();
  const value = new Uint8Array([255, 255, 255, 255]);
  await meddled(shelf, ...[numberKey(1), numberKey(7), 'zzz'].map((key) => ({ table: TABLES.marks, key, value })));
  expect((await shelf.append(['a', 'b', 'c'])).map(({ seq }) => seq)).toEqual([8, 9, 10]);
});

test.each([
  ['of the wrong length', [1, 0, 0]],
  ['with bits beyond its entries', [0b1001, 0, 0, 0]],
])(
  'marks %s are set aside and told: no event of their sheet is lost, and no row is left at the end',
  async (_which, marks) => {
    const shelf = new Shelf();
    const [first] = await shelf.append(['a', 'b', 'c']);
    if (first !== undefined) shelf.journal.finish(first);
    await shelf.clock.advanceBy(0);
    await meddled(shelf, { table: TABLES.marks, key: numberKey(1), value: Uint8Array.from(marks) });
    expect(shelf.failures).toEqual([`row ${numberKey(1)} of marks was set aside: they are no marks of that sheet`]);
    expect(shelf.found).toEqual(['a', 'b', 'c']);
    expect([shelf.store.count(TABLES.marks), shelf.store.count(TABLES.damaged)]).toEqual([0, 1]);
    for (const unfinished of shelf.recovered) {
      shelf.journal.finish(unfinished);
      await shelf.clock.advanceBy(0);
    }
    expect([shelf.store.count(TABLES.entries), shelf.store.count(TABLES.marks)]).toEqual([0, 0]);
  },
);

test.each([TABLES.newIds, TABLES.ids, TABLES.entries, TABLES.marks])(
  'a foreign key of 500 characters in %s is set aside, and stops no end of an event',
  async (table) => {
    const shelf = new Shelf();
    await shelf.append(['a', 'b']);
    await meddled(shelf, { table, key: LONG_KEY, value: new Uint8Array([9]) });
    expect(shelf.failures).toHaveLength(1);
    for (const unfinished of shelf.recovered) shelf.journal.finish(unfinished);
    await shelf.clock.advanceBy(0);
    expect(shelf.failures).toHaveLength(1);
    expect([shelf.store.get(table, LONG_KEY), shelf.store.count(TABLES.damaged)]).toEqual([null, 1]);
    expect(shelf.store.count(TABLES.entries)).toBe(0);
    await shelf.away(0, 'crash');
    expect([shelf.knows('a'), shelf.knows('b')]).toEqual([true, true]);
  },
);

/** Its ids cannot be read: the pages they stand on are damaged. */
class StoreWithoutIds extends MemoryStore {
  override range(table: string, span: StoreRange = {}) {
    if (table === TABLES.ids && span.limit === undefined) throw new StoreError('corrupt', 'as told');
    return super.range(table, span);
  }
}

test('an opening that fails while ids are read has asked for nothing and leaves no timer', async () => {
  const clock = new VirtualClock();
  const store = new StoreWithoutIds({ clock });
  await store.commit([{ table: TABLES.entries, key: numberKey(1), value: new Uint8Array([9]) }]);
  const reports: DeliveryReport[] = [];
  const reporter = new Reporter(clock, (report) => reports.push(report));
  const journal = new Journal({ store, clock, reporter, retentionMs: 86_400_000 });
  expect(() => journal.open(clock.now())).toThrow(StoreError);
  await store.close();
  await clock.advanceBy(0);
  expect([clock.pendingTimers, store.resolvedCount, store.refusedCount]).toEqual([0, 1, 0]);
  expect(reports).toEqual([]);
});
