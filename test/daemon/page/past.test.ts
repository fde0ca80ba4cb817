import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PAST_BOUNDS, Past, type PastSpan } from '../../../src/daemon/page/past.js';
import { keptIn, PAST_TABLE, PastKeeper } from '../../../src/daemon/page/past-keeper.js';
import { Recording } from '../../../src/daemon/page/record.js';
import { type Store, StoreError } from '../../../src/ports/index.js';
import { HandClock, settled } from '../../support/hand-clock.js';
import { MemoryStore } from '../../support/memory-store.js';
import { virtualWorld } from '../../support/world.js';

/** One process after the other on one disk. */
class Lives {
  readonly clock = new HandClock();
  readonly since = this.clock.wallNow();
  readonly told: string[] = [];
  store = new MemoryStore({ clock: this.clock });
  past = new Past(this.since);
  keeper = this.#newKeeper();
  kept: Store = this.store;

  async begin(): Promise<void> {
    this.past = new Past(this.clock.wallNow());
    this.keeper = this.#newKeeper();
    this.kept = keptIn(this.store, this.keeper);
    await settled();
  }

  async kill(): Promise<void> {
    this.store = this.store.crash();
    await this.clock.advanceBy(0);
  }

  async stop(): Promise<void> {
    await this.kept.close();
    this.store = this.store.crash();
  }

  enter(standing: PastSpan['standing']): void {
    if (this.past.enter(standing, this.clock.wallNow())) this.keeper.changed();
  }

  /** Spans with seconds since the very beginning. */
  get spans(): string[] {
    const seconds = (at: number | null) => (at === null ? '' : (at - this.since) / 1_000);
    return this.past
      .spans(this.clock.wallNow())
      .map(
        ({ standing, from, to, ending }) => `${standing} ${seconds(from)}-${seconds(to)}${ending ? ` ${ending}` : ''}`,
      );
  }

  #newKeeper(): PastKeeper {
    return new PastKeeper({
      clock: this.clock,
      past: this.past,
      failed: (error) => this.told.push(error instanceof StoreError ? error.failure : String(error)),
    });
  }
}

/** Its methods alone, so that one of them can be another. */
function plain(store: Store): Store {
  return {
    get: (table, key) => store.get(table, key),
    range: (table, span) => store.range(table, span),
    count: (table) => store.count(table),
    commit: (changes) => store.commit(changes),
    sizeBytes: () => store.sizeBytes(),
    close: () => store.close(),
  };
}

test('after a stop the time without a process is known exactly, and the next start is seen at its end', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.enter('disconnected');
  await lives.clock.advanceBy(2_000);
  lives.enter('connected');
  await lives.clock.advanceBy(100_500);
  await lives.stop();
  await lives.clock.advanceBy(30_000);
  await lives.begin();
  lives.enter('disconnected');
  await lives.clock.advanceBy(1_000);
  lives.enter('connected');
  expect(lives.spans).toEqual([
    'disconnected 0-2',
    'connected 2-102.5',
    'absent 102.5-132.5 stopped',
    'disconnected 132.5-133.5',
    'connected 133.5-',
  ]);
});

test('after a kill it is known to the minute, and that nobody said goodbye', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.enter('connected');
  await lives.clock.advanceBy(200_000);
  await lives.kill();
  await lives.clock.advanceBy(1_000_000);
  await lives.begin();
  expect(lives.spans).toEqual(['connected 0-180', 'absent 180-1200 killed', 'stopped 1200-']);
});

test('an outage that a process did not live through ends with it, and the next process counts anew', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.past.openOutage(1, 'closed_by_peer', lives.clock.wallNow());
  lives.past.endOutage(1, 3_000, 2);
  await lives.clock.advanceBy(10_000);
  lives.past.openOutage(2, 'connection_reset', lives.clock.wallNow());
  lives.past.countAttempt(2);
  lives.keeper.changed();
  await lives.clock.advanceBy(5_000);
  await lives.stop();
  await lives.clock.advanceBy(5_000);
  await lives.begin();
  lives.past.openOutage(1, 'heartbeat_timeout', lives.clock.wallNow());
  lives.past.endOutage(1, 7_000, 1);
  const outages = lives.past.outages(lives.clock.wallNow());
  expect(outages.map(({ number, durationMs, attempts, endedBy }) => [number, durationMs, attempts, endedBy])).toEqual([
    [1, 3_000, 2, 'connection'],
    [2, 5_000, 1, 'process'],
    [1, 7_000, 1, 'connection'],
  ]);
});

