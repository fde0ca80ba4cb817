import { expect, test } from 'vitest';
import { TABLES } from '../../src/delivery/journal-tables.js';
import type { Unfinished } from '../../src/delivery/unfinished.js';
import { HOUR, Shelf } from './support/journal-shelf.js';

const MAX_BYTES = 1_048_576;
const DEATH = { reason: 'attempts', attempts: 5, detail: 'HandlerError: as told', wallAt: 1 } as const;

/** A journal that takes no event more, and all that it took, most of it on sheets of many. */
async function full() {
  const shelf = new Shelf(24 * HOUR, { maxBytes: MAX_BYTES });
  const taken: Unfinished[] = [];
  for (const count of [32, 1]) {
    const payload = new Uint8Array(count === 1 ? 10 : 300);
    for (let isRefused = false; !isRefused; ) {
      const ids = Array.from({ length: count }, (_, index) => `e${taken.length + index}`);
      const durable = await shelf.append(ids, payload);
      taken.push(...durable);
      isRefused = durable.length < count;
    }
  }
  return { shelf, taken };
}

/** Rows of all that is about events which are not finished. */
function rowsLeft({ store }: Shelf): number {
  return [TABLES.entries, TABLES.marks, TABLES.progress].reduce((sum, table) => sum + store.count(table), 0);
}

test('a full journal whose events fail once each and are then all handled is empty, and nothing runs again', async () => {
  const { shelf, taken } = await full();
  for (const unfinished of taken) {
    unfinished.failures = 1;
    unfinished.runs = 1;
    shelf.journal.noteProgress(unfinished);
  }
  // For all of that there is no room, not even in what is kept free for ends.
  await shelf.clock.advanceBy(60_000);
  expect(shelf.store.count(TABLES.progress)).toBeLessThan(taken.length);
  for (const unfinished of taken) shelf.journal.finish(unfinished);
  await shelf.clock.advanceBy(60_000);
  expect(rowsLeft(shelf)).toBe(0);
  await shelf.away(0, 'crash');
  expect(shelf.found).toEqual([]);
  expect(taken.filter(({ header }) => !shelf.knows(header.eventId))).toEqual([]);
});

test('a full journal takes as many deaths as there is room for, the first ones, and the others when there is more', async () => {
  const { shelf, taken } = await full();
  const ids = taken.map(({ header }) => header.eventId);
  const bury = (unfinished: Unfinished) => shelf.journal.bury(unfinished, DEATH);
  taken.forEach(bury);
  await shelf.clock.advanceBy(10 * 60_000);
  const deadCount = shelf.store.count(TABLES.deadLetters);
  expect(deadCount).toBeGreaterThan(0);
  await shelf.away(0, 'crash');
  expect(shelf.found).toEqual(ids.slice(deadCount));
  shelf.recovered.forEach(bury);
  await shelf.clock.advanceBy(60_000);
  shelf.store.maxBytes = 2 * MAX_BYTES;
  await shelf.clock.advanceBy(60_000);
  expect([rowsLeft(shelf), shelf.store.count(TABLES.deadLetters)]).toEqual([0, taken.length]);
});

test('of the ends that a full journal refuses together, one that is taken alone is all that the store knows of', async () => {
  const shelf = new Shelf(24 * HOUR, { commitDelayMs: 5 });
  const taken = await shelf.append(['e1', 'e2', 'e3']);
  await shelf.clock.advanceBy(100);
  shelf.store.failNext(1, 'disk_full');
  for (const unfinished of taken.slice(0, 2)) shelf.journal.finish(unfinished);
  // Both together are refused, and then the first is there and the second is not.
  await shelf.clock.advanceBy(10);
  await shelf.away(0, 'crash');
  expect(shelf.found).toEqual(['e2', 'e3']);
});

test('deaths that there is no room for do not keep the ends behind them from making it', async () => {
  const { shelf, taken } = await full();
  for (const unfinished of taken.slice(0, 1_600)) shelf.journal.bury(unfinished, DEATH);
  await shelf.clock.advanceBy(10 * 60_000);
  for (const unfinished of taken.slice(1_600)) shelf.journal.finish(unfinished);
  await shelf.clock.advanceBy(60_000);
  expect([rowsLeft(shelf), shelf.store.count(TABLES.deadLetters)]).toEqual([0, 1_600]);
});
