import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Store, type StoreChange, StoreError, type StoreRange } from '../../src/ports/index.js';

const encoder = new TextEncoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function put(key: string, value: string | Uint8Array, table = 'letters'): StoreChange {
  return { table, key, value: typeof value === 'string' ? bytes(value) : value };
}

export function remove(key: string, table = 'letters'): StoreChange {
  return { table, key, value: null };
}

export function entriesOf(store: Pick<Store, 'range'>, table = 'letters', span?: StoreRange): [string, string][] {
  return [...store.range(table, span)].map(([key, value]) => [key, Buffer.from(value).toString()]);
}

/** How a commit ended, as a word. */
export function outcome(commit: Promise<void>): Promise<string> {
  return commit.then(
    () => 'done',
    (error: unknown) => (error instanceof StoreError ? error.failure : String(error)),
  );
}

/** A store for one test, empty and under this limit. */
export type UseStore = (use: (store: Store) => Promise<void>, maxBytes?: number) => Promise<void>;

/** What every Store keeps to. `name` begins the titles. */
export function storeContract(name: string, withStore: UseStore): void {
  test(`${name}: a value that was committed is read, and one that was not is null`, () =>
    withStore(async (store) => {
      await store.commit([put('a', '1')]);
      expect(store.get('letters', 'a')).toEqual(bytes('1'));
      expect(store.get('letters', 'b')).toBeNull();
      expect(store.get('numbers', 'a')).toBeNull();
      expect(store.get('letters', '')).toBeNull();
      expect(store.get('letters', 'x'.repeat(501))).toBeNull();
    }));

  test(`${name}: what is read is the caller's to keep and to change`, () =>
    withStore(async (store) => {
      const value = bytes('mine');
      const commit = store.commit([{ table: 'letters', key: 'a', value }]);
      value.fill(0);
      await commit;
      const read = store.get('letters', 'a');
      expect(read).toEqual(bytes('mine'));
      read?.fill(0);
      expect(store.get('letters', 'a')).toEqual(bytes('mine'));
      await store.commit([put('a', 'other')]);
      expect(read).toEqual(new Uint8Array(4));
    }));

  test(`${name}: empty values, big ones and every byte come back as they were`, () =>
    withStore(async (store) => {
      const big = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251);
      await store.commit([
        put('empty', ''),
        put('big', big),
        put(
          'all',
          Uint8Array.from({ length: 256 }, (_, n) => n),
        ),
      ]);
      expect(store.get('letters', 'empty')).toEqual(new Uint8Array(0));
      expect(Buffer.compare(Buffer.from(store.get('letters', 'big') ?? []), big)).toBe(0);
      expect(store.get('letters', 'all')).toEqual(Uint8Array.from({ length: 256 }, (_, n) => n));
    }));

  test(`${name}: one commit changes several tables, the last change of a key counts`, () =>
    withStore(async (store) => {
      await store.commit([put('a', '1'), put('b', '2', 'numbers')]);
      await store.commit([
        remove('a'),
        put('a', '2'),
        put('b', '3', 'numbers'),
        remove('b', 'numbers'),
        remove('none'),
      ]);
      expect(entriesOf(store)).toEqual([['a', '2']]);
      expect(store.count('letters')).toBe(1);
      expect(store.count('numbers')).toBe(0);
      expect(store.count('none')).toBe(0);
    }));

  test(`${name}: commits asked for in one turn take effect in their order, and resolve in it`, () =>
    withStore(async (store) => {
      const order: number[] = [];
      const commits = Array.from({ length: 50 }, (_, n) =>
        store.commit([put('a', String(n)), put(`k${n}`, '')]).then(() => order.push(n)),
      );
      await Promise.all(commits);
      expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
      expect(store.get('letters', 'a')).toEqual(bytes('49'));
      expect(store.count('letters')).toBe(51);
    }));

  test(`${name}: what was committed is seen by whoever waited for it, at once`, () =>
    withStore(async (store) => {
      for (let n = 0; n < 20; n++) {
        expect(store.get('letters', 'a')).toEqual(n === 0 ? null : bytes(String(n - 1)));
        await store.commit([put('a', String(n))]);
        expect(store.get('letters', 'a')).toEqual(bytes(String(n)));
      }
    }));

  test(`${name}: an empty commit resolves behind those before it`, () =>
    withStore(async (store) => {
      const order: string[] = [];
      const first = store.commit([put('a', '1')]).then(() => order.push('first'));
      await store.commit([]).then(() => order.push('empty'));
      await first;
      expect(order).toEqual(['first', 'empty']);
    }));

  test(`${name}: a range keeps to its bounds, its limit and its direction, in the order of the bytes`, () =>
    withStore(async (store) => {
      const keys = ['a', 'aa', 'b', 'é', '中', '😀', '\u0000', '\uffff', 'B'];
      await store.commit(keys.map((key) => put(key, '')));
      const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const keysOf = (span: StoreRange) => entriesOf(store, 'letters', span).map(([key]) => key);
      expect(keysOf({})).toEqual(sorted);
      expect(keysOf({ isReversed: true })).toEqual([...sorted].reverse());
      expect(keysOf({ from: 'a', below: 'b' })).toEqual(['a', 'aa']);
      expect(keysOf({ from: 'a', below: 'b', isReversed: true })).toEqual(['aa', 'a']);
      expect(keysOf({ from: 'aa', limit: 2 })).toEqual(['aa', 'b']);
      expect(keysOf({ isReversed: true, limit: 1 })).toEqual(['😀']);
      expect(keysOf({ from: 'b', below: 'a' })).toEqual([]);
      expect(keysOf({ limit: 0 })).toEqual([]);
      expect(keysOf({ from: '', below: '' })).toEqual([]);
      expect(entriesOf(store, 'none')).toEqual([]);
    }));

  test(`${name}: an iteration that has begun sees nothing of later commits, and may be left`, () =>
    withStore(async (store) => {
      await store.commit([put('a', '1'), put('b', '1'), put('c', '1')]);
      const seen: string[] = [];
      for (const [key, value] of store.range('letters')) {
        await store.commit([remove('b'), put('c', '2'), put('d', '2')]);
        seen.push(key + Buffer.from(value));
      }
      expect(seen).toEqual(['a1', 'b1', 'c1']);
      for (const [key] of store.range('letters')) {
        if (key === 'a') break;
      }
      expect(entriesOf(store)).toEqual([['a', '1'], ['c', '2'], ['d', '2']]); // biome-ignore format: one line reads better
    }));

  test(`${name}: a key that cannot be one is refused alone, and what it came with is not there`, () =>
    withStore(async (store) => {
      for (const key of ['', 'x'.repeat(501), 'é'.repeat(251), 'half \ud83d']) {
        expect(await outcome(store.commit([put('fine', '1'), put(key, '1')]))).toBe('failed');
      }
      expect(store.count('letters')).toBe(0);
      await store.commit([put('x'.repeat(500), '1'), put('é'.repeat(250), '1')]);
      expect(store.count('letters')).toBe(2);
    }));

  test(`${name}: under its limit it refuses what makes it larger, and goes on with the rest`, () =>
    withStore(async (store) => {
      const load = new Uint8Array(10_000);
      const outcomes: string[] = [];
      for (let n = 0; n < 300 && !outcomes.includes('disk_full'); n++) {
        outcomes.push(await outcome(store.commit([put(`k${String(n).padStart(3, '0')}`, load)])));
      }
      expect(outcomes.filter((word) => word === 'disk_full')).toHaveLength(1);
      expect(outcomes.indexOf('disk_full')).toBe(outcomes.length - 1);
      const count = store.count('letters');
      expect(count).toBe(outcomes.length - 1);
      // Replacing, moving and removing go on, also in one group with what is refused.
      const group = [[put('k000', load)], [remove('k000'), put('moved', load, 'elsewhere')], [put('new', load)], [remove('k001')]]; // biome-ignore format: one line reads better
      expect(await Promise.all(group.map((changes) => outcome(store.commit(changes))))).toEqual(['done', 'done', 'disk_full', 'done']); // biome-ignore format: one line reads better
      expect(store.count('letters')).toBe(count - 2);
      // A release takes a little more.
      expect(await outcome(store.commit([put('k001', load)]))).toBe('done');
      expect(await outcome(store.commit([put('new', load)]))).toBe('disk_full');
      expect(await outcome(store.commit([put('new', load)], true))).toBe('done');
      expect(await outcome(store.commit([put('more', new Uint8Array(100_000))], true))).toBe('disk_full');
      const all = [...store.range('letters')].map(([key]) => remove(key));
      await store.commit(all);
      expect(await outcome(store.commit([put('new', load)]))).toBe('done');
    }, 1_048_576));

  test(`${name}: closing waits for what was asked, and may be asked twice`, () =>
    withStore(async (store) => {
      const outcomes = [outcome(store.commit([put('a', '1')])), outcome(store.commit([put('b', '1')]))];
      const settled: string[] = [];
      for (const word of outcomes) void word.then((ended) => settled.push(ended));
      const first = store.close();
      const second = store.close();
      expect(await outcome(store.commit([put('c', '1')]))).toBe('closed');
      await first;
      await second;
      expect(settled).toEqual(['done', 'done']);
      for (const read of [() => store.get('letters', 'a'), () => store.range('letters'), () => store.count('letters'), () => store.sizeBytes()]) {
        expect(read).toThrow(StoreError);
      } // biome-ignore format: one line reads better
    }));

  test(`${name}: random commits leave what a plain map holds, whatever shares a group (seed 20)`, async () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'b', 'c', 'ab', '中'),
      fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
    );
    const change = fc.record({
      table: fc.constantFrom('letters', 'numbers'),
      key,
      value: fc.option(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          fc.integer({ min: 1000, max: 9000 }).map((n) => new Uint8Array(n).fill(n % 256)),
        ),
      ),
    });
    const turns = fc.array(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 6 }), { maxLength: 8 });
    const spans = fc.record(
      { from: key, below: key, limit: fc.nat(5), isReversed: fc.boolean() },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(turns, spans, (turns, span) =>
        withStore(async (store) => {
          const model = new Map<string, Map<string, Uint8Array>>([
            ['letters', new Map()],
            ['numbers', new Map()],
          ]);
          for (const turn of turns) {
            const commits = turn.map((changes) => store.commit(changes));
            for (const { table, key, value } of turn.flat()) {
              if (value === null) model.get(table)?.delete(key);
              else model.get(table)?.set(key, value);
            }
            await Promise.all(commits);
            for (const [table, entries] of model) {
              const sorted = [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
              expect([...store.range(table)].map(([key, value]) => [key, Buffer.from(value).toString('hex')])).toEqual(
                sorted.map(([key, value]) => [key, Buffer.from(value).toString('hex')]),
              );
              expect(store.count(table)).toBe(entries.size);
              const isWithin = (key: string) =>
                (span.from === undefined || Buffer.compare(Buffer.from(key), Buffer.from(span.from)) >= 0) &&
                (span.below === undefined || Buffer.compare(Buffer.from(key), Buffer.from(span.below)) < 0);
              const within = sorted.map(([key]) => key).filter(isWithin);
              if (span.isReversed) within.reverse();
              expect([...store.range(table, span)].map(([key]) => key)).toEqual(within.slice(0, span.limit));
            }
          }
        }),
      ),
      { seed: 20, numRuns: 25 },
    );
  });
}
