import type { Clock, Moment, Random, ReportSink, Store } from '../ports/index.js';
import { type Envelope, parseEnvelope } from '../wire/index.js';
import { Acks, TAKEN } from './acks.js';
import { isStale, sourceOf } from './age.js';
import { type Arrival, EventArrival, type Fate } from './arrival.js';
import { type ContentKeysOf, contentKeysOf } from './content-keys.js';
import { DeadLetters } from './dead-letters.js';
import { Deduplication } from './deduplication.js';
import type { Delivery } from './delivery.js';
import type { Dispatcher } from './dispatcher.js';
import { Drain, type Drained } from './drain.js';
import { eventOf, type FeishuEvent } from './event.js';
import { type ContextOf, EventRunner } from './event-run.js';
import { idsOf } from './ids.js';
import { Intake } from './intake.js';
import { Journal } from './journal.js';
import type { JournalSnapshot } from './journal-health.js';
import { resolveJournalPolicy } from './journal-policy.js';
import { JournalWay } from './journal-way.js';
import { kindOf } from './kind.js';
import { type DurableMemory, MemoryWay } from './memory-way.js';
import { DELIVERY_DEFAULTS, type DeliveryPolicy, resolveDeliveryPolicy } from './policy.js';
import type { DeliveryReport, DropReason } from './report.js';
import { Reporter } from './reporter.js';
import { type TraceDelivery, untraced } from './run.js';
import type { Receive } from './session.js';
import type { Unfinished } from './unfinished.js';
import type { Way } from './way.js';

/** Where a pipeline keeps what must outlive the process. */
export interface JournalSource {
  /** Opens the store; called once per {@link Pipeline.open}. Rejects with a StoreError. */
  readonly open: () => Promise<Store>;
  /** See {@link JournalPolicy}. */
  readonly retentionMs?: number;
}

/** What a {@link Pipeline} is made of. */
export interface PipelineParts<Client = unknown> {
  readonly clock: Clock;
  readonly report: ReportSink<DeliveryReport>;
  readonly dispatcher: Dispatcher<Client>;
  readonly contextOf: ContextOf<Client>;
  /** Wraps every run of a handler. Default: nothing does. */
  readonly trace?: TraceDelivery;
  /** Whatever is left out keeps its default. */
  readonly policy?: Partial<DeliveryPolicy>;
  /** Left out: the ack waits for the handler, and a restart forgets. */
  readonly journal?: JournalSource;
  /** Spreads retries. Default: always in the middle. */
  readonly random?: Random;
  /** What an event is known by besides its id, where there is a journal. Default: its message, see {@link contentKeysOf}. */
  readonly contentKeysOf?: ContentKeysOf;
  /** The trace that the event's arrival belongs to, as W3C writes it; asked when it is journaled. Default: none. */
  readonly traceparentOf?: (eventId: string) => string | null;
  /** Told of every whole event, duplicates and those that are refused included, whoever brought it. Must not throw. */
  readonly arrived?: (event: FeishuEvent, at: Moment) => void;
  /** Told of every event that is safe now: journaled, or handled where there is no journal. Must not throw. */
  readonly taken?: (event: FeishuEvent) => void;
}

/** The pipeline at one instant, as plain data. */
export interface PipelineSnapshot {
  /** Unfinished deliveries, those with an abandoned handler included. */
  readonly depth: number;
  readonly capacity: number;
  /** Arrival of the oldest unfinished one, milliseconds since the epoch; 0 if there is none. */
  readonly oldestWallMs: number;
  /** Deliveries whose handler has outlived its deadline and is still waited for. */
  readonly abandonedCount: number;
  /** Messages of which fragments are still to come. */
  readonly openMessageCount: number;
  /** Ids and content keys that deduplication knows. */
  readonly rememberedCount: number;
  /** Reports that the sink threw on. */
  readonly reportFailureCount: number;
  readonly isStopping: boolean;
  readonly deadLetterCount: number;
  /** Null without a journal. */
  readonly journal: JournalSnapshot | null;
}

/** A journal that is open, and what works with it. */
interface OpenJournal {
  readonly journal: Journal;
  readonly way: JournalWay;
  readonly deadLetters: DeadLetters;
  /** What an earlier process left, until the start. */
  recovered: readonly Unfinished[];
}

const SOON = Promise.resolve();
const CLOSED: JournalSnapshot = Object.freeze({ isOpen: false, sizeBytes: 0, lastFailure: null });

/**
 * Brings events to their handlers and acks to the platform. The front is the same for all: fragments, envelope,
 * deduplication, admission. What happens then is one of two ways: with a journal an event is journaled, acked and then
 * handled ({@link JournalWay}); callbacks, and everything without a journal, are handled and then acked
 * ({@link MemoryWay}).
 */
