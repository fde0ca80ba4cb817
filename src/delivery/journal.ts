import { type Backoff, type Clock, momentOf, Slab, type Store, type StoreChange, type Timer } from '../ports/index.js';
import { Commits, type Committed } from './commits.js';
import { DurableDeduplication } from './durable-deduplication.js';
import type { Ids } from './ids.js';
import { type Death, decoded, type Entry, EntryError, encodeEntry, piecesOf } from './journal-entry.js';
import { JournalHealth, type JournalSnapshot } from './journal-health.js';
import { numberKey, textKey } from './journal-key.js';
import { MIN_RETENTION_MS } from './journal-policy.js';
import { Ask, JournalRows } from './journal-rows.js';
import { decodeState, encodeProgress, encodeState, STATE_KEY } from './journal-state.js';
import { TABLES } from './journal-tables.js';
import { JournalTime } from './journal-time.js';
import { lastNumberIn } from './last-number.js';
import { recover } from './recovery.js';
import type { JournalFailure } from './report.js';
import type { Reporter } from './reporter.js';
import { lastSeqIn, type Place, SHEET_ENTRIES, type Sheet, strayMarksIn } from './sheet.js';
import { Unfinished } from './unfinished.js';
import { UnfinishedSet } from './unfinished-set.js';

export interface JournalParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Milliseconds an id is remembered after its event was finished. */
  readonly retentionMs: number;
}

/** What is known of an event by one of its ids. */
export type Recollection = 'finished' | Unfinished | null;

/** Notes that failed are tried again until they are there: an event that was handled must not run once more. */
const NOTE_RETRY: Backoff = { initialMs: 1_000, maxMs: 30_000, factor: 2, jitter: 'none' };

/** Notes that may wait for a store that takes none. Beyond it nothing new is taken, so that memory stays bounded. */
const NOTES_MAX = 100_000;

const NO_CHANGES: readonly StoreChange[] = Object.freeze([]);

const SWEEP_EVERY_MS = 60_000;
/** While a sweep left something over: slow enough to leave the disk to the events. */
const SWEEP_ON_MS = 1_000;

/** What a close waits for, in milliseconds: a disk that hangs must not keep the process from ending. */
const CLOSE_LIMIT_MS = 5_000;

/**
 * The durable record of deliveries over a {@link Store}: events between their ack and their end, ids of those that
 * ended, and dead letters. An event is known from the moment it is appended, before that is durable, so that no copy of
 * it slips in between.
 */
export class Journal {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #retentionMs: number;
  readonly #health: JournalHealth;
  readonly #deduplication: DurableDeduplication;
  readonly #commits: Commits<Ask>;
  readonly #unfinished = new UnfinishedSet();
  /** Of the entries that are appended, and of nothing else: those that lie side by side in it share a row. */
  readonly #slab = new Slab();
  /** Keys of dead letters that are being set aside. */
  readonly #lettersSetAside = new Set<string>();
  /** The sheet that was read last. */
  #lastRead: { readonly sheet: Sheet; readonly pieces: readonly Uint8Array[] } | null = null;
  #time: JournalTime;
  #nextSeq = 1;
  #deadLetterCount = 0;
  #sweeper: Timer | null = null;
  #isSweeping = false;
  #isOpen = false;

