import { expect, test } from 'vitest';
import { Commits } from '../../src/delivery/commits.js';
import type { StoreChange } from '../../src/ports/index.js';
import { VirtualClock } from '../../src/simulator/index.js';
import { MemoryStore } from '../support/memory-store.js';

const change = (key: string) => [{ table: 't', key, value: Buffer.from(key) }];

function stage(commitDelayMs = 5) {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock, commitDelayMs });
  const told: string[] = [];
  const done: StoreChange[][] = [];
  const retry = { initialMs: 1_000, maxMs: 1_000, factor: 1, jitter: 'none' } as const;
  const commits = new Commits({
    store,
    clock,
    retry,
    changesOf: (asks: readonly StoreChange[][]) => asks.flat(),
    done: (asks) => done.push(...asks),
    failed: (reason) => told.push(`failed ${reason}`),
  });
  return {
    clock,
    store,
    commits,
    done,
    told,
    append: (key: string) => commits.append(change(key), (error) => told.push(`${key} ${error ? 'refused' : 'there'}`)),
    note: (key: string) => commits.note(change(key), () => told.push(`${key} there`)),
    keys: () => [...store.range('t')].map(([key]) => key),
  };
}

test('what is asked while a commit is under way shares the next, in the order of the asking', async () => {
  const { clock, store, append, note, told } = stage();
  append('a');
  await clock.advanceBy(1);
  note('b');
  append('c');
  note('d');
  await clock.advanceBy(4);
  expect(told).toEqual(['a there']);
  await clock.advanceBy(5);
  expect(told).toEqual(['a there', 'b there', 'c there', 'd there']);
  expect(store.resolvedCount).toBe(2);
});

test('an append is durable after every note that was asked before it', async () => {
  const { clock, append, note, told } = stage();
  note('first');
  await clock.advanceBy(1);
  note('second');
  append('event');
  await clock.advanceBy(20);
  expect(told).toEqual(['first there', 'second there', 'event there']);
});

test('where a commit of both fails they are tried apart: one that cannot be written does not keep the others out', async () => {
  const { clock, store, append, note, told, keys } = stage(0);
  store.failNext(1, 'failed');
  append('event');
  note('end');
  await clock.advanceBy(0);
  expect(keys()).toEqual(['end', 'event']);
  expect(told).toEqual(['end there', 'event there']);
});

test('an append is refused once; a note is tried until it is there, and appends go on meanwhile', async () => {
  const { clock, store, commits, append, note, told } = stage(0);
  // Both together, then the note alone, then the append alone.
  store.failNext(3, 'disk_full');
  append('event');
  note('end');
  await clock.advanceBy(0);
  expect(told).toEqual(['failed sync', 'failed append', 'event refused']);
  append('later');
  await clock.advanceBy(0);
  expect(told.slice(3)).toEqual(['later there']);
  expect(commits.noteCount).toBe(1);
  await clock.advanceBy(1_000);
  expect(told.slice(4)).toEqual(['end there']);
  expect(commits.noteCount).toBe(0);
});

test('notes that a full store refuses together are taken in parts, in order, and nobody is told of a failure', async () => {
  const { clock, store, note, told, keys, done } = stage(0);
  // All four of them, then the first two.
  store.failNext(2, 'disk_full');
  for (const key of ['d', 'c', 'b', 'a']) note(key);
  await clock.advanceBy(0);
  expect(told).toEqual(['d there', 'c there', 'b there', 'a there']);
  expect(done.flat().map(({ key }) => key)).toEqual(['d', 'c', 'b', 'a']);
  expect(keys()).toEqual(['a', 'b', 'c', 'd']);
  expect([store.resolvedCount, store.refusedCount, clock.pendingTimers]).toEqual([3, 2, 0]);
});

