import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurableDeduplication } from '../../src/delivery/durable-deduplication.js';
import { idsOf } from '../../src/delivery/ids.js';
import { type FeishuEvent, RetryLater, Undeliverable } from '../../src/delivery/index.js';
import { decodeEntry } from '../../src/delivery/journal-entry.js';
import { TABLES } from '../../src/delivery/journal-tables.js';
import { entriesIn } from '../../src/delivery/sheet.js';
import type { Durability } from '../../src/ports/index.js';
import { eventFrame, StagedSession } from '../support/delivery-stage.js';
import { JournalStage } from '../support/journal-stage.js';

const MAX_PENDING = 6;
const CONCURRENCY = 3;
const DEADLINE_MS = 60_000;
const IDS = Array.from({ length: 10 }, (_, index) => `e${index}`);
/** Three chats, and events without one. */
const chatOf = (id: string) => ['A', 'B', 'C', null][Number(id.slice(1)) % 4] ?? null;

type Outcome = 'succeed' | 'fail' | 'later' | 'never';
type Step =
  | { readonly does: 'bring'; readonly id: string; readonly isAlias: boolean }
  | { readonly does: 'settle'; readonly run: number; readonly outcome: Outcome }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'refuse'; readonly count: number }
  | { readonly does: 'hang' | 'resume' | 'crash' | 'restart' | 'hang up' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      does: fc.constant('bring' as const),
      id: fc.constantFrom(...IDS),
      // The platform may push the same message under another event id.
      isAlias: fc.boolean(),
    }),
    weight: 40,
  },
  {
    arbitrary: fc.record({
      does: fc.constant('settle' as const),
      run: fc.nat({ max: 9 }),
      outcome: fc.constantFrom<Outcome>('succeed', 'succeed', 'succeed', 'fail', 'fail', 'later', 'never'),
    }),
    weight: 40,
  },
  {
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 1, 5, 100, 1_000, 5_000, 60_000, 60_001, 120_000, 300_000),
    }),
    weight: 24,
  },
  { arbitrary: fc.record({ does: fc.constant('refuse' as const), count: fc.integer({ min: 1, max: 3 }) }), weight: 5 },
  { arbitrary: fc.record({ does: fc.constantFrom('hang' as const, 'resume' as const) }), weight: 4 },
  { arbitrary: fc.record({ does: fc.constantFrom('crash' as const, 'restart' as const) }), weight: 6 },
  { arbitrary: fc.constant({ does: 'hang up' as const }), weight: 2 },
);

interface WatchedRun {
  readonly id: string;
  readonly startedAt: number;
  readonly settle: (outcome: Outcome) => void;
  isSettled: boolean;
}

/** A Session that checks, at the very moment of an ack, that its event is durable. */
class WatchedSession extends StagedSession {
  readonly #acked: () => void;

  constructor(attempt: number, acked: () => void) {
    super(attempt);
    this.#acked = acked;
  }

  override send(bytes: Uint8Array): boolean {
    const isSent = super.send(bytes);
    if (isSent) this.#acked();
    return isSent;
  }
}

class Watch {
  readonly breaches: string[] = [];
  /** What the platform was told to forget. */
  readonly acked = new Set<string>();
  readonly handled = new Set<string>();
  /** Handled, and the disk knows. */
  readonly finished = new Set<string>();
  readonly broughtAs = new Map<string, string>();
  runs: WatchedRun[] = [];
  /** Per chat, what this life took and has not settled, in order. */
  #order = new Map<string, string[]>();
  isOver = false;
  readonly #durability: Durability;
  readonly stage: JournalStage;
  #toldCount = 0;
  /** Where the reports of this life begin. */
  #bornAt = 0;
  #brought = 0;