  constructor({ store, clock, reporter, retentionMs }: JournalParts) {
    this.#store = store;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#retentionMs = retentionMs;
    this.#deduplication = new DurableDeduplication(store, retentionMs);
    const health = new JournalHealth(store, clock, reporter);
    this.#health = health;
    const failed = (reason: JournalFailure, error: Error): void => health.failed(reason, error);
    const rows = new JournalRows(this.#deduplication, (unfinished) => this.#unfinished.has(unfinished));
    const changesOf = (asks: readonly Ask[]) => rows.changesOf(asks, this.#now());
    const done = (asks: readonly Ask[]) => rows.done(asks);
    this.#commits = new Commits({ store, clock, retry: NOTE_RETRY, changesOf, done, failed });
    this.#time = new JournalTime(null, 0, momentOf(clock), 0);
  }

  get depth(): number {
    return this.#unfinished.size;
  }

  /** Arrival of the oldest unfinished event, milliseconds since the epoch; 0 if there is none. */
  get oldestWallAt(): number {
    return this.#unfinished.oldest()?.header.arrivedWallAt ?? 0;
  }

  get deadLetterCount(): number {
    return this.#deadLetterCount;
  }

  /** Ids and content keys of finished events. */
  get rememberedCount(): number {
    return this.#isOpen ? this.#deduplication.size : 0;
  }

  /** So many notes wait that nothing more should be taken. */
  get isBehind(): boolean {
    return this.#commits.noteCount >= NOTES_MAX;
  }

  snapshot(): JournalSnapshot {
    return { isOpen: this.#isOpen, ...this.#health.snapshot() };
  }

  /**
   * Reads what an earlier process left, in order. What cannot be read is set aside and reported.
   * @param startedAt When the opening began, in monotonic milliseconds.
   * @throws StoreError if the store cannot be read at all.
   */
  open(startedAt: number): readonly Unfinished[] {
    const bytes = this.#store.get(TABLES.state, STATE_KEY);
    const state = bytes === null ? null : decodeState(bytes);
    const latestAt = this.#deduplication.latestAt();
    const creditMs = this.#retentionMs - MIN_RETENTION_MS;
    this.#time = new JournalTime(state, latestAt === 0 ? 0 : latestAt + 1, momentOf(this.#clock), creditMs);
    // First all that is read: an opening that fails has asked for nothing.
    const { unfinished: recovered, damaged } = recover(this.#store, state?.isClosed === true);
    const damagedIds = this.#deduplication.load();
    const strayMarks = [...strayMarksIn(this.#store)];
    const numbered = [TABLES.deadLetters, TABLES.marks].map((table) => lastNumberIn(this.#store, table));
    this.#nextSeq = 1 + Math.max(lastSeqIn(this.#store), ...numbered);
    this.#deadLetterCount = this.#store.count(TABLES.deadLetters);
    this.#isOpen = true;
    if (bytes !== null && state === null) this.#health.tell('recover', 'the row of its state could not be read');
    for (const unfinished of recovered) this.#unfinished.add(unfinished);
    for (const entry of damaged) this.#setEntryAside(entry, entry.bytes, entry.why);
    for (const { table, key, bytes: row, why } of damagedIds) this.#setRowAside(table, key, row, why);
    for (const { row: key, bytes: marks, why } of strayMarks) this.#setRowAside(TABLES.marks, key, marks, why);
    this.#noteState(false);
    this.#sweepIn(SWEEP_EVERY_MS);
    this.#reporter.tell({
      type: 'journal_opened',
      unfinished: recovered.length,
      deadLetters: this.#deadLetterCount,
      remembered: this.#deduplication.size,
      sizeBytes: this.#health.measure(),
      durationMs: this.#clock.now() - startedAt,
    });
    this.#tellDeadLetters();
    return recovered;
  }

  /** What is known of an event with these ids. Synchronous, and true of the very moment. */
  recall(ids: Ids): Recollection {
    const unfinished = this.#unfinished.find(ids);
    if (unfinished !== null) return unfinished;
    return this.#deduplication.knows(ids, this.#now()) ? 'finished' : null;
  }

  /** Whether it is among the unfinished ones still. */
  has(unfinished: Unfinished): boolean {
    return this.#unfinished.has(unfinished);
  }

  /**
   * Takes an event. It is known from now on, and durable when `settled` hears null; with an error it is unknown again.
   * The payload is copied before this returns.
   */
  append(entry: Entry, settled: Committed, alongside: readonly StoreChange[] = NO_CHANGES): Unfinished {
    const { header, payload } = entry;
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    const unfinished = new Unfinished(seq, header, payload.length, null);
    this.#unfinished.add(unfinished);
    this.#commits.append(Ask.toEnter(unfinished, encodeEntry(entry, this.#slab), alongside), (error) => {
      if (error === null) unfinished.isDurable = true;
      else this.#unfinished.delete(unfinished);
      settled(error);
    });
    return unfinished;
  }

  /** The event is handled: it is gone, and its ids are remembered. Does nothing the second time. */
  finish(unfinished: Unfinished): void {
    if (!this.#unfinished.delete(unfinished)) return;
    this.#noteEnd(unfinished, unfinished.ids, this.#removal(unfinished));
  }

  /** Remembers an event that was never in the journal: a callback. Its ack does not wait for that. */
  remember(ids: Ids): void {
    if (!this.#isOpen || this.isBehind) return;
    this.#noteEnd(null, ids, NO_CHANGES);
  }

  /** Notes what became of a run that did not finish its event. */
  noteProgress(unfinished: Unfinished): void {
    this.#commits.note(this.#progress(unfinished, false));
  }

  /** Notes that the event is about to run, so that the next process knows if it never gets beyond that. */
  markBegun(unfinished: Unfinished, settled: () => void): void {
    this.#commits.note(this.#progress(unfinished, true), settled);
  }

  /** The event is a dead letter from now on, and its ids are remembered. False if it could not be read, see {@link read}. */
  bury(unfinished: Unfinished, death: Death): boolean {
    const entry = this.read(unfinished);
    if (entry === null) return false;
    const { seq, header, ids } = unfinished;
    const idRow = textKey(header.eventId);
    const earlier = this.#reading(() => this.#store.get(TABLES.deadLetterIds, idRow)) ?? null;
    if (!this.#unfinished.delete(unfinished)) return false;
    const value = encodeEntry({ header: { ...header, death }, payload: entry.payload });
    this.#noteEnd(unfinished, ids, [
      ...this.#removal(unfinished),
      ...(earlier === null ? [] : [{ table: TABLES.deadLetters, key: Buffer.from(earlier).toString(), value: null }]),
      { table: TABLES.deadLetters, key: numberKey(seq), value },
      { table: TABLES.deadLetterIds, key: idRow, value: Buffer.from(numberKey(seq)) },
    ]);
    if (earlier === null) this.changeDeadLetterCount(1);
    return true;
  }

  /**
   * The entry of an unfinished event, read back; null if that cannot be done, which is reported. What is no entry is set
   * aside. What the store does not give stays where it is, to be read later: the journal {@link has} it still.
   */
  read(unfinished: Unfinished): Entry | null {
    const bytes = this.#reading(() => this.#bytesOf(unfinished));
    if (bytes === undefined) return null;
    const entry = bytes === null ? new EntryError('it is not there') : decoded(bytes);
    if (!(entry instanceof EntryError)) return entry;
    this.setAside(unfinished, entry.message);
    return null;
  }

  /** An event that cannot be read: it stands in nobody's way, and its bytes are kept. */
  setAside(unfinished: Unfinished, why: string): void {
    if (!this.#unfinished.delete(unfinished)) return;
    const bytes = this.#reading(() => this.#bytesOf(unfinished)) ?? null;
    this.#setEntryAside(unfinished, bytes, why);
  }

  /** The same for a dead letter. */
  setLetterAside(key: string, bytes: Uint8Array, why: string): void {
    // Until that is committed, whoever lists them reads it again.
    if (this.#lettersSetAside.has(key)) return;
    this.#lettersSetAside.add(key);
    this.#setRowAside(TABLES.deadLetters, key, bytes, why, () => this.#lettersSetAside.delete(key));
    this.changeDeadLetterCount(-1);
  }

  /** Tells how many there are now. */
  changeDeadLetterCount(by: number): void {
    this.#deadLetterCount += by;
    this.#tellDeadLetters();
  }

  /**
   * Writes what is still to be written, within a few seconds, and lets go of the store. What was appended and is not
   * finished waits there for the next {@link open}, of a new Journal.
   */
  async close(): Promise<void> {
    this.#sweeper?.cancel();
    this.#sweeper = null;
    this.#noteState(true);
    await this.#within(CLOSE_LIMIT_MS, () => this.#commits.idle());
    const { noteCount } = this.#commits;
    if (noteCount > 0) this.#health.tell('sync', `${noteCount} notes were not written before the close`);
    this.#isOpen = false;
    this.#commits.abandon();
    this.#unfinished.clear();
    await this.#within(CLOSE_LIMIT_MS, () => this.#store.close());
  }

  /** What `read` gives; undefined if the store throws, and that is reported. */
  #reading<Read>(read: () => Read): Read | undefined {
    try {
      return read();
    } catch (error) {
      this.#health.failed('recover', error);
      return undefined;
    }
  }

  /** The bytes of an entry; null if they are not there. */
  #bytesOf({ sheet, place }: Place): Uint8Array | null {
    if (sheet === null) return null;
    // Those of a sheet are asked for one after the other, and what stands on it does not change.
    if (this.#lastRead?.sheet !== sheet) {
      const row = this.#store.get(TABLES.entries, sheet.row);
      if (row === null) return null;
      this.#lastRead = { sheet, pieces: piecesOf(row, SHEET_ENTRIES) };
    }
    return this.#lastRead.pieces[place] ?? null;
  }

  #setEntryAside(entry: Place & { readonly seq: number }, bytes: Uint8Array | null, why: string): void {
    const key = Number.isNaN(entry.seq) ? `${textKey(entry.sheet?.row ?? '')}.${entry.place}` : numberKey(entry.seq);
    this.#health.tell('recover', `entry ${key} was set aside: ${why}`);
    const changes = [...kept(TABLES.entries, key, bytes), { table: TABLES.progress, key, value: null }];
    this.#commits.note(Ask.toEnd(entry, [], changes));
  }

  #setRowAside(table: string, key: string, bytes: Uint8Array, why: string, settled: Committed | null = null): void {
    this.#health.tell('recover', `row ${textKey(key)} of ${table} was set aside: ${why}`);
    this.#commits.note(Ask.toChange([...kept(table, key, bytes), { table, key, value: null }]), settled);
  }

  /** What ended is known from now on, before that is durable. */
  #noteEnd(ended: Unfinished | null, ids: Ids, alongside: readonly StoreChange[]): void {
    this.#deduplication.remember(ids, this.#now());
    this.#commits.note(Ask.toEnd(ended, ids, alongside));
  }

  /** What goes with it besides. Most have no row of progress, and to remove one that is not there is not free. */
  #removal({ seq, isRecovered, failures, runs }: Unfinished): readonly StoreChange[] {
    const hasProgress = isRecovered || failures > 0 || runs > 1;
    return hasProgress ? [{ table: TABLES.progress, key: numberKey(seq), value: null }] : NO_CHANGES;
  }

  #progress(unfinished: Unfinished, isBegun: boolean): Ask {
    const { seq, failures, runs } = unfinished;
    const value = encodeProgress({ failures, runs, isBegun });
    return Ask.toTell(unfinished, [{ table: TABLES.progress, key: numberKey(seq), value }]);
  }

