import { expect, test } from 'vitest';
import { DurableDeduplication } from '../../src/delivery/durable-deduplication.js';
import { idsOf } from '../../src/delivery/ids.js';
import { migrateJournal } from '../../src/delivery/journal-migration.js';
import { TABLES } from '../../src/delivery/journal-tables.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;
const rowOf = (index: number) => `${String(NOW + 60_000 * Math.floor(index / 32)).padStart(16, '0')}.${index}`;

/** A store as version 1 left it. */
async function formerStore(count: number): Promise<MemoryStore> {
  const store = new MemoryStore({ clock: new HandClock() });
  for (let from = 0; from < count; from += 32) {
    const ids = Array.from({ length: Math.min(32, count - from) }, (_, index) => `id:e${from + index}`);
    await store.commit([
      ...ids.map((key) => ({ table: 'remembered', key, value: Buffer.from(rowOf(from)) })),
      { table: 'expiries', key: rowOf(from), value: Buffer.from(JSON.stringify(ids)) },
    ]);
  }
  return store;
}

function readerOf(store: MemoryStore): DurableDeduplication {
  const reader = new DurableDeduplication(store, DAY_MS);
  expect(reader.load()).toEqual([]);
  return reader;
}

test('what a journal of version 1 remembered is known, each for its own time, and its tables are empty', async () => {
  const store = await formerStore(10_000);
  await migrateJournal(store);
  const reader = readerOf(store);
  expect([reader.size, store.count('remembered'), store.count('expiries')]).toEqual([10_000, 0, 0]);
  expect(reader.latestAt()).toBe(NOW + 60_000 * Math.floor(9_999 / 32));
  expect([0, 31, 32].map((index) => reader.knows(idsOf(`e${index}`, []), NOW + DAY_MS + 2_000))).toEqual([
    false,
    false,
    true,
  ]);
});

test('one that was broken off goes on with what is left', async () => {
  const store = await formerStore(10_000);
  let left = 2;
  const breaking = new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit' && left-- === 0) return () => Promise.reject(new Error('killed'));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await expect(migrateJournal(breaking)).rejects.toThrow('killed');
  expect(store.count('remembered')).toBe(2_000);
  await migrateJournal(store);
  const reader = readerOf(store);
  expect([reader.size, store.count('remembered'), store.count('expiries')]).toEqual([10_000, 0, 0]);
});

test('an id without a readable time is kept for as long as the latest', async () => {
  const store = await formerStore(64);
  await store.commit([{ table: 'remembered', key: 'id:e0', value: new Uint8Array([0xff]) }]);
  await migrateJournal(store);
  const reader = readerOf(store);
  expect(['e0', 'e1'].map((id) => reader.knows(idsOf(id, []), NOW + DAY_MS + 2_000))).toEqual([true, false]);
  expect(store.count(TABLES.newIds)).toBe(64);
});
