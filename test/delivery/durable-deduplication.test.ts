import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurableDeduplication } from '../../src/delivery/durable-deduplication.js';
import { idsOf } from '../../src/delivery/ids.js';
import { TABLES } from '../../src/delivery/journal-tables.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

async function written(store: MemoryStore, keys: readonly string[], at: number): Promise<void> {
  await store.commit(new DurableDeduplication(store, DAY_MS).rowsOf(idsOf(null, keys), at));
}

test('the next process knows what rows say, however many there are, and until their time has come', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  const early = Array.from({ length: 1_000 }, (_, index) => `early ${index}`);
  await written(store, early, NOW);
  await written(store, ['late'], NOW + 5_000);
  const reader = new DurableDeduplication(store, DAY_MS);
  expect(reader.load()).toEqual([]);
  expect([reader.size, reader.latestAt(), store.count(TABLES.newIds)]).toEqual([1_001, NOW + 5_000, 10]);
  expect(early.every((key) => reader.knows(idsOf(null, [key]), NOW + DAY_MS))).toBe(true);
  expect(early.some((key) => reader.knows(idsOf(null, [key]), NOW + DAY_MS + 1_001))).toBe(false);
  expect(reader.knows(idsOf(null, ['late']), NOW + DAY_MS + 1_001)).toBe(true);
  expect(reader.knows(idsOf(null, ['never']), NOW)).toBe(false);
});

/** What one sweep leaves: settled rows, new rows, and whether there is more to do. */
async function swept(store: MemoryStore, sweeper: DurableDeduplication, at: number) {
  const { changes, isPartial } = sweeper.sweep(at);
  await store.commit(changes);
  return [store.count(TABLES.ids), store.count(TABLES.newIds), isPartial];
}

test('where there are more than may be, the oldest make room', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  for (let index = 0; index < 10; index += 1) {
    const keys = Array.from({ length: 120 }, (_, each) => `e${index} ${each}`);
    await written(store, keys, NOW + 1_000 * index);
  }
  const reader = new DurableDeduplication(store, DAY_MS, 1_000);
  reader.load();
  expect(await swept(store, reader, NOW + 700_000)).toEqual([10, 0, false]);
  expect(await swept(store, reader, NOW + 700_000)).toEqual([8, 0, false]);
  expect(reader.size).toBe(960);
  expect([1, 2].map((index) => reader.knows(idsOf(null, [`e${index} 7`]), NOW + 700_000))).toEqual([false, true]);
});

test('however many are too many, the next sweep makes room for all of them', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  const sweeper = new DurableDeduplication(store, DAY_MS, 1_000);
  for (let index = 0; index < 240; index += 1) {
    const ids = idsOf(
      null,
      Array.from({ length: 120 }, (_, each) => `e${index} ${each}`),
    );
    sweeper.remember(ids, NOW);
    await store.commit(sweeper.rowsOf(ids, NOW));
  }
  await swept(store, sweeper, NOW + 700_000);
  expect(sweeper.size).toBe(28_800);
  await swept(store, sweeper, NOW + 700_000);
  expect(sweeper.size).toBe(960);
});

test('what came alone shares a row before long, with whatever lies near', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  for (let index = 0; index < 300; index += 1) await written(store, [`a ${index}`, `b ${index}`], NOW + 10 * index);
  await written(store, ['much later'], NOW + DAY_MS / 2);
  await written(store, ['the last'], NOW + DAY_MS / 2 + 1);
  const sweeper = new DurableDeduplication(store, DAY_MS);
  sweeper.load();
  // Two wait for more, but not for ever.
  expect(await swept(store, sweeper, NOW + DAY_MS / 2 + 2)).toEqual([5, 2, false]);
  expect(await swept(store, sweeper, NOW + DAY_MS / 2 + 600_001)).toEqual([6, 0, false]);

  const reader = new DurableDeduplication(store, DAY_MS);
  expect([reader.load(), reader.size, reader.latestAt()]).toEqual([[], 602, NOW + DAY_MS / 2 + 1]);
  const known = (at: number) => ['a 0', 'b 299', 'the last'].map((key) => reader.knows(idsOf(null, [key]), at));
  expect(known(NOW + DAY_MS)).toEqual([true, true, true]);
  expect(known(NOW + DAY_MS + 10_000)).toEqual([false, false, true]);
  expect(await swept(store, sweeper, NOW + DAY_MS + 10_000)).toEqual([1, 0, false]);
  expect(sweeper.size).toBe(2);
});

test('a sweep looks at so many rows and no more, also those that an earlier process left', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  const row = (index: number) =>
    new DurableDeduplication(store, DAY_MS).rowsOf(idsOf(null, [`e${index}`]), NOW + index);
  await store.commit(Array.from({ length: 4_500 }, (_, index) => row(index)).flat());
  const sweeper = new DurableDeduplication(store, DAY_MS);
  expect(await swept(store, sweeper, NOW + 5_000)).toEqual([16, 2_580, true]);
  expect(await swept(store, sweeper, NOW + 5_000)).toEqual([32, 660, true]);
  expect(await swept(store, sweeper, NOW + 5_000)).toEqual([37, 60, false]);
});

test('bytes of any kind are rows of ids or damaged, and never a failure (seed 20261123)', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  await written(store, ['e1', 'e2', 'e3'], NOW);
  const [[, sound] = ['', new Uint8Array()]] = [...store.range(TABLES.newIds)];
  const cut = fc.nat(sound.length).map((length) => sound.slice(0, length));
  const longer = fc.uint8Array({ maxLength: 20 }).map((rest) => Buffer.concat([sound, rest]));
  const keys = fc.oneof(fc.constant('0001800000000000.1'), fc.string({ minLength: 1, maxLength: 20 }));
  await fc.assert(
    fc.asyncProperty(keys, fc.oneof(cut, longer, fc.uint8Array({ maxLength: 64 })), async (key, bytes) => {
      const shelf = new MemoryStore({ clock: new HandClock() }, new Map([[TABLES.ids, new Map([[key, bytes]])]]));
      const reader = new DurableDeduplication(shelf, DAY_MS);
      const damaged = reader.load();
      const isSound = bytes[0] === 1 && bytes.length % 8 === 1 && /^\d{16}/.test(key);
      expect(damaged.map((row) => [row.key, [...row.bytes]])).toEqual(isSound ? [] : [[key, [...bytes]]]);
      expect(reader.size).toBeLessThanOrEqual(isSound ? (bytes.length - 1) / 8 : 0);
      if (isSound && bytes.length >= sound.length)
        expect(reader.knows(idsOf(null, ['e1']), NOW)).toBe(Buffer.compare(bytes.slice(0, sound.length), sound) === 0);
    }),
    { seed: 20261123, numRuns: 500 },
  );
});