  #sweepIn(delayMs: number): void {
    this.#sweeper = this.#clock.timer(delayMs, () => {
      const isPartial = this.#sweep();
      this.#reporter.tell({ type: 'journal_size', bytes: this.#health.measure() });
      this.#sweepIn(isPartial ? SWEEP_ON_MS : SWEEP_EVERY_MS);
    });
  }

  #sweep(): boolean {
    // One at a time, and none while notes are stuck: they would pile up.
    if (this.#isSweeping) return false;
    try {
      const { changes, isPartial } = this.#deduplication.sweep(this.#now());
      this.#isSweeping = true;
      this.#commits.note(Ask.toChange([this.#stateChange(false), ...changes]), () => {
        this.#isSweeping = false;
      });
      return isPartial;
    } catch (error) {
      this.#health.failed('sync', error);
      return false;
    }
  }

  #noteState(isClosed: boolean): void {
    this.#commits.note(Ask.toChange([this.#stateChange(isClosed)]));
  }

  #stateChange(isClosed: boolean): StoreChange {
    const value = encodeState({ journalMs: this.#now(), wallMs: this.#clock.wallNow(), isClosed });
    return { table: TABLES.state, key: STATE_KEY, value };
  }

  #now(): number {
    return this.#time.at(this.#clock.now());
  }

  #tellDeadLetters(): void {
    this.#reporter.tell({ type: 'dead_letters', count: this.#deadLetterCount });
  }

  /** Waits for `work`, whatever becomes of it, but not for longer. */
  async #within(limitMs: number, work: () => Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = this.#clock.timer(limitMs, () => {
        this.#health.tell('sync', `the store did not come to rest within ${limitMs} ms`);
        resolve();
      });
      const end = (): void => {
        limit.cancel();
        resolve();
      };
      work().then(end, (error: unknown) => {
        this.#health.failed('sync', error);
        end();
      });
    });
  }
}

/** Bytes that cannot be read, for whoever looks at them later. */
function kept(table: string, key: string, bytes: Uint8Array | null): StoreChange[] {
  return bytes === null ? [] : [{ table: TABLES.damaged, key: `${table}.${textKey(key)}`, value: bytes }];
}