test('a connection that flaps is written in a few commits, and a calm one once a minute', async () => {
  const lives = new Lives();
  await lives.begin();
  const before = lives.store.resolvedCount;
  for (let nth = 0; nth < 50; nth += 1) {
    lives.enter(nth % 2 === 0 ? 'connected' : 'disconnected');
    await lives.clock.advanceBy(80);
  }
  await lives.clock.advanceBy(1_000);
  expect(lives.store.resolvedCount - before).toBe(1);
  await lives.clock.advanceBy(600_000);
  expect(lives.store.resolvedCount - before).toBe(11);
  await lives.stop();
  expect(lives.clock.pending).toBe(0);
});

test('a store that takes nothing is told of once, and has everything as soon as it takes something again', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.store.failNext(3, 'disk_full');
  lives.enter('connected');
  await lives.clock.advanceBy(130_000);
  expect(lives.told).toEqual(['disk_full']);
  await lives.clock.advanceBy(60_000);
  await lives.kill();
  await lives.begin();
  expect(lives.spans[0]).toMatch(/^connected 0-/);
});

test('a store that hangs holds up neither what is remembered nor the end', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.store.hang();
  lives.enter('connected');
  await lives.clock.advanceBy(600_000);
  const closed = lives.keeper.close();
  await lives.clock.advanceBy(2_000);
  await closed;
  expect([lives.spans, lives.clock.pending]).toEqual([['connected 0-'], 0]);
});

test('a store that cannot be read is told of, and the past begins anew', async () => {
  const lives = new Lives();
  const broken: Store = {
    ...plain(lives.store),
    range: () => {
      throw new StoreError('corrupt', 'page 7 is damaged');
    },
    commit: () => {
      throw new Error('a store that throws instead of rejecting');
    },
  };
  keptIn(broken, lives.keeper);
  lives.enter('connected');
  await lives.clock.advanceBy(600_000);
  expect(lives.told).toEqual(['corrupt']);
  expect(lives.spans).toEqual(['connected 0-']);
});

test('rows that are none, and those of a clock that ran ahead, are left out', async () => {
  const lives = new Lives();
  const row = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  const future = lives.since + 86_400_000;
  const rows = [
    '{"seq":',
    { seq: 1, standing: 'connected', from: lives.since - 10_000 },
    { seq: 2, standing: 'flying', from: lives.since - 9_000 },
    { seq: 3, standing: 'suspect', from: 'yesterday' },
    { seq: 4, standing: 'disconnected', from: future },
    { seq: -1, standing: 'disconnected', from: 1 },
    { seq: 1, number: 1, cause: 'no such cause', startedAt: 1, attempts: 1 },
    { seq: 2, number: 1, cause: 'closed_by_peer', startedAt: future, attempts: 1 },
    null,
  ];
  await lives.store.commit(rows.map((value, nth) => ({ table: PAST_TABLE, key: `row.${nth}`, value: row(value) })));
  await lives.begin();
  expect(lives.spans).toEqual(['connected -10--10', 'absent -10-0 killed', 'stopped 0-']);
  expect(lives.past.outages(lives.clock.wallNow())).toEqual([]);
  expect(lives.told).toEqual([]);
});

test('what ended more than 14 days ago is forgotten, and what began earlier and goes on is not', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.enter('connected');
  lives.past.openOutage(1, 'closed_by_peer', lives.clock.wallNow());
  lives.past.endOutage(1, 3_000, 2);
  await lives.clock.advanceBy(3_600_000);
  lives.enter('disconnected');
  await lives.clock.advanceBy(1_000);
  lives.enter('connected');
  const at = lives.clock.wallNow() + PAST_BOUNDS.ageMs;
  expect(lives.past.spans(at).map(({ standing }) => standing)).toEqual(['connected']);
  expect(lives.past.outages(at)).toEqual([]);
});

