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
