import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { type ConnectorEvents, createConnector, type FeishuEvent, Undeliverable } from '../src/index.js';
import { StoreError } from '../src/ports/index.js';
import { DEFAULT_APP } from '../src/simulator/app.js';
import { messageEvent } from '../src/simulator/event-builders.js';
import { VirtualClock } from '../src/simulator/virtual-clock.js';
import { MemoryStore } from './support/memory-store.js';
import { type VirtualWorld, virtualWorld } from './support/world.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'journal-'));
  folders.push(made);
  return made;
}

const handlers = { '*': async () => {} };
const JOURNAL = { directory: 'kept in memory' };

/** A world whose connector keeps its journal in a store in memory. */
function journaledWorld(handle: (event: FeishuEvent) => Promise<void>): VirtualWorld {
  let world: VirtualWorld | null = null;
  const store = async () => new MemoryStore({ clock: (world as VirtualWorld).clock });
  world = virtualWorld({ connector: { handlers: { '*': handle }, journal: JOURNAL } }, { store });
  return world;
}

test('a dead letter is told, counted in status and metrics, and can be shown, replayed and dropped', async () => {
  let isHealthy = false;
  const handled: string[] = [];
  const world = journaledWorld(async (event) => {
    if (!isHealthy) throw new Undeliverable('nobody wants it');
    handled.push(event.id);
  });
  const told: ConnectorEvents['deadLetter'][] = [];
  world.connector.on('deadLetter', (letter) => told.push(letter));
  await world.connect();
  await world.chat(2);

  expect(told).toMatchObject([
    { type: 'im.message.receive_v1', reason: 'undeliverable', attempts: 1, detail: 'nobody wants it' },
    { reason: 'undeliverable' },
  ]);
  const [first, second] = world.connector.deadLetters.list().letters;
  if (!first || !second) throw new Error('there must be two');
  expect(world.connector.deadLetters.show(first.eventId)).toMatchObject({ envelope: { schema: '2.0' } });
  expect(world.connector.status().delivery).toMatchObject({
    pending: 0,
    deadLetters: 2,
    journal: { isOpen: true, lastFailure: null },
  });
  isHealthy = true;
  expect(await world.connector.deadLetters.replay(first.eventId)).toBe(true);
  expect(await world.connector.deadLetters.drop(second.eventId)).toBe(true);
  await world.clock.advanceBy(1_000);
  expect(handled).toEqual([first.eventId]);
  expect(world.connector.status().delivery.deadLetters).toBe(0);
  await world.stop();
  expect(world.connector.status().delivery).toMatchObject({ journal: { isOpen: false } });
  expect(() => world.connector.deadLetters).toThrow('the journal is not open');
});

test('status tells what the journal could not do, and how long ago', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const world = virtualWorld({ connector: { journal: JOURNAL } }, { store: async () => store });
  await world.connect();
  store.failNext(1, 'disk_full');
  world.platform.send(messageEvent());
  await world.clock.advanceBy(5_000);
  expect(world.connector.status().delivery.journal).toMatchObject({
    lastFailure: { reason: 'disk_full', ageMs: expect.closeTo(5_000, -3) },
  });
  await world.stop();
});

test('a journal that cannot be opened refuses the start and leaves nothing running', async () => {
  const error = new StoreError(
    'in_use',
    'Another process owns /journals/bot. Give each process a directory of its own.',
  );
  const world = virtualWorld(
    { connector: { journal: JOURNAL } },
    {
      store: async () => {
        throw error;
      },
    },
  );
  await expect(world.connector.start()).rejects.toMatchObject({
    code: 'journal_unusable',
    verdict: 'operator',
    message: error.message,
    cause: error,
  });
  expect(world.connector.status().alive.is).toBe(false);
  expect(world.clock.pendingTimers).toBe(0);
  await world.connector.stop();
});