test('notes that are refused for another reason are not tried in parts: a store that is broken is not asked so often', async () => {
  const { clock, store, note, told } = stage(0);
  store.failNext(1, 'failed');
  for (const key of ['a', 'b', 'c', 'd']) note(key);
  await clock.advanceBy(999);
  expect([told, store.refusedCount]).toEqual([['failed sync'], 1]);
  await clock.advanceBy(1);
  expect(told.slice(1)).toEqual(['a there', 'b there', 'c there', 'd there']);
});

test('nothing overtakes a note that is refused alone, and appends go on meanwhile', async () => {
  const { clock, store, commits, append, note, told } = stage(5);
  store.failNext(1, 'disk_full');
  for (const key of ['a', 'b', 'c', 'd']) note(key);
  // All of them are refused, and the first half is there.
  await clock.advanceBy(10);
  expect(told).toEqual(['a there', 'b there']);
  // The second half, and `c` alone: now `d`, which waits in a part of its own, waits on, and so does whoever comes.
  store.failNext(2, 'disk_full');
  note('e');
  append('event');
  await clock.advanceBy(30);
  expect(told.slice(2)).toEqual(['failed sync', 'event there']);
  expect(commits.noteCount).toBe(3);
  append('another');
  await clock.advanceBy(5);
  expect(told.slice(4)).toEqual(['another there']);
  await clock.advanceBy(1_000);
  expect(told.slice(5)).toEqual(['c there', 'd there', 'e there']);
  expect([commits.noteCount, clock.pendingTimers]).toEqual([0, 0]);
});

test('an append that shared the commit of notes is tried though all of them are refused', async () => {
  const { clock, store, commits, append, note, told, keys } = stage(0);
  // All of it, the notes, and the first of them.
  store.failNext(3, 'disk_full');
  append('event');
  for (const key of ['a', 'b', 'c']) note(key);
  await clock.advanceBy(0);
  expect(told).toEqual(['failed sync', 'event there']);
  expect([keys(), commits.noteCount]).toEqual([['event'], 3]);
  await clock.advanceBy(1_000);
  expect(told.slice(2)).toEqual(['a there', 'b there', 'c there']);
});

test('a pass that is refused in the end is told of once, however many parts were tried', async () => {
  const { clock, store, note, told } = stage(0);
  // Eight, four, two and one of them, twice.
  store.failNext(8, 'disk_full');
  for (const key of 'abcdefgh') note(key);
  await clock.advanceBy(0);
  expect([told, store.refusedCount]).toEqual([['failed sync'], 4]);
  await clock.advanceBy(1_000);
  expect([told, store.refusedCount]).toEqual([['failed sync', 'failed sync'], 8]);
  await clock.advanceBy(1_000);
  expect(told.slice(2)).toEqual([...'abcdefgh'].map((key) => `${key} there`));
});

test('what is abandoned while parts are left is tried no more', async () => {
  const { clock, store, commits, append, note, told } = stage(5);
  store.failNext(2, 'disk_full');
  append('event');
  for (const key of ['a', 'b']) note(key);
  // All of it is refused, then the notes; the first of them is under way.
  await clock.advanceBy(10);
  commits.abandon();
  expect(told).toEqual(['event refused']);
  await clock.advanceBy(10_000);
  expect(told).toEqual(['event refused']);
  expect([store.resolvedCount, commits.noteCount, clock.pendingTimers]).toEqual([1, 0, 0]);
});

test('a store that hangs is told of, and waited for all the same', async () => {
  const { clock, store, commits, append, told } = stage();
  store.hang();
  append('event');
  await clock.advanceBy(10_000);
  expect(told).toEqual(['failed append']);
  store.resume();
  await clock.advanceBy(5);
  expect(told).toEqual(['failed append', 'event there']);
  await commits.idle();
});

test('abandoned, it leaves no timer behind', async () => {
  const { clock, store, commits, note } = stage(0);
  store.failNext(1, 'failed');
  note('end');
  await clock.advanceBy(0);
  expect(clock.pendingTimers).toBe(1);
  commits.abandon();
  expect(clock.pendingTimers).toBe(0);
});