export class Pipeline<Client = unknown> {
  readonly #parts: PipelineParts<Client>;
  readonly #clock: Clock;
  readonly #policy: DeliveryPolicy;
  readonly #retentionMs: number;
  readonly #reporter: Reporter;
  readonly #acks: Acks;
  readonly #intake: Intake;
  readonly #runner: EventRunner<Client>;
  readonly #deduplication: Deduplication<Delivery>;
  readonly #memoryWay: MemoryWay;
  readonly #contentKeysOf: ContentKeysOf;
  #open: OpenJournal | null = null;
  #opening: Promise<void> | null = null;
  #journalSnapshot: JournalSnapshot = CLOSED;
  /** False before the start, where there is a journal, and from a stop on. */
  #isTaking: boolean;
  #drain: Drain | null = null;
  #closing: Promise<Drained> | null = null;
  #unfinished = 0;
  #willTellPending = false;

  /** @throws RangeError for a policy out of bounds. */
  constructor(parts: PipelineParts<Client>) {
    const hasJournal = parts.journal !== undefined;
    const policy = resolveDeliveryPolicy(parts.policy, hasJournal);
    const { clock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#policy = policy;
    const { retentionMs } = parts.journal ?? {};
    this.#retentionMs = resolveJournalPolicy(retentionMs === undefined ? {} : { retentionMs }).retentionMs;
    this.#contentKeysOf = parts.contentKeysOf ?? contentKeysOf;
    this.#reporter = new Reporter(clock, parts.report);
    this.#acks = new Acks(clock, this.#reporter);
    this.#intake = new Intake(clock, this.#reporter, this.#acks);
    const { dispatcher, contextOf, trace = untraced } = parts;
    this.#runner = new EventRunner({ clock, dispatcher, contextOf, trace, policy });
    const { deduplicationMaxCount: maxCount, deduplicationMaxAgeMs: maxAgeMs } = policy;
    this.#deduplication = new Deduplication({ maxCount, maxAgeMs });
    this.#memoryWay = new MemoryWay({
      clock,
      policy,
      // Callbacks have places of their own: a queue of events must not cost a user the answer to a click.
      capacity: hasJournal ? Math.min(policy.maxPending, DELIVERY_DEFAULTS.maxPending) : policy.maxPending,
      reporter: this.#reporter,
      acks: this.#acks,
      deduplication: this.#deduplication,
      runner: this.#runner,
      durable: hasJournal ? this.#durableMemory() : null,
      taken: parts.taken ?? ignored,
      changed: () => this.#changed(),
    });
    this.#isTaking = !hasJournal;
  }

  /** Takes a data frame of a Session. Handlers run later: no code of theirs is called in here. */
  readonly receive: Receive = (frame, session, at) => {
    if (!this.#isTaking) {
      this.#drop('stopping', null, this.#drain === null ? 'it came before the start' : 'it came after stop');
      return;
    }
    const taken = this.#intake.take(frame, session, at);
    if (taken !== null) this.#accept(taken.arrival, taken.envelope, taken.payload);
  };

  /**
   * Takes an event that no socket brought: one that catch-up found in history. There is no ack; what became of it is
   * told by the promise, see {@link Fate}.
   * @param source An Envelope, or the JSON of one.
   * @throws EnvelopeError (as a rejection) for what is no event.
   */
  async feed(source: Envelope | Uint8Array, _options: { readonly source: 'catchup' }): Promise<Fate> {
    const isBytes = source instanceof Uint8Array;
    const payload = isBytes ? source : new TextEncoder().encode(JSON.stringify(source.raw));
    const envelope = isBytes ? parseEnvelope(source) : source;
    return new Promise((settle) => {
      const at = { now: this.#clock.now(), wallNow: this.#clock.wallNow() };
      const arrival: Arrival = { at, origin: { by: 'feed', settle } };
      if (this.#isTaking) this.#accept(arrival, envelope, payload);
      else settle('refused');
    });
  }

  /**
   * Opens the journal and reads what an earlier process left in it; does nothing without one, or if it is open.
   * Nothing runs and nothing is taken before {@link start}.
   * @throws StoreError if the journal cannot be used; nothing is open then.
   */
  async open(): Promise<void> {
    const { journal } = this.#parts;
    if (journal === undefined || this.#open !== null) return;
    this.#opening ??= this.#openJournal(journal).finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  /**
   * Takes work, also again after a {@link stop} that has ended; what was handled before stays known. A new pipeline
   * without a journal takes work from the start, and for one that runs this does nothing.
   * @throws Error while a stop is under way, or if there is a journal and it is not open.
   */
  start(): void {
    if (this.#isTaking) return;
    if (this.#busyCount() > 0) throw new Error('a stop is under way: await it before the next start');
    if (this.#parts.journal !== undefined && (this.#open === null || this.#closing !== null)) {
      throw new Error('open the journal before the start');
    }
    this.#drain = null;
    this.#unfinished = 0;
    this.#isTaking = true;
    this.#memoryWay.start();
    if (this.#open === null) return;
    this.#open.way.start(this.#open.recovered);
    this.#open.recovered = [];
  }

  /**
   * Takes no new work, waits for the handlers that run, and aborts those that have not settled after `drainMs`. Frames
   * that come from now on get no ack: the platform pushes them again, to another connection or to our successor. What is
   * unfinished stays in the journal, which is closed last. A further call sets a new limit, from then on.
   * @returns How many deliveries were given up. No timer is left then.
   */
  stop({ drainMs }: { readonly drainMs: number }): Promise<Drained> {
    const drain = this.#drain ?? this.#beginDrain();
    drain.limitTo(drainMs);
    this.#endDrain();
    if (this.#parts.journal === undefined) return drain.drained;
    this.#closing ??= drain.drained.then(async (drained) => {
      await this.#closeJournal();
      return drained;
    });
    return this.#closing;
  }

  /**
   * The dead letters.
   * @throws Error without a journal, or while it is not open.
   */
  get deadLetters(): DeadLetters {
    if (this.#open !== null) return this.#open.deadLetters;
    const why = this.#parts.journal === undefined ? 'without a journal there are none' : 'the journal is not open';
    throw new Error(`no dead letters: ${why}`);
  }

  /**
   * Whether an event with this content key, such as `message:<message_id>`, came before, by whatever way; under way
   * counts.
   */
  knows(key: string): boolean {
    return (
      this.#memoryWay.knows(key) || (this.#open !== null && this.#open.journal.recall(idsOf(null, [key])) !== null)
    );
  }

  snapshot(): PipelineSnapshot {
    const ways = this.#ways();
    return {
      ...this.#pending(),
      abandonedCount: ways.reduce((count, way) => count + way.abandonedCount, 0),
      openMessageCount: this.#intake.openCount,
      rememberedCount: this.#deduplication.size + (this.#open?.journal.rememberedCount ?? 0),
      reportFailureCount: this.#reporter.failureCount,
      isStopping: this.#drain !== null,
      deadLetterCount: this.#open?.journal.deadLetterCount ?? 0,
      journal: this.#parts.journal === undefined ? null : (this.#open?.journal.snapshot() ?? this.#journalSnapshot),
    };
  }

  #accept(arrival: Arrival, envelope: Envelope, payload: Uint8Array): void {
    const { id: eventId, type: eventType } = envelope;
    const { origin, at } = arrival;
    const kind = kindOf(eventType);
    const way: Way = kind === 'event' && this.#open !== null ? this.#open.way : this.#memoryWay;
    const fresh = eventOf(envelope, origin.by === 'feed' ? 'catchup' : 'push', at.wallNow);
    const contentKeys = this.#contentKeysOf(fresh);
    const known = way.recall(eventId, contentKeys, at.now);
    const event = this.#placed(fresh, known.is !== 'news', at.wallNow);
    const whole = new EventArrival(arrival, event, payload.length, contentKeys);
    const { source, ageMs } = event;
    this.#reporter.tell(
      { type: 'event_received', eventType, eventId, source, ageMs, payloadBytes: payload.length },
      at,
    );
    this.#parts.arrived?.(event, at);
    // Asked again, as whoever was just told of the event may have called stop.
    if (!this.#isTaking) {
      this.#refuse(whole, 'stopping', 'stop came while it was taken in');
      return;
    }
    switch (known.is) {
      case 'finished':
        this.#reporter.tell({ type: 'duplicate', eventType, eventId, of: 'finished' });
        if (origin.by === 'feed') origin.settle('known');
        else this.#acks.send(arrival, { code: 200, answer: known.answer }, { kind, eventType, eventId });
        return;
      case 'in_flight':
        way.attach(whole);
        return;
      case 'news':
        this.#admit(way, whole, payload, known.attempts);
    }
  }

  #admit(way: Way, arrival: EventArrival, payload: Uint8Array, attempts: number): void {
    const { event } = arrival;
    const { maxAgeMs, staleEvents } = this.#policy;
    if (!this.#runner.handles(event.type)) {
      // 200, since a repeat would find no handler either; the platform would only repeat it, and hold back what it
      // delivers in order after this event.
      this.#dismiss(arrival, 'no_handler', 'nobody registered for this type');
      return;
    }
    if (event.isStale && staleEvents === 'drop') {
      this.#dismiss(arrival, 'too_old', `older than ${maxAgeMs} ms when it arrived`);
      return;
    }
    const refusal = way.refusal();
    if (refusal !== null) {
      this.#refuse(arrival, 'overloaded', refusal);
      return;
    }
    way.take(arrival, payload, attempts);
  }

  /** The event with its source and its age told. */
  #placed(event: FeishuEvent, isKnown: boolean, wallNow: number): FeishuEvent {
    const source = event.source === 'push' ? sourceOf(isKnown, event.ageMs) : event.source;
    const stale = kindOf(event.type) === 'event' && isStale(event, wallNow, wallNow, this.#policy.maxAgeMs);
    return source === event.source && !stale ? event : { ...event, source, isStale: stale };
  }

  /** Done with, and nobody handled it. */
  #dismiss(arrival: EventArrival, reason: DropReason, detail: string): void {
    const { id: eventId, type: eventType } = arrival.event;
    this.#drop(reason, eventType, detail);
    this.#acks.send(arrival, TAKEN, { kind: kindOf(eventType), eventType, eventId });
  }

  /** Not taken: no ack, so that it comes again. */
  #refuse({ event, origin }: EventArrival, reason: DropReason, detail: string): void {
    this.#drop(reason, event.type, detail);
    if (origin.by === 'feed') origin.settle('refused');
  }

  #drop(reason: DropReason, eventType: string | null, detail: string): void {
    this.#reporter.tell({ type: 'dropped', reason, eventType, detail });
  }

  async #openJournal(source: JournalSource): Promise<void> {
    await this.#closing;
    const startedAt = this.#clock.now();
    const store = await source.open();
    this.#closing = null;
    try {
      this.#open = this.#opened(store, startedAt);
    } catch (error) {
      // What is wrong with a store that cannot be read matters more than that it cannot be closed either.
      await store.close().catch(() => {});
      throw error;
    }
  }

  #opened(store: Store, startedAt: number): OpenJournal {
    const clock = this.#clock;
    const reporter = this.#reporter;
    const journal = new Journal({ store, clock, reporter, retentionMs: this.#retentionMs });
    const recovered = journal.open(startedAt);
    const way = new JournalWay({
      clock,
      random: this.#parts.random ?? (() => 0.5),
      policy: this.#policy,
      reporter,
      acks: this.#acks,
      runner: this.#runner,
      journal,
      traceparentOf: this.#parts.traceparentOf ?? (() => null),
      taken: this.#parts.taken ?? ignored,
      changed: () => this.#changed(),
    });
    const deadLetters = new DeadLetters({ store, journal, reporter, revive: way.revive });
    return { journal, way, deadLetters, recovered };
  }

  async #closeJournal(): Promise<void> {
    const { journal } = this.#open ?? {};
    await journal?.close();
    this.#journalSnapshot = journal?.snapshot() ?? CLOSED;
    this.#open = null;
  }

  /** Callbacks are remembered in the journal too, so that a copy after a restart is not handled again. */
  #durableMemory(): DurableMemory {
    return {
      knows: (eventId, contentKeys) => this.#open?.journal.recall(idsOf(eventId, contentKeys)) === 'finished',
      remember: (eventId, contentKeys) => this.#open?.journal.remember(idsOf(eventId, contentKeys)),
    };
  }

  #beginDrain(): Drain {
    // Set before anything is told: a sink may call stop.
    const drain = new Drain(this.#clock, () => this.#giveUp());
    this.#drain = drain;
    this.#isTaking = false;
    this.#intake.close();
    for (const way of this.#ways()) way.drain();
    return drain;
  }

  #giveUp(): void {
    this.#unfinished = this.#busyCount();
    for (const way of this.#ways()) way.giveUp();
    this.#endDrain();
  }

  #endDrain(): void {
    if (this.#busyCount() === 0) this.#drain?.end(this.#unfinished);
  }

  #changed(): void {
    if (this.#drain !== null) {
      // Whoever awaits the stop has heard of the last one.
      this.#willTellPending = true;
      this.#tellPending();
      this.#endDrain();
      return;
    }
    if (this.#willTellPending) return;
    // Once for all that change in this turn: what comes in one read of a socket is some fifty events.
    this.#willTellPending = true;
    void SOON.then(() => this.#tellPending());
  }

  #tellPending(): void {
    if (!this.#willTellPending) return;
    this.#willTellPending = false;
    this.#reporter.tell({ type: 'pending', ...this.#pending() });
  }

  #pending(): { depth: number; capacity: number; oldestWallMs: number } {
    let depth = 0;
    let oldestWallMs = 0;
    for (const { depth: waiting, oldestWallAt } of this.#ways()) {
      depth += waiting;
      if (oldestWallAt > 0 && (oldestWallMs === 0 || oldestWallAt < oldestWallMs)) oldestWallMs = oldestWallAt;
    }
    return { depth, capacity: this.#policy.maxPending, oldestWallMs };
  }

  #busyCount(): number {
    return this.#ways().reduce((count, way) => count + way.busyCount, 0);
  }

  #ways(): readonly Way[] {
    return this.#open === null ? [this.#memoryWay] : [this.#memoryWay, this.#open.way];
  }
}

function ignored(): void {}
