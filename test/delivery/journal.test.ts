import { expect, test, vi } from 'vitest';
import { idsOf } from '../../src/delivery/ids.js';
import { piecesOf } from '../../src/delivery/journal-entry.js';
import { TABLES } from '../../src/delivery/journal-tables.js';
import { SHEET_ENTRIES } from '../../src/delivery/sheet.js';
import { entryOf, HOUR, Shelf } from './support/journal-shelf.js';

test('events of one commit share a row; those that are finished do not come back, and the row goes with the last', async () => {
  const shelf = new Shelf();
  const [first, , third] = ['e1', 'e2', 'e3'].map((id) => shelf.journal.append(entryOf(id), () => {}));
  await shelf.clock.advanceBy(0);
  expect([shelf.store.count(TABLES.entries), shelf.store.count(TABLES.marks)]).toEqual([1, 0]);
  if (first !== undefined) shelf.journal.finish(first);
  await shelf.clock.advanceBy(0);
  if (third !== undefined) shelf.journal.finish(third);
  await shelf.clock.advanceBy(0);
  expect([shelf.store.count(TABLES.entries), shelf.store.count(TABLES.marks)]).toEqual([1, 1]);
  await shelf.away(0, 'crash');
  expect(['e1', 'e2', 'e3'].map((id) => shelf.knows(id))).toEqual([true, false, true]);
  expect([...shelf.recovered].map(({ seq, header }) => [seq, header.eventId])).toEqual([[2, 'e2']]);

  const [second] = shelf.recovered;
  if (second !== undefined) shelf.journal.finish(second);
  await shelf.clock.advanceBy(0);
  expect([shelf.store.count(TABLES.entries), shelf.store.count(TABLES.marks)]).toEqual([0, 0]);
});

test('an end that the store refused at first is marked all the same, and with it no other', async () => {
  const shelf = new Shelf();
  const unfinished = ['e1', 'e2'].map((id) => shelf.journal.append(entryOf(id), () => {}));
  await shelf.clock.advanceBy(0);
  shelf.store.failNext(2);
  if (unfinished[0] !== undefined) shelf.journal.finish(unfinished[0]);
  await shelf.clock.advanceBy(500);
  expect(shelf.store.count(TABLES.marks)).toBe(0);
  await shelf.clock.advanceBy(10_000);
  await shelf.away(0, 'crash');
  expect(shelf.recovered.map(({ header }) => header.eventId)).toEqual(['e2']);
});

test('in a journal that is full an end is noted all the same, whoever shares its row', async () => {
  const shelf = new Shelf();
  const unfinished = ['e1', 'e2'].map((id) => shelf.journal.append(entryOf(id), () => {}));
  await shelf.clock.advanceBy(0);
  shelf.store.maxBytes = shelf.store.sizeBytes();
  const refused = vi.fn();
  shelf.journal.append(entryOf('e3'), refused);
  if (unfinished[0] !== undefined) shelf.journal.finish(unfinished[0]);
  await shelf.clock.advanceBy(0);
  expect(refused.mock.calls).toEqual([[expect.objectContaining({ failure: 'disk_full' })]]);
  await shelf.away(0, 'crash');
  expect(shelf.recovered.map(({ header }) => header.eventId)).toEqual(['e2']);
  expect(shelf.knows('e1')).toBe(true);
});

test('of a row in which one entry cannot be read the others run; that one is kept, byte for byte', async () => {
  const shelf = new Shelf();
  for (const id of ['e1', 'e2', 'e3']) shelf.journal.append(entryOf(id), () => {});
  await shelf.clock.advanceBy(0);
  const [[key, row] = ['', new Uint8Array()]] = [...shelf.store.range(TABLES.entries)];
  const at = Buffer.from(row).indexOf('"id":"e2"');
  row[at] = 0;
  await shelf.store.commit([{ table: TABLES.entries, key, value: row }]);
  await shelf.away(0, 'crash');
  expect(shelf.recovered.map(({ header }) => header.eventId)).toEqual(['e1', 'e3']);
  const [[name, bytes] = ['', new Uint8Array()], ...more] = [...shelf.store.range(TABLES.damaged)];
  expect([name, more]).toEqual(['entries.0000000000000002', []]);
  expect(Buffer.compare(bytes, piecesOf(row, SHEET_ENTRIES)[1] ?? new Uint8Array())).toBe(0);

  await shelf.away(0, 'crash');
  expect(shelf.recovered.map(({ header }) => header.eventId)).toEqual(['e1', 'e3']);
  expect(shelf.store.count(TABLES.damaged)).toBe(1);
});

test('numbers go on behind those of the last row, however many share it', async () => {
  const shelf = new Shelf();
  for (const id of ['e1', 'e2', 'e3']) shelf.journal.append(entryOf(id), () => {});
  await shelf.clock.advanceBy(0);
  await shelf.away(0, 'crash');
  expect(shelf.journal.append(entryOf('e4'), () => {}).seq).toBe(4);
});

test('ids are remembered for the retention, and then swept from the disk', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  await shelf.clock.advanceBy(24 * HOUR);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(2 * 60_000);
  expect(shelf.knows('e1')).toBe(false);
  expect([shelf.journal.rememberedCount, shelf.idRows]).toEqual([0, 0]);
});

test.each([
  ['ahead by three days', 72 * HOUR],
  ['back by three days', -72 * HOUR],
])('a wall clock that is set %s and later right again neither forgets nor keeps for ever', async (_how, stepMs) => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  shelf.clock.stepWall(stepMs);
  await shelf.clock.advanceBy(8 * HOUR);
  expect(shelf.knows('e1')).toBe(true);
  shelf.clock.stepWall(-stepMs);
  await shelf.clock.advanceBy(15 * HOUR);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(2 * HOUR);
  expect(shelf.knows('e1')).toBe(false);
});