  constructor(durability: Durability) {
    this.#durability = durability;
    this.stage = new JournalStage({
      policy: {
        maxPending: MAX_PENDING,
        concurrency: CONCURRENCY,
        maxAttempts: 3,
        handlerDeadlineMs: DEADLINE_MS,
        retry: { initialMs: 1_000, maxMs: 300_000, factor: 5, jitter: 'none' },
      },
      store: { durability, commitDelayMs: 2, flushDelayMs: 3 },
      handlers: { '*': (event) => this.#handle(event) },
    });
  }

  async take(step: Step): Promise<void> {
    const { stage } = this;
    switch (step.does) {
      case 'bring': {
        this.#brought += 1;
        const messageId = `m${this.#brought}`;
        this.broughtAs.set(messageId, step.id);
        const chat = chatOf(step.id);
        const message = { message_id: `om_${step.id}`, ...(chat !== null && { chat_id: chat }) };
        const id = step.isAlias ? `${step.id}+${this.#brought}` : step.id;
        await stage.bring(eventFrame({ id, messageId, content: { message } }));
        break;
      }
      case 'settle': {
        const open = this.runs.filter((run) => !run.isSettled);
        open[step.run % Math.max(1, open.length)]?.settle(step.outcome);
        await stage.settle();
        break;
      }
      case 'wait':
        await stage.clock.advanceBy(step.ms);
        break;
      case 'refuse':
        stage.store.failNext(step.count, 'disk_full');
        break;
      case 'hang':
        stage.store.hang();
        break;
      case 'resume':
        stage.store.resume();
        break;
      case 'crash':
        await this.#leaveLife(() => stage.crash(this.#durability === 'power' ? 'power' : 'process'));
        break;
      case 'restart': {
        stage.store.resume();
        const restarted = this.#leaveLife(() => stage.restart(1_000));
        await restarted;
        break;
      }
      case 'hang up':
        stage.session.isOpen = false;
        stage.session = this.session();
        break;
    }
    this.#check();
  }

  session(): WatchedSession {
    const session: WatchedSession = new WatchedSession(1, () => {
      const ack = session.acks.at(-1);
      const id = this.broughtAs.get(ack?.messageId ?? '') ?? '';
      if (ack?.code !== 200) this.breaches.push(`${id} was acked ${ack?.code}`);
      if (!this.#isDurable(id)) this.breaches.push(`${id} was acked before it was durable`);
      this.acked.add(id);
    });
    return session;
  }

  /** The faults end, and every handler succeeds: nothing that was acked may be missing then. */
  async end(): Promise<void> {
    const { stage } = this;
    this.isOver = true;
    stage.store.resume();
    for (const run of this.runs) if (!run.isSettled) run.settle('succeed');
    await stage.clock.advanceBy(3_600_000);
    this.#check();
    expect(this.breaches).toEqual([]);
    const dead = new Set(stage.pipeline.deadLetters.list().letters.map(({ eventId }) => eventId.split('+')[0]));
    for (const id of this.acked) expect(this.handled.has(id) || dead.has(id), `${id} was acked and lost`).toBe(true);
    expect(stage.pipeline.snapshot()).toMatchObject({ depth: 0, oldestWallMs: 0, abandonedCount: 0 });
    expect(stage.store.count(TABLES.entries)).toBe(0);
    expect(stage.store.count(TABLES.progress)).toBe(0);
    expect(stage.store.count(TABLES.marks)).toBe(0);
    await stage.stop();
    // The disk's own: what was committed is flushed a little later.
    await stage.clock.advanceBy(10);
    expect(stage.clock.pendingTimers).toBe(0);
  }

  async #leaveLife(leave: () => Promise<void>): Promise<void> {
    // Handlers of a dead process do nothing more, and what it reported is history.
    for (const run of this.runs) run.isSettled = true;
    this.runs = [];
    this.#order = new Map();
    const before = this.stage.reports.length;
    await leave();
    this.#bornAt = before;
    this.stage.session = this.session();
  }

  #handle(event: FeishuEvent): Promise<void> {
    const id = idOf(event);
    const now = this.stage.clock.now();
    if (this.finished.has(id)) this.breaches.push(`${id} ran though its finish was committed`);
    for (const run of this.runs) {
      if (run.id === id && !run.isSettled && now < run.startedAt + 2 * DEADLINE_MS) {
        this.breaches.push(`${id} ran twice at a time`);
      }
    }
    this.#checkOrder(id);
    return new Promise((resolve, reject) => {
      const run: WatchedRun = {
        id,
        startedAt: now,
        isSettled: false,
        settle: (outcome) => {
          if (run.isSettled) return;
          run.isSettled = true;
          if (outcome === 'succeed') {
            this.handled.add(id);
            resolve();
          } else if (outcome === 'later') reject(new RetryLater('not now', { afterMs: 500 }));
          else if (outcome === 'never') reject(new Undeliverable('never'));
          else reject(new Error('as told'));
        },
      };
      this.runs.push(run);
      if (this.isOver) run.settle('succeed');
    });
  }

