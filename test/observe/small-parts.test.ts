import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../../src/observe/bounded-map.js';
import { closedSet } from '../../src/observe/closed-set.js';
import { clockJumpMs, logLevelOf, readBuild, Supervisor, type SupervisorReport } from '../../src/observe/index.js';
import { LineLimit } from '../../src/observe/line-limit.js';
import { RecentMap } from '../../src/observe/recent-map.js';
import { Sparse } from '../../src/observe/sparse.js';
import { HandClock } from '../support/hand-clock.js';

test('of a fast repetition the 1st, 2nd, 4th, 8th … are picked, and it starts anew after a reset', () => {
  const sparse = new Sparse();
  const picked = (): number[] => Array.from({ length: 20 }, () => (sparse.next(0) ? sparse.count : 0)).filter(Boolean);
  expect(picked()).toEqual([1, 2, 4, 8, 16]);
  sparse.reset();
  expect(picked()).toEqual([1, 2, 4, 8, 16]);
});

test('of a slow repetition one every ten minutes is picked at least', () => {
  const sparse = new Sparse();
  const picked = Array.from({ length: 70 }, (_, minute) => (sparse.next(minute * 60_000) ? minute : -1));
  expect(picked.filter((minute) => minute >= 0)).toEqual([0, 1, 3, 7, 15, 25, 31, 41, 51, 61, 63]);
});

test('a flood is cut to some lines a minute of each kind, and each minute tells how many were not written', async () => {
  const clock = new HandClock();
  const told: [string, number][] = [];
  const limit = new LineLimit(clock, (kind, suppressed) => told.push([kind, suppressed]));
  const flood = (kind: string): number => Array.from({ length: 100 }, () => limit.admits(kind)).filter(Boolean).length;
  expect([flood('a'), flood('b'), flood('a')]).toEqual([5, 5, 0]);
  await clock.advanceBy(60_000);
  expect(told).toEqual([
    ['a', 195],
    ['b', 95],
  ]);
  expect(flood('a')).toBe(5);
  limit.flush();
  expect(told.at(-1)).toEqual(['a', 95]);
  expect(clock.pending).toBe(0);
});

test('what stays within the limit is not summarised', async () => {
  const clock = new HandClock();
  const told: string[] = [];
  const limit = new LineLimit(clock, (kind) => told.push(kind));
  limit.admits('a');
  await clock.advanceBy(60_000);
  expect([told, clock.pending]).toEqual([[], 0]);
});

test('a bounded map keeps the newest, and hands out what it drops', () => {
  const evicted: string[] = [];
  const map = new BoundedMap<number, string>(2, (value) => evicted.push(value));
  map.set(1, 'a');
  map.set(2, 'b');
  map.set(1, 'a again');
  map.set(3, 'c');
  expect(evicted).toEqual(['b']);
  expect([map.get(1), map.get(2), map.get(3), map.size]).toEqual(['a again', undefined, 'c', 2]);
  expect(map.drain()).toEqual(['a again', 'c']);
  expect(map.size).toBe(0);
});

test('a bounded map deletes an entry only while it has the value that is meant', () => {
  const map = new BoundedMap<number, string>(2);
  map.set(1, 'a');
  map.delete(1, 'b');
  expect(map.get(1)).toBe('a');
  map.delete(1, 'a');
  expect([map.get(1), map.size]).toEqual([undefined, 0]);
});

test('a bounded map is the newest entries of a plain one, whatever is set and deleted', () => {
  const action = fc.record({ key: fc.integer({ min: 0, max: 400 }), isDeleted: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 500, maxLength: 1_500 }),
      fc.integer({ min: 1, max: 200 }),
      (actions, capacity) => {
        const evicted: number[] = [];
        const map = new BoundedMap<number, number>(capacity, (_value, key) => evicted.push(key));
        const expected = new Map<number, number>();
        const expectedEvicted: number[] = [];
        for (const [index, { key, isDeleted }] of actions.entries()) {
          expected.delete(key);
          if (isDeleted) {
            map.delete(key);
          } else {
            map.set(key, index);
            expected.set(key, index);
            const [oldest] = expected.keys();
            if (expected.size > capacity && oldest !== undefined) {
              expected.delete(oldest);
              expectedEvicted.push(oldest);
            }
          }
          expect(map.size).toBe(expected.size);
          expect(map.get(key)).toBe(expected.get(key));
        }
        expect(evicted).toEqual(expectedEvicted);
        expect([...map.values()]).toEqual([...expected.values()]);
        expect(map.drain()).toEqual([...expected.values()]);
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

test('a recent map remembers as many as it should, and never more than twice as many', () => {
  const map = new RecentMap<number, string>(3);
  for (let key = 0; key < 100; key += 1) {
    map.set(key, `${key}`);
    for (let age = 0; age < 3 && age <= key; age += 1) expect(map.get(key - age)).toBe(`${key - age}`);
    expect(map.get(key - 6)).toBeUndefined();
  }
  map.set(99, 'again');
  expect(map.get(99)).toBe('again');
});

test('an open set becomes a label: what is registered, else other; the handler for the rest is no type', () => {
  const types = closedSet(['a', 'b', '*']);
  expect(types.values).toEqual(['a', 'b', 'other']);
  expect(['a', 'z', '*', ''].map(types.of)).toEqual(['a', 'other', 'other', 'other']);
});

test("pino's numbers become level names, custom ones the standard one below", () => {
  expect([10, 20, 30, 35, 40, 50, 60, 99, 1].map(logLevelOf)).toEqual([
    'trace',
    'debug',
    'info',
    'info',
    'warn',
    'error',
    'fatal',
    'fatal',
    'trace',
  ]);
});

test('the versions are found in the packages', () => {
  const build = readBuild();
  expect(build.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(build.nodeSdk).toMatch(/^\d+\.\d+\.\d+/);
  expect(`v${build.node}`).toBe(process.version);
});

test('the supervisor ticks at once and then every five seconds, until it is stopped', async () => {
  const clock = new HandClock();
  const ticks: number[] = [];
  const supervisor = new Supervisor(clock, (_report, moment) => ticks.push(moment.now));
  supervisor.start();
  await clock.advanceBy(12_000);
  expect(ticks).toEqual([0, 5_000, 10_000]);
  supervisor.stop();
  expect(clock.pending).toBe(0);
});

test('a wall clock that is set is reported once, with its direction', async () => {
  const clock = new (class extends HandClock {
    offsetMs = 0;
    override wallNow(): number {
      return super.wallNow() + this.offsetMs;
    }
  })();
  const jumps: SupervisorReport[] = [];
  const supervisor = new Supervisor(clock, (report) => {
    if (report.type === 'clock_jumped') jumps.push(report);
  });
  supervisor.start();
  await clock.advanceBy(10_000);
  clock.offsetMs = 3_600_000;
  await clock.advanceBy(10_000);
  clock.offsetMs = 3_000_000;
  await clock.advanceBy(10_000);
  supervisor.stop();
  expect(jumps).toEqual([
    { type: 'clock_jumped', byMs: 3_600_000 },
    { type: 'clock_jumped', byMs: -600_000 },
  ]);
});

test('slewing within a second is no jump', () => {
  expect(clockJumpMs({ now: 0, wallNow: 0 }, { now: 5_000, wallNow: 6_000 })).toBe(0);
  expect(clockJumpMs({ now: 0, wallNow: 0 }, { now: 5_000, wallNow: 6_001 })).toBe(1_001);
  expect(clockJumpMs({ now: 0, wallNow: 0 }, { now: 5_000, wallNow: 3_999 })).toBe(-1_001);
});
