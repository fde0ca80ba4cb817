import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TABLES } from '../../src/delivery/journal-tables.js';
import {
  type Entering,
  entriesIn,
  lastSeqIn,
  SHEET_ENTRIES,
  type Sheet,
  SheetWriter,
} from '../../src/delivery/sheet.js';
import { Slab, type StoreChange } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';
import { MemoryStore } from '../support/memory-store.js';
import { entryBytes } from './support/entry-bytes.js';

/** Entries that come in this order, each with its bytes. */
function written(arrivals: readonly { readonly seq: number; readonly bytes: Uint8Array }[]) {
  const changes: StoreChange[] = [];
  const writer = new SheetWriter(changes);
  const entries = arrivals.map(({ seq, bytes }) => {
    const entry: Entering = { seq, sheet: null, place: -1 };
    writer.add(entry, bytes);
    return entry;
  });
  writer.end();
  return { changes, entries };
}

/** How many entries each row holds, of entries that a slab made one after the other. */
function shares(sizes: readonly number[]): readonly number[] {
  const slab = new Slab();
  const { changes, entries } = written(sizes.map((size, seq) => ({ seq, bytes: entryBytes(size, slab) })));
  return changes.map(({ key }) => entries.filter(({ sheet }) => sheet?.row === key).length);
}

test('a sheet is four pages at most, or one entry that is longer', () => {
  expect(shares(Array.from({ length: 30 }, () => 1_200))).toEqual([13, 13, 4]);
  expect(shares([1_000, 100_000, 1_000, 1_000])).toEqual([1, 1, 2]);
});

test('however small they are, there are no more entries on a sheet than can be marked', () => {
  expect(shares(Array.from({ length: 70 }, () => 200))).toEqual([SHEET_ENTRIES, SHEET_ENTRIES, 6]);
});

test('what does not lie side by side, or misses a number, begins a sheet of its own', () => {
  const slab = new Slab();
  const bytes = Array.from({ length: 4 }, () => entryBytes(200, slab));
  const [a, b, c, d] = bytes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const rows = ({ changes }: { changes: StoreChange[] }) =>
    changes.map(({ key, value }) => [Number(key), value?.length]);
  expect(rows(written([a, b, c, d].map((bytes, seq) => ({ seq, bytes }))))).toEqual([[0, 800]]);
  expect(rows(written([a, c, d].map((bytes, seq) => ({ seq, bytes }))))).toEqual([
    [0, 200],
    [1, 400],
  ]);
  expect(
    rows(
      written([
        { seq: 7, bytes: a },
        { seq: 9, bytes: b },
      ]),
    ),
  ).toEqual([
    [7, 200],
    [9, 200],
  ]);
});

test('whatever is finished in whatever commits, a reader finds what is left, in order (seed 20261123)', async () => {
  const commits = fc.array(fc.array(fc.nat(49), { maxLength: 20 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 60, max: 4_000 }), { minLength: 1, maxLength: 50 }),
      commits,
      async (sizes, commits) => {
        const store = new MemoryStore({ clock: new HandClock() });
        const slab = new Slab();
        const { changes, entries } = written(
          sizes.map((size, index) => ({ seq: index + 1, bytes: entryBytes(size, slab) })),
        );
        await store.commit(changes);
        const left = new Set(entries);
        for (const places of commits) {
          const ended = places.flatMap((place) => entries[place] ?? []);
          const bits = new Map<Sheet, number>();
          for (const { sheet, place } of ended) {
            if (sheet !== null) bits.set(sheet, (bits.get(sheet) ?? 0) | (1 << place));
          }
          await store.commit([...bits].flatMap(([sheet, places]) => sheet.changesFor(places)));
          for (const entry of ended) {
            entry.sheet?.finish(entry.place);
            left.delete(entry);
          }
          expect([...entriesIn(store)].map(({ seq }) => seq)).toEqual([...left].map(({ seq }) => seq));
        }
        const lastSeq = Math.max(0, ...[...left].map(({ seq }) => seq));
        expect(lastSeqIn(store)).toBeGreaterThanOrEqual(lastSeq);
        if (left.size === 0) expect([store.count(TABLES.entries), store.count(TABLES.marks)]).toEqual([0, 0]);
      },
    ),
    { seed: 20261123, numRuns: 200 },
  );
});

/** A bit for each place from `from` on, below `to`. */
function bitsOf(from: number, to: number): number {
  let bits = 0;
  for (let place = from; place < to; place += 1) bits |= 1 << place;
  return bits;
}

/** A sheet of so many entries, and the store it is in. */
async function sheetOf(count: number) {
  const store = new MemoryStore({ clock: new HandClock() });
  const slab = new Slab();
  const { changes, entries } = written(
    Array.from({ length: count }, (_, index) => ({ seq: index + 1, bytes: entryBytes(100, slab) })),
  );
  await store.commit(changes);
  const [sheet = null] = new Set(entries.map(({ sheet }) => sheet));
  if (sheet === null) throw new Error('nothing was written');
  return { store, sheet };
}

const COUNTS = Array.from({ length: SHEET_ENTRIES }, (_, index) => index + 1);

test.each(COUNTS)(
  'a sheet of %i that is finished in two commits leaves no row, whoever makes the second',
  async (count) => {
    for (let first = 0; first < count; first += 1) {
      for (const isAnother of [false, true]) {
        const { store, sheet } = await sheetOf(count);
        if (first > 0) {
          await store.commit(sheet.changesFor(bitsOf(0, first)));
          for (let place = 0; place < first; place += 1) sheet.finish(place);
        }
        const left = [...entriesIn(store)];
        expect(left.map(({ place }) => place)).toEqual(COUNTS.map((each) => each - 1).slice(first, count));
        const second = isAnother ? left[0]?.sheet : sheet;
        await store.commit(second?.changesFor(bitsOf(first, count)) ?? []);
        expect([store.count(TABLES.entries), store.count(TABLES.marks)]).toEqual([0, 0]);
      }
    }
  },
);

test('what a commit would have made known and did not, the sheet does not know either', async () => {
  const { store, sheet } = await sheetOf(3);
  // The store refused these.
  sheet.changesFor(bitsOf(0, 1));
  sheet.changesFor(bitsOf(0, 3));
  expect([0, 1, 2].map((place) => sheet.isFinished(place))).toEqual([false, false, false]);
  await store.commit(sheet.changesFor(bitsOf(1, 2)));
  sheet.finish(1);
  expect([...entriesIn(store)].map(({ place }) => place)).toEqual([0, 2]);
  await store.commit(sheet.changesFor(bitsOf(0, 1) | bitsOf(2, 3)));
  expect([store.count(TABLES.entries), store.count(TABLES.marks)]).toEqual([0, 0]);
});

test('marks that cannot be read are none: what is not known to be finished runs', async () => {
  const store = new MemoryStore({ clock: new HandClock() });
  const slab = new Slab();
  const { changes } = written([1, 2].map((seq) => ({ seq, bytes: entryBytes(100, slab) })));
  await store.commit([...changes, { table: TABLES.marks, key: changes[0]?.key ?? '', value: new Uint8Array([1]) }]);
  expect([...entriesIn(store)].map(({ seq }) => seq)).toEqual([1, 2]);
});