const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('connected', 'suspect', 'disconnected', 'stopped') },
  { weight: 3, arbitrary: fc.constant('outage' as const) },
  { weight: 1, arbitrary: fc.constant('stop' as const) },
);

test('whatever happens over however many lives, rows stay within their bounds and the next life has the latest (seed 20261123)', async () => {
  const steps = fc.array(fc.tuple(anyStep, fc.integer({ min: 1, max: 90 })), { minLength: 50, maxLength: 1_500 });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const lives = new Lives();
      await lives.begin();
      let outage = 0;
      for (const [step, seconds] of taken) {
        await lives.clock.advanceBy(seconds * 1_000);
        if (step === 'outage') {
          outage += 1;
          lives.past.openOutage(outage, 'closed_by_peer', lives.clock.wallNow());
          lives.past.endOutage(outage, 1_000, 1);
        } else if (step === 'stop') {
          const before = lives.spans.map((span) => span.replace(/-$/, ''));
          const outages = lives.past.outages(lives.clock.wallNow());
          await lives.stop();
          await lives.clock.advanceBy(1_000);
          await lives.begin();
          const known = before.slice(-(PAST_BOUNDS.spans - 2)).map((span) => expect.stringContaining(span));
          expect(lives.spans.slice(-known.length - 2, -2)).toEqual(known);
          expect(lives.past.outages(lives.clock.wallNow())).toEqual(outages);
        } else lives.enter(step);
      }
      await lives.stop();
      expect(lives.store.count(PAST_TABLE)).toBeLessThanOrEqual(PAST_BOUNDS.spans + PAST_BOUNDS.outages + 1);
      expect(lives.spans.length).toBeLessThanOrEqual(PAST_BOUNDS.spans);
    }),
    { seed: 20_261_123, numRuns: 12 },
  );
});

test('events are journaled, acknowledged and handled while the past cannot be written at all', async () => {
  const world = virtualWorld(
    { connector: { journal: { directory: '/nowhere' }, catchup: false } },
    { store: () => recording.keptIn(async () => refusing)() },
  );
  const { clock, connector, platform } = world;
  const store = new MemoryStore({ clock });
  const refusing: Store = {
    ...plain(store),
    commit: (changes) =>
      changes.some(({ table }) => table === PAST_TABLE)
        ? Promise.reject(new StoreError('failed', 'not this table'))
        : store.commit(changes),
  };
  const told: unknown[] = [];
  const recording = new Recording(clock, (error) => told.push(error));
  recording.follow(connector);
  await world.connect();
  await world.chat(20);
  await clock.advanceBy(300_000);
  expect([world.handled.length, platform.ledger.summary.pending, told.length]).toEqual([20, 0, 1]);
  expect(recording.history().spans.at(-1)).toMatchObject({ standing: 'connected', to: null });
  await world.stop();
  expect(connector.status().connected.state).toBe('stopped');
});

test('a connector that stops and starts again goes on with one past', async () => {
  const store = { current: null as MemoryStore | null };
  const world = virtualWorld(
    { connector: { journal: { directory: '/nowhere' }, catchup: false } },
    {
      store: () =>
        recording.keptIn(async () => {
          store.current = store.current?.crash() ?? new MemoryStore({ clock: world.clock });
          return store.current;
        })(),
    },
  );
  const recording = new Recording(world.clock, (error) => {
    throw error;
  });
  recording.follow(world.connector);
  await world.connect();
  await world.clock.advanceBy(5_000);
  await world.stop();
  await world.clock.advanceBy(5_000);
  await world.connect();
  const standings = () => recording.history().spans.map(({ standing }) => standing);
  expect(standings()).toEqual(['disconnected', 'connected', 'stopped', 'disconnected', 'connected']);
  await world.stop();
});

test('what a full store takes of a release alone it takes of it here too', async () => {
  const lives = new Lives();
  await lives.begin();
  lives.store.maxBytes = lives.store.sizeBytes();
  const note = [{ table: 'marks', key: '1', value: new Uint8Array([1]) }];
  await expect(lives.kept.commit(note)).rejects.toMatchObject({ failure: 'disk_full' });
  await lives.kept.commit(note, true);
  expect(lives.store.count('marks')).toBe(1);
});