test('a stop during the start waits for the journal, and then ends both', async () => {
  const clock = new VirtualClock();
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const world = virtualWorld(
    { connector: { journal: JOURNAL } },
    { store: () => opened.then(() => new MemoryStore({ clock })) },
  );
  const starts = [world.connector.start(), world.connector.start()];
  const stopped = world.connector.stop();
  open();
  await Promise.all([...starts, world.clock.advanceBy(20_000), stopped]);
  expect(world.connector.status().connected).toMatchObject({ is: false, state: 'stopped' });
  expect(world.clock.pendingTimers).toBe(0);
});

test('starts and stops while the journal opens end as the last one says', async () => {
  for (const last of ['start', 'stop'] as const) {
    let open: () => void = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const clock = new VirtualClock();
    const world = virtualWorld(
      { connector: { journal: JOURNAL } },
      { store: () => opened.then(() => new MemoryStore({ clock })) },
    );
    const { connector } = world;
    const calls = [connector.start(), connector.stop(), connector.start()];
    if (last === 'stop') calls.push(connector.stop());
    open();
    await world.clock.advanceBy(20_000);
    await Promise.all(calls);
    expect(connector.status().connected.state).toBe(last === 'start' ? 'connected' : 'stopped');
    await world.stop();
    expect(world.clock.pendingTimers).toBe(0);
  }
});

test('of two stops during the start the shorter drain holds', async () => {
  let store = new MemoryStore({ clock: new VirtualClock() });
  const world = virtualWorld(
    { connector: { journal: JOURNAL, handlers: { '*': () => new Promise(() => {}) } } },
    { store: async () => store },
  );
  const { connector, clock } = world;
  await world.connect();
  world.platform.send(messageEvent());
  await clock.advanceBy(1_000);
  await world.stop();
  // The handler that was given up runs again once the journal is open.
  store = store.crash('process');
  const restart = [connector.start(), connector.stop({ drainMs: 50_000 }), connector.stop({ drainMs: 1_000 })];
  await clock.advanceBy(10_000);
  expect(connector.status().connected.state).toBe('stopped');
  await Promise.all(restart);
});

test('on a real disk: opened, closed, opened again; and a directory that is none is told by its name', async () => {
  const directory = join(folder(), 'bot');
  const options = { ...DEFAULT_APP, domain: 'http://127.0.0.1:9', handlers, logger: pino({ level: 'silent' }) };
  const connector = createConnector({ ...options, journal: { directory } });
  await connector.start();
  expect(connector.status().delivery.journal).toMatchObject({ isOpen: true, lastFailure: null });
  const rival = createConnector({ ...options, journal: { directory } });
  await expect(rival.start()).rejects.toMatchObject({ code: 'journal_unusable' });
  await connector.stop();
  await rival.start();
  await rival.stop();

  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const misplaced = createConnector({ ...options, journal: { directory: join(file, 'journal') } });
  await expect(misplaced.start()).rejects.toThrow(file);
});

test.each([
  [{ directory: '' }, 'journal.directory must be a path'],
  [{ directory: 'x', durability: 'none' as 'power' }, 'journal.durability must be one of process, power, got none'],
  [{ directory: 'x', retentionMs: 1_000 }, 'journal.retentionMs must be a whole number from 28800000'],
  [{ directory: 'x', maxBytes: 1 }, 'journal.maxBytes must be a whole number from 1048576, got 1'],
  [{ directory: 'x', durable: true } as { directory: string }, 'unknown option journal.durable'],
])('the journal options %o are refused', (journal, message) => {
  expect(() => createConnector({ ...DEFAULT_APP, handlers, journal })).toThrow(message);
});

test('to hold stale events needs a journal', () => {
  const delivery = { maxAgeMs: 60_000, staleEvents: 'hold' } as const;
  expect(() => createConnector({ ...DEFAULT_APP, handlers, delivery })).toThrow('staleEvents must be tag or drop');
});
