import { expect } from 'vitest';
import { DeadLetters } from '../../../src/delivery/dead-letters.js';
import { type Ids, idsOf } from '../../../src/delivery/ids.js';
import { Journal } from '../../../src/delivery/journal.js';
import type { Entry } from '../../../src/delivery/journal-entry.js';
import { numberKey } from '../../../src/delivery/journal-key.js';
import { TABLES } from '../../../src/delivery/journal-tables.js';
import { Reporter } from '../../../src/delivery/reporter.js';
import type { Unfinished } from '../../../src/delivery/unfinished.js';
import {
  type Durability,
  releaseBytes,
  type StoreChange,
  StoreError,
  type StoreFailure,
} from '../../../src/ports/index.js';
import { VirtualClock } from '../../../src/simulator/virtual-clock.js';
import { MemoryStore } from '../../support/memory-store.js';
import { MortalClock } from '../../support/mortal-clock.js';

const HOUR = 3_600_000;
/** Longer than any trial. */
const RETENTION_MS = 48 * HOUR;
const DEATH = { reason: 'attempts', attempts: 1, detail: 'as told', wallAt: 1 } as const;

/** What happens to a journal. `which` are places in the list of those to whom it may happen, from its beginning again and again. */
export type Step =
  /** Events of so many bytes, which come together. */
  | { readonly does: 'append'; readonly sizes: readonly number[] }
  | { readonly does: 'finish'; readonly which: readonly number[] }
  /** `fail`: an event's run fails and is noted. `replay` and `drop`: a human decides on a dead letter. */
  | { readonly does: 'fail' | 'bury' | 'replay' | 'drop'; readonly which: number }
  | { readonly does: 'wait'; readonly ms: number }
  /** The store refuses the next commits. */
  | { readonly does: 'refuse'; readonly count: number; readonly failure: StoreFailure }
  /** `fill`: there is no room left on the disk. `resume`: neither this nor that is so any more. */
  | { readonly does: 'hang' | 'fill' | 'resume' }
  /** The process dies, or the machine with it, so many milliseconds from now. */
  | { readonly does: 'crash'; readonly afterMs: number }
  | { readonly does: 'close' };

/** Where a process that starts finds an event. */
type Whereabouts = 'nowhere' | 'unfinished' | 'finished' | 'dead';

interface ModelledEvent {
  readonly id: string;
  readonly ids: Ids;
  readonly payload: Uint8Array;
  /** Where a process that started now might find it: more than one while a commit is to change that. */
  mayBe: readonly Whereabouts[];
  /** As the journal knows it; null once it has ended. */
  unfinished: Unfinished | null;
  /** Failures of its runs as the next process may know them, the latest last. */
  failures: readonly number[];
  /** A human's decision on it is under way. */
  isBeingSettled: boolean;
}

/**
 * A Journal and, beside it, a plain model of what each event has come to. Whenever a process starts, what it finds is
 * compared with the model, and no row is left over that is about no event.
 */
export class ModelledJournal {
  readonly #clock = new VirtualClock();
  readonly #events = new Map<string, ModelledEvent>();
  #store: MemoryStore;
  #process: { readonly clock: MortalClock; readonly journal: Journal; readonly letters: DeadLetters };
  #count = 0;
  /** Events that ended in this process and stayed so, in that order. */
  readonly #ended = new Set<ModelledEvent>();
  /** The store has refused something, hung or been full since this process began. */
  #isTroubled = false;

  constructor(durability: Durability) {
    this.#store = new MemoryStore({ clock: this.#clock, durability, commitDelayMs: 2, flushDelayMs: 3 });
    this.#process = this.#newProcess();
    this.#open();
  }

  async take(step: Step): Promise<void> {
    switch (step.does) {
      case 'append':
        for (const size of step.sizes) this.#append(size);
        break;
      case 'finish':
        for (const which of step.which) this.#finish(which);
        break;
      case 'fail':
        this.#fail(step.which);
        break;
      case 'bury':
        this.#bury(step.which);
        break;
      case 'replay':
      case 'drop':
        this.#settle(step.does, step.which);
        break;
      case 'wait':
        await this.#clock.advanceBy(step.ms);
        break;
      case 'refuse':
        this.#isTroubled = true;
        this.#store.failNext(step.count, step.failure);
        break;
      case 'hang':
        this.#isTroubled = true;
        this.#store.hang();
        break;
      case 'fill':
        this.#isTroubled = true;
        this.#store.maxBytes = this.#store.sizeBytes() - releaseBytes(0);
        break;
      case 'resume':
        this.#resume();
        break;
      case 'crash':
        await this.#clock.advanceBy(step.afterMs);
        this.#crash();
        break;
      case 'close':
        await this.#close();
        this.#startOn(this.#store.crash());
        break;
    }
  }