  /** The first of the chat that is neither handled nor dead has its turn, and no other. */
  #checkOrder(id: string): void {
    const chat = chatOf(id);
    if (chat === null) return;
    const first = [...entriesIn(this.stage.store)]
      .map(({ bytes }) => decodeEntry(bytes).header)
      .filter(({ laneKey, eventId, contentKeys }) => {
        const entryId = contentKeys[0]?.slice('message:om_'.length) ?? eventId;
        return laneKey === chat && !this.#order.get(chat)?.includes(entryId) && !this.#isSettledHere(entryId);
      })
      .map(({ contentKeys }) => contentKeys[0]?.slice('message:om_'.length))[0];
    if (first !== undefined && first !== id) this.breaches.push(`${id} ran before ${first} of the same chat`);
  }

  /** Handled or given up in this life, though the note of it may still be on its way to the disk. */
  #isSettledHere(id: string): boolean {
    if (this.runs.some((run) => run.id === id && run.isSettled) && this.handled.has(id)) return true;
    return this.stage.reports
      .slice(this.#bornAt)
      .some((report) => report.type === 'dead_lettered' && report.eventId.split('+')[0] === id);
  }

  #isDurable(id: string): boolean {
    if (this.#isRemembered(id) || this.handled.has(id) || this.#isSettledHere(id)) return true;
    return this.#isInJournal(id);
  }

  #isInJournal(id: string): boolean {
    return [...entriesIn(this.stage.store)].some(({ bytes }) =>
      decodeEntry(bytes).header.contentKeys.includes(`message:om_${id}`),
    );
  }

  #isRemembered(id: string): boolean {
    const onDisk = new DurableDeduplication(this.stage.store, Number.POSITIVE_INFINITY);
    onDisk.load();
    return onDisk.knows(idsOf(null, [`message:om_${id}`]), 0);
  }

  #check(): void {
    const { stage } = this;
    for (const report of stage.reports.slice(this.#toldCount)) {
      if (report.type === 'pending' && report.depth > MAX_PENDING) this.breaches.push(`${report.depth} were pending`);
    }
    this.#toldCount = stage.reports.length;
    for (const id of this.handled) if (!this.#isInJournal(id)) this.finished.add(id);
    const busy = this.runs.filter((run) => !run.isSettled && stage.clock.now() < run.startedAt + DEADLINE_MS);
    if (busy.length > CONCURRENCY) this.breaches.push(`${busy.length} handlers ran at a time`);
  }
}

function idOf({ data }: FeishuEvent): string {
  return String((data.message as { message_id: string }).message_id).slice('om_'.length);
}

test.each<[Durability]>([['process'], ['power']])(
  'whatever the handlers, the disk and the process do, nothing acked is lost, nothing finished runs again, chats keep their order (durability %s, seed 20261123)',
  { timeout: 60_000 },
  async (durability) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const watch = new Watch(durability);
        await watch.stage.start();
        watch.stage.session = watch.session();
        await watch.stage.clock.advanceBy(10);
        for (const each of steps) await watch.take(each);
        await watch.end();
      }),
      { seed: 20261123, numRuns: 400 },
    );
  },
);
