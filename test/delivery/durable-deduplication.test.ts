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
  expect([reader.size, reader.latestAt(), store.count(TABLES.ids)]).toEqual([1_001, NOW + 5_000, 10]);
  expect(early.every((key) => reader.knows(idsOf(null, [key]), NOW + DAY_MS))).toBe(true);
  expect(early.some((key) => reader.knows(idsOf(null, [key]), NOW + DAY_MS + 1_001))).toBe(false);
  expect(reader.knows(idsOf(null, ['late']), NOW + DAY_MS + 1_001)).toBe(true);
  expect(reader.knows(idsOf(null, ['never']), NOW)).toBe(false);
});

test('where there are more than may be, the oldest make room, a sweep at a time', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  for (let index = 0; index < 10; index += 1) await written(store, [`a ${index}`, `b ${index}`], NOW + index);
  const reader = new DurableDeduplication(store, DAY_MS, 15);
  reader.load();
  const { changes, isPartial } = reader.sweep(NOW + 10);
  await store.commit(changes);
  expect([reader.size, store.count(TABLES.ids), isPartial]).toEqual([14, 7, false]);
  expect([2, 3].map((index) => reader.knows(idsOf(null, [`a ${index}`]), NOW + 10))).toEqual([false, true]);
});

test('bytes of any kind are rows of ids or damaged, and never a failure (seed 20261123)', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  await written(store, ['e1', 'e2', 'e3'], NOW);
  const [[, sound] = ['', new Uint8Array()]] = [...store.range(TABLES.ids)];
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