  /** The faults end and all events are handled: each is where it should be then, and of none is a row left. */
  async end(): Promise<void> {
    this.#resume();
    await this.#clock.advanceBy(HOUR);
    for (const event of this.#handled()) this.#end(event, 'finished');
    await this.#clock.advanceBy(HOUR);
    this.#notesAreThere();
    this.#crash();
    expect(this.#process.journal.depth).toBe(0);
    await this.#close();
    await this.#clock.advanceBy(10);
    expect(this.#clock.pendingTimers).toBe(0);
  }

  #append(size: number): void {
    this.#count += 1;
    const id = `e${this.#count}`;
    const contentKeys = this.#count % 2 === 0 ? [`message:${id}`] : [];
    const payload = Buffer.from(JSON.stringify({ id, fill: 'x'.repeat(size) }));
    const event: ModelledEvent = {
      id,
      ids: idsOf(id, contentKeys),
      payload,
      mayBe: ['nowhere', 'unfinished'],
      unfinished: null,
      failures: [0],
      isBeingSettled: false,
    };
    this.#events.set(id, event);
    const header = { eventId: id, eventType: 't', source: 'push', arrivedWallAt: 1, laneKey: null } as const;
    const entry = { header: { ...header, contentKeys, traceparent: null, isReplayed: false }, payload };
    event.unfinished = this.#process.journal.append(entry, (error) => {
      if (error === null) event.mayBe = ['unfinished'];
      else if (!isClosed(error)) this.#forget(event);
    });
  }

  #finish(which: number): void {
    const event = nth(this.#handled(), which);
    if (event !== undefined) this.#end(event, 'finished');
  }

  #bury(which: number): void {
    const event = nth(this.#handled(), which);
    if (event !== undefined) this.#end(event, 'dead');
  }

  #end(event: ModelledEvent, how: 'finished' | 'dead'): void {
    const { unfinished } = event;
    if (unfinished === null) throw new Error(`${event.id} has ended before`);
    if (how === 'finished') this.#process.journal.finish(unfinished);
    else expect(this.#process.journal.bury(unfinished, DEATH)).toBe(true);
    event.unfinished = null;
    event.mayBe = ['unfinished', how];
    this.#ended.add(event);
  }

  #fail(which: number): void {
    const event = nth(this.#handled(), which);
    if (event === undefined || event.unfinished === null) return;
    const { unfinished } = event;
    unfinished.failures += 1;
    unfinished.runs += 1;
    event.failures = [...event.failures, unfinished.failures];
    this.#process.journal.noteProgress(unfinished);
  }

  #settle(how: 'replay' | 'drop', which: number): void {
    const event = nth(this.#letters(), which);
    if (event === undefined) return;
    const { letters } = this.#process;
    const { mayBe } = event;
    const to = how === 'replay' ? 'unfinished' : 'finished';
    event.mayBe = [...mayBe, to];
    event.isBeingSettled = true;
    this.#ended.delete(event);
    const settled = (now: readonly Whereabouts[]) => {
      // What a process was told after its death it was not told.
      if (letters !== this.#process.letters) return;
      event.isBeingSettled = false;
      event.mayBe = now;
    };
    letters[how](event.id).then(
      (isDone) => settled(isDone ? [to] : mayBe),
      (error: unknown) => {
        if (!isClosed(error)) settled(mayBe);
      },
    );
  }

  /** A replay takes it into the journal again, with all its attempts. */
  #revive(entry: Entry, alongside: readonly StoreChange[]): Promise<void> {
    const event = this.#events.get(entry.header.eventId);
    if (event === undefined) throw new Error(`${entry.header.eventId} is replayed, and nobody has heard of it`);
    return new Promise((resolve, reject) => {
      const settled = (error: Error | null) => {
        if (error === null) return resolve();
        event.unfinished = null;
        reject(error);
      };
      // A process that starts finds it with none, or where its death was not durable with those it had.
      event.failures = [...event.failures, 0];
      event.unfinished = this.#process.journal.append(entry, settled, alongside);
    });
  }