test('a machine that boots with a clock far ahead forgets nothing within the eight hours of the ladder', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  shelf.clock.stepWall(365 * 24 * HOUR);
  await shelf.away(60_000, 'crash');
  shelf.clock.stepWall(-365 * 24 * HOUR);
  await shelf.clock.advanceBy(8 * HOUR - 2 * 60_000);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(HOUR);
  expect(shelf.knows('e1')).toBe(false);
});

test('a clock that was set back before a restart keeps no id for longer than it lasts', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  shelf.clock.stepWall(-30 * 24 * HOUR);
  await shelf.away(60_000, 'crash');
  await shelf.clock.advanceBy(23 * HOUR);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(2 * HOUR);
  expect(shelf.knows('e1')).toBe(false);
});

test('time away counts', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  await shelf.away(15 * HOUR);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(9 * HOUR + 5 * 60_000);
  expect(shelf.knows('e1')).toBe(false);
});

test('an id that is remembered anew is not swept with its older row', async () => {
  const shelf = new Shelf();
  shelf.journal.remember(idsOf('c1', []));
  await shelf.clock.advanceBy(20 * HOUR);
  shelf.journal.remember(idsOf('c1', []));
  await shelf.clock.advanceBy(5 * HOUR);
  expect(shelf.knows('c1')).toBe(true);
  await shelf.clock.advanceBy(20 * HOUR);
  expect(shelf.knows('c1')).toBe(false);
  expect([shelf.journal.rememberedCount, shelf.idRows]).toEqual([0, 0]);
});

test('a sweep does bounded work, and goes on until nothing is due', async () => {
  const shelf = new Shelf();
  for (let index = 0; index < 50_000; index++) shelf.journal.remember(idsOf(`e${index}`, []));
  await shelf.clock.advanceBy(24 * HOUR + 60_000);
  expect(shelf.journal.rememberedCount).toBe(30_080); // whole rows
  await shelf.clock.advanceBy(2_000);
  expect([shelf.journal.rememberedCount, shelf.idRows]).toEqual([0, 0]);
});

test('ids that are written together share their rows, and are forgotten each in its own time', async () => {
  const shelf = new Shelf();
  for (let index = 0; index < 500; index++) shelf.journal.remember(idsOf(`e${index}`, []));
  await shelf.clock.advanceBy(0);
  expect([shelf.journal.rememberedCount, shelf.idRows]).toEqual([500, 5]);
  await shelf.clock.advanceBy(HOUR);
  await shelf.finish('e7'); // which puts it into a row of its own
  await shelf.clock.advanceBy(23 * HOUR + 60_000);
  expect([shelf.knows('e6'), shelf.knows('e7')]).toEqual([false, true]);
  expect([shelf.journal.rememberedCount, shelf.idRows]).toEqual([1, 1]);
  await shelf.away(60_000, 'crash');
  expect([shelf.knows('e6'), shelf.knows('e7')]).toEqual([false, true]);
});

test('a row of ids that cannot be read is set aside and told, and hides no other', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  await shelf.clock.advanceBy(1_000);
  await shelf.finish('e2');
  const [[key] = ['']] = [...shelf.store.range(TABLES.newIds)];
  await shelf.store.commit([{ table: TABLES.newIds, key, value: new Uint8Array([1, 2, 3]) }]);
  await shelf.away(0, 'crash');
  expect(shelf.reports.filter(({ type }) => type === 'journal_failed')).toMatchObject([{ reason: 'recover' }]);
  expect([shelf.knows('e1'), shelf.knows('e2')]).toEqual([false, true]);
  expect([shelf.idRows, shelf.store.count(TABLES.damaged)]).toEqual([1, 1]);
});

test('a finish is known at once, on its way to the disk too', async () => {
  const shelf = new Shelf();
  const unfinished = shelf.journal.append(entryOf('e1'), () => {});
  expect(shelf.journal.recall(idsOf('e1', []))).toBe(unfinished);
  await shelf.clock.advanceBy(0);
  shelf.store.hang();
  shelf.journal.finish(unfinished);
  expect(shelf.knows('e1')).toBe(true);
  await shelf.clock.advanceBy(HOUR);
  expect(shelf.knows('e1')).toBe(true);
});

test('ids of any length and any characters are told apart', async () => {
  const shelf = new Shelf();
  const long = 'x'.repeat(600);
  for (const id of [long, `${long}y`, '\ud800', '💬'.repeat(50)]) await shelf.finish(id);
  expect([long, `${long}y`, `${long}z`, '\ud800', '\ud801'].map((id) => shelf.knows(id))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(shelf.reports.filter(({ type }) => type === 'journal_failed')).toEqual([]);
});

test('a state that cannot be read is told, and the journal goes on', async () => {
  const shelf = new Shelf();
  await shelf.finish('e1');
  await shelf.store.commit([{ table: TABLES.state, key: 'journal', value: new Uint8Array([0]) }]);
  await shelf.away(0, 'crash');
  expect(shelf.reports.filter(({ type }) => type === 'journal_failed')).toMatchObject([{ reason: 'recover' }]);
  expect(shelf.knows('e1')).toBe(true);
});

test('its size is told when it opens and every minute', async () => {
  const shelf = new Shelf();
  expect(shelf.reports[0]).toMatchObject({ type: 'journal_opened', unfinished: 0, remembered: 0 });
  await shelf.finish('e1');
  await shelf.clock.advanceBy(60_000);
  expect(shelf.reports.at(-1)).toMatchObject({ type: 'journal_size', bytes: expect.any(Number) });
  expect(shelf.journal.snapshot().sizeBytes).toBeGreaterThan(100);
});