  /** Nothing that was noted waits any more. */
  #notesAreThere(): void {
    for (const event of this.#events.values()) {
      if (event.isBeingSettled) continue;
      if (event.unfinished === null) event.mayBe = event.mayBe.slice(-1);
      else event.failures = event.failures.slice(-1);
    }
  }

  #resume(): void {
    this.#store.maxBytes = Number.POSITIVE_INFINITY;
    this.#store.resume();
  }

  #crash(): void {
    this.#checkRecollections();
    this.#startOn(this.#store.crash(this.#store.durability));
  }

  #startOn(store: MemoryStore): void {
    this.#process.clock.die();
    this.#store = store;
    this.#process = this.#newProcess();
    this.#open();
  }

  async #close(): Promise<void> {
    this.#checkRecollections();
    let isClosed = false;
    const closing = this.#process.journal.close().then(() => {
      isClosed = true;
    });
    await this.#clock.runUntil(() => isClosed, HOUR);
    await closing;
    if (!this.#isTroubled) this.#notesAreThere();
  }

  #newProcess() {
    // A disk that is full stays so.
    this.#isTroubled = Number.isFinite(this.#store.maxBytes);
    const clock = new MortalClock(this.#clock);
    const reporter = new Reporter(clock, () => {});
    const store = this.#store;
    const journal = new Journal({ store, clock, reporter, retentionMs: RETENTION_MS });
    const revive = (entry: Entry, alongside: readonly StoreChange[]) => this.#revive(entry, alongside);
    return { clock, journal, letters: new DeadLetters({ store, journal, reporter, revive }) };
  }

  /** A process starts: what it finds of each event is what that may have come to, and nothing more is there. */
  #open(): void {
    const { journal, letters } = this.#process;
    const recovered = journal.open(this.#clock.now());
    const seqs = recovered.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    const unfinished = new Map(recovered.map((each) => [each.header.eventId, each]));
    const dead = new Set(letters.list({ limit: 1_000 }).letters.map(({ eventId }) => eventId));
    expect(unfinished.size).toBe(recovered.length);
    expect([...unfinished.keys()].filter((id) => dead.has(id) || !this.#events.has(id))).toEqual([]);
    for (const event of this.#events.values()) {
      this.#find(event, unfinished.get(event.id) ?? null, dead.has(event.id));
    }
    // What is durable proves all that ended before it.
    const ends = [...this.#ended].map(({ mayBe }) => mayBe[0] !== 'unfinished');
    expect(ends).toEqual(ends.map((_, index) => index < ends.filter(Boolean).length));
    this.#ended.clear();
    this.#checkRows(recovered, dead.size);
  }

  #find(event: ModelledEvent, unfinished: Unfinished | null, isDead: boolean): void {
    const { id, ids, mayBe, payload } = event;
    const isKnown = this.#process.journal.recall(ids) !== null;
    const found = unfinished !== null ? 'unfinished' : isDead ? 'dead' : isKnown ? 'finished' : 'nowhere';
    expect(mayBe, `${id} was found ${found}`).toContain(found);
    event.mayBe = [found];
    event.unfinished = unfinished;
    event.isBeingSettled = false;
    if (found === 'nowhere') this.#events.delete(id);
    if (isDead) expect(isKnown, `the dead letter ${id} is known`).toBe(true);
    if (isDead) expect(this.#process.letters.show(id)?.envelope).toEqual(JSON.parse(payload.toString()));
    if (unfinished === null) return;
    const { failures, runs } = unfinished;
    expect(event.failures, `${id} was found with ${failures} failures`).toContain(failures);
    expect(runs).toBe(failures);
    event.failures = [failures];
    const read = this.#process.journal.read(unfinished)?.payload ?? new Uint8Array();
    expect(Buffer.compare(read, payload), `${id} was found byte for byte`).toBe(0);
  }

  /** No row is about an event that is not there, and none was set aside. */
  #checkRows(recovered: readonly Unfinished[], deadCount: number): void {
    const keysOf = (table: string) => [...this.#store.range(table)].map(([key]) => key);
    const sheets = new Set(recovered.map(({ sheet }) => sheet?.row));
    const numbers = new Set(recovered.map(({ seq }) => numberKey(seq)));
    expect(new Set(keysOf(TABLES.entries))).toEqual(sheets);
    expect(keysOf(TABLES.marks).filter((key) => !sheets.has(key))).toEqual([]);
    expect(keysOf(TABLES.progress).filter((key) => !numbers.has(key))).toEqual([]);
    expect(keysOf(TABLES.damaged)).toEqual([]);
    const counts = [TABLES.deadLetters, TABLES.deadLetterIds].map((table) => this.#store.count(table));
    expect([...counts, this.#process.journal.deadLetterCount]).toEqual([deadCount, deadCount, deadCount]);
  }

  /** A copy of an event that comes now is known for what it is. */
  #checkRecollections(): void {
    for (const { id, ids, unfinished } of this.#events.values()) {
      const recollection = this.#process.journal.recall(ids);
      if (recollection !== (unfinished ?? 'finished'))
        throw new Error(`a copy of ${id} would be taken for something else`);
    }
  }

  /** Refused: it never came. */
  #forget(event: ModelledEvent): void {
    this.#events.delete(event.id);
    expect(this.#process.journal.recall(event.ids)).toBeNull();
  }

  /** Events that may run: durable, and not ended. */
  #handled(): readonly ModelledEvent[] {
    return [...this.#events.values()].filter(
      ({ unfinished, mayBe }) => unfinished !== null && mayBe.length === 1 && mayBe[0] === 'unfinished',
    );
  }

  /** Dead letters that the store shows, whether they are durable yet or not. */
  #letters(): readonly ModelledEvent[] {
    return [...this.#events.values()].filter(
      ({ id, mayBe, isBeingSettled }) =>
        mayBe.includes('dead') && !isBeingSettled && this.#store.get(TABLES.deadLetterIds, id) !== null,
    );
  }
}

function nth(events: readonly ModelledEvent[], which: number): ModelledEvent | undefined {
  return events[which % Math.max(1, events.length)];
}

function isClosed(error: unknown): boolean {
  return error instanceof StoreError && error.failure === 'closed';
}
