import { type Backoff, backoffMs, type Clock, type Random, type StoreChange } from '../ports/index.js';
import { type Envelope, EnvelopeError, parseEnvelope } from '../wire/index.js';
import { type Acks, TAKEN } from './acks.js';
import { agedTo, isStale } from './age.js';
import { attemptOf, type EventArrival } from './arrival.js';
import { ReplayRefused } from './dead-letters.js';
import { NO_HANDLER } from './dispatcher.js';
import { eventOf, type FeishuEvent } from './event.js';
import type { Result, Runner } from './event-run.js';
import { idsOf } from './ids.js';
import type { Journal } from './journal.js';
import type { Entry } from './journal-entry.js';
import { type Lane, Lanes } from './lanes.js';
import { Line } from './line.js';
import { WAITING_MAX } from './memory-way.js';
import { laneKeyOf } from './order.js';
import { type DeliveryPolicy, deadlineOf } from './policy.js';
import { refusalOf } from './refusal.js';
import type { DeadLetterReason } from './report.js';
import type { Reporter } from './reporter.js';
import { Residents } from './residents.js';
import { HandlerError, type RunEnd } from './run.js';
import { Suspects } from './suspects.js';
import type { Unfinished } from './unfinished.js';
import type { Known, Way } from './way.js';
import { WAITING, Work } from './work.js';

export interface JournalWayParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: DeliveryPolicy;
  readonly reporter: Reporter;
  readonly acks: Acks;
  readonly runner: Runner;
  readonly journal: Journal;
  readonly traceparentOf: (eventId: string) => string | null;
  /** An event that came is durable. */
  readonly taken: (event: FeishuEvent) => void;
  /** The number of deliveries, or of those that a stop waits for, has changed. */
  readonly changed: () => void;
}

/** Payload on its way to the disk at most: a disk that hangs must not fill the memory. */
const APPENDING_MAX_BYTES = 64 * 1024 * 1024;

/** A store that does not give an event that was acked is asked again, for ever: nobody else will send it a second time. */
const READ_RETRY: Backoff = { initialMs: 1_000, maxMs: 60_000, factor: 2, jitter: 'equal' };

/** Even a `RetryLater` that says 0 is no loop; and no timer of more than a day. */
const POSTPONE_MIN_MS = 100;
const POSTPONE_MAX_MS = 86_400_000;

/**
 * Journal first, then ack, then handler: an event is acked as soon as it is durable, waits in its lane, and runs until it
 * is handled or a dead letter. A stop leaves what is unfinished in the journal, and so does a crash.
 */
export class JournalWay implements Way {
  readonly #parts: JournalWayParts;
  readonly #lanes: Lanes<Work>;
  readonly #works = new Line<Work>();
  readonly #suspects = new Suspects();
  readonly #residents = new Residents();
  #appendingCount = 0;
  #appendingBytes = 0;
  #activeCount = 0;
  #abandonedCount = 0;
  #isPumping = false;
  #isDraining = false;
  #hasGivenUp = false;

  constructor(parts: JournalWayParts) {
    this.#parts = parts;
    this.#lanes = new Lanes(parts.policy.concurrency);
  }

  get depth(): number {
    return this.#parts.journal.depth;
  }

  get oldestWallAt(): number {
    return this.#parts.journal.oldestWallAt;
  }

  get abandonedCount(): number {
    return this.#abandonedCount;
  }

  get busyCount(): number {
    return this.#hasGivenUp ? 0 : this.#appendingCount + this.#activeCount;
  }

  /** Runs what an earlier process left, in order, before anything newer of the same lane. */
  start(recovered: readonly Unfinished[]): void {
    for (const unfinished of recovered) this.#queue(this.#adopt(unfinished, 0));
    this.#pump();
    this.#parts.changed();
  }

  recall(eventId: string, contentKeys: readonly string[]): Known {
    const found = this.#parts.journal.recall(idsOf(eventId, contentKeys));
    if (found === null) return { is: 'news', attempts: 0 };
    return found === 'finished' ? { is: 'finished', answer: null } : { is: 'in_flight' };
  }

  refusal(): string | null {
    const { journal, policy } = this.#parts;
    if (journal.depth >= policy.maxPending) return `${journal.depth} deliveries are unfinished`;
    if (this.#appendingBytes >= APPENDING_MAX_BYTES)
      return `${this.#appendingBytes} bytes are on their way to the disk`;
    return journal.isBehind ? 'the journal does not keep up with what was handled' : null;
  }

  take(arrival: EventArrival, payload: Uint8Array): void {
    const { event, at, contentKeys } = arrival;
    const { policy, traceparentOf } = this.#parts;
    const header = {
      eventId: event.id,
      eventType: event.type,
      source: event.source,
      arrivedWallAt: at.wallNow,
      laneKey: laneKeyOf(event, policy.orderBy),
      contentKeys,
      traceparent: traceparentOf(event.id),
      isReplayed: false,
    };
    const work = this.#append({ header, payload }, attemptOf(arrival));
    work.event = event;
    work.waiting = [arrival];
    this.#parts.changed();
  }

  /** A copy of one that is durable is acked at once; else it waits for the same commit, on its own Session. */
  attach(arrival: EventArrival): void {
    const { journal, reporter, acks } = this.#parts;
    const { id: eventId, type: eventType } = arrival.event;
    const found = journal.recall(idsOf(eventId, arrival.contentKeys));
    const work = typeof found === 'object' && found !== null ? found.work : null;
    const isDurable = work === null || work.unfinished.isDurable;
    if (!isDurable && work.waiting.length >= WAITING_MAX) {
      const detail = `${work.waiting.length} copies of event ${eventId} wait already`;
      reporter.tell({ type: 'dropped', reason: 'overloaded', eventType, detail });
      if (arrival.origin.by === 'feed') arrival.origin.settle('refused');
      return;
    }
    reporter.tell({ type: 'duplicate', eventType, eventId, of: 'in_flight' });
    if (!isDurable) work.waiting = [...work.waiting, arrival];
    else if (arrival.origin.by === 'feed') arrival.origin.settle('known');
    else acks.send(arrival, TAKEN, { kind: 'event', eventType, eventId });
  }

  /** Takes a dead letter again. Rejects with ReplayRefused, or with what the journal fails with. */
  readonly revive = (entry: Entry, alongside: readonly StoreChange[]): Promise<void> => {
    const refusal = this.#isDraining ? 'a stop is under way' : this.refusal();
    if (refusal !== null) return Promise.reject(new ReplayRefused(`the event cannot be replayed now: ${refusal}`));
    return new Promise((resolve, reject) => {
      this.#append(entry, 0, alongside, (error) => (error === null ? resolve() : reject(error)));
      this.#parts.changed();
    });
  };

  drain(): void {
    this.#isDraining = true;
    for (const { stage } of this.#works.items()) if (stage.is === 'held') stage.retry.cancel();
  }

  giveUp(): void {
    for (const { stage } of this.#works.items()) {
      if (stage.is === 'running') stage.run.abort();
      else if (stage.is === 'abandoned') stage.window.cancel();
    }
    this.#hasGivenUp = true;
    this.#parts.changed();
  }

  #append(
    entry: Entry,
    connectionAttempt: number,
    alongside: readonly StoreChange[] = [],
    told: (error: Error | null) => void = () => {},
  ): Work {
    const { journal, clock } = this.#parts;
    const askedAt = clock.now();
    const payloadBytes = entry.payload.length;
    const unfinished = journal.append(
      entry,
      (error) => {
        this.#appendingCount -= 1;
        this.#appendingBytes -= payloadBytes;
        if (error === null) this.#appended(work, askedAt);
        else this.#refused(work);
        told(error);
      },
      alongside,
    );
    const work = this.#adopt(unfinished, connectionAttempt);
    this.#appendingCount += 1;
    this.#appendingBytes += payloadBytes;
    return work;
  }

  #adopt(unfinished: Unfinished, connectionAttempt: number): Work {
    const work = new Work(unfinished, connectionAttempt);
    unfinished.work = work;
    this.#works.push(work);
    return work;
  }

  #appended(work: Work, askedAt: number): void {
    const { reporter, clock, acks, taken } = this.#parts;
    const { eventId, eventType } = work.unfinished.header;
    reporter.tell({ type: 'journaled', eventType, eventId, durationMs: clock.now() - askedAt });
    for (const arrival of work.release()) acks.send(arrival, TAKEN, { kind: 'event', eventType, eventId });
    // A dead letter that is replayed comes without its event: it was taken long ago.
    if (work.event !== null) taken(work.event);
    if (this.#isDraining) {
      this.#parts.changed();
      return;
    }
    this.#queue(work);
    this.#pump();
  }

  #refused(work: Work): void {
    const { eventId, eventType } = work.unfinished.header;
    this.#forget(work);
    for (const arrival of work.release()) {
      this.#parts.acks.withhold(arrival, { kind: 'event', eventType, eventId });
    }
    this.#parts.changed();
  }

  #forget(work: Work): void {
    this.#works.remove(work);
    work.unfinished.work = null;
  }

  #queue(work: Work): void {
    this.#residents.admit(work);
    this.#lanes.add(work.unfinished.header.laneKey, work);
  }

  #pump(): void {
    // What runs to its end at once, such as a stale event, comes by here again from within the loop.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#isDraining) {
      const lane = this.#lanes.next();
      const work = lane?.items.first;
      if (!lane || !work) break;
      this.#begin(work, lane);
    }
    this.#isPumping = false;
  }

  #begin(work: Work, lane: Lane<Work>): void {
    const { unfinished } = work;
    const { policy, clock, journal } = this.#parts;
    if (work.isHandled) {
      this.#leave(work, lane);
      return;
    }
    if (work.death !== null) {
      this.#bury(work, lane, work.death.reason, work.death.detail);
      return;
    }
    // Here, not where it was counted: only what was read back after a crash can have used up its attempts unseen.
    if (unfinished.failures >= policy.maxAttempts) {
      this.#bury(work, lane, 'attempts', 'the process ended while its handler ran');
      return;
    }
    const event = this.#eventOf(work);
    if (event === null) {
      this.#leaveUnread(work, lane);
      return;
    }
    work.failedReads = 0;
    const { header } = unfinished;
    const stale = isStale(event, header.arrivedWallAt, clock.wallNow(), policy.maxAgeMs);
    if (stale && !header.isReplayed && policy.staleEvents !== 'tag') {
      if (policy.staleEvents === 'hold') {
        this.#bury(work, lane, 'held', `older than ${policy.maxAgeMs} ms`);
        return;
      }
      this.#drop(work, lane, 'too_old', `older than ${policy.maxAgeMs} ms when its turn came`);
      return;
    }
    if (!this.#parts.runner.handles(event.type)) {
      this.#drop(work, lane, 'no_handler', 'nobody is registered for this type any more');
      return;
    }
    if (unfinished.suspicion === 'marked' && !this.#suspects.enter(work, lane)) {
      this.#lanes.hold(lane);
      return;
    }
    this.#activeCount += 1;
    const aged = agedTo(event, clock.wallNow(), stale);
    if (unfinished.suspicion === 'none') {
      this.#run(work, lane, aged);
      return;
    }
    work.stage = { is: 'marking' };
    journal.markBegun(unfinished, () => {
      if (!this.#isDraining && !work.isHandled) {
        this.#run(work, lane, aged);
        return;
      }
      this.#rest(work);
      // An older run of it has succeeded meanwhile, late.
      if (work.isHandled) this.#leave(work, lane);
    });
  }

  #run(work: Work, lane: Lane<Work>, event: FeishuEvent): void {
    const { unfinished } = work;
    const { header, payloadBytes } = unfinished;
    unfinished.runs += 1;
    const attempt = unfinished.runs;
    const run = this.#parts.runner.start({
      event,
      attempt,
      connectionAttempt: work.connectionAttempt,
      payloadBytes,
      traceparent: unfinished.isRecovered || header.isReplayed ? header.traceparent : null,
      ended: (end) => this.#ended(work, lane, attempt, end),
      settledLate: (late) => this.#settledLate(work, lane, attempt, late),
    });
    work.stage = { is: 'running', run };
  }

  #ended(work: Work, lane: Lane<Work>, attempt: number, { result, error, durationMs }: RunEnd<Result>): void {
    const { reporter, journal, clock, policy } = this.#parts;
    const { eventType, eventId } = work.unfinished.header;
    if (result === NO_HANDLER) {
      this.#rest(work);
      this.#drop(work, lane, 'no_handler', 'its handler is gone since it arrived');
      return;
    }
    const failure = error?.failure ?? null;
    const detail = error?.message ?? '';
    reporter.tell({ type: 'handler_finished', eventType, eventId, durationMs, attempt, failure, detail });
    if (error === null || work.isHandled) {
      this.#rest(work);
      this.#finish(work, lane);
    } else if (failure === 'aborted') {
      // It stays in the journal, and the next process tells its handler that it ran before.
      journal.noteProgress(work.unfinished);
      this.#rest(work);
    } else if (failure === 'timeout') {
      // The handler was told to end. Until it does, or a further deadline has passed, a second run would work beside it;
      // meanwhile its lane waits, but its slot is free for others.
      const window = clock.timer(deadlineOf('event', policy), () => this.#closeWindow(work, lane, error));
      work.stage = { is: 'abandoned', window };
      this.#abandonedCount += 1;
      this.#lanes.hold(lane);
      this.#pump();
    } else {
      this.#rest(work);
      this.#failed(work, lane, error);
    }
  }

  #closeWindow(work: Work, lane: Lane<Work>, error: HandlerError): void {
    this.#rest(work);
    this.#failed(work, lane, error);
  }

  #settledLate(work: Work, lane: Lane<Work>, attempt: number, late: { readonly result: Result } | null): void {
    const { unfinished, stage } = work;
    if (this.#hasGivenUp || unfinished.work === null) return;
    if (late === null || late.result === NO_HANDLER) {
      if (stage.is !== 'abandoned' || unfinished.runs !== attempt) return;
      stage.window.cancel();
      this.#closeWindow(work, lane, new HandlerError('timeout', 'the handler failed after its deadline'));
      return;
    }
    if (stage.is === 'abandoned') {
      stage.window.cancel();
      this.#rest(work);
      this.#finish(work, lane);
      return;
    }
    // A newer run is on, or about to be. It ends for nobody; the event is handled.
    work.isHandled = true;
    this.#parts.journal.finish(unfinished);
    if (stage.is !== 'held') return;
    stage.retry.cancel();
    this.#leave(work, lane);
  }

  #failed(work: Work, lane: Lane<Work>, error: HandlerError): void {
    const { unfinished } = work;
    const { journal, policy, reporter, clock, random } = this.#parts;
    const { eventType, eventId } = unfinished.header;
    const refusal = refusalOf(error.cause);
    let delayMs: number;
    if (refusal?.is === 'later') {
      unfinished.postponements += 1;
      const asked = refusal.afterMs ?? backoffMs(policy.retry, unfinished.postponements, random());
      delayMs = Math.min(POSTPONE_MAX_MS, Math.max(POSTPONE_MIN_MS, asked));
      // A mark says that a run is on; it must not stand there while none is.
      if (unfinished.suspicion !== 'none') journal.noteProgress(unfinished);
    } else {
      unfinished.failures += 1;
      unfinished.postponements = 0;
      if (refusal?.is === 'never') {
        this.#bury(work, lane, 'undeliverable', error.message);
        return;
      }
      if (unfinished.failures >= policy.maxAttempts) {
        this.#bury(work, lane, 'attempts', error.message);
        return;
      }
      journal.noteProgress(unfinished);
      delayMs = backoffMs(policy.retry, unfinished.failures, random());
    }
    if (this.#isDraining) {
      this.#parts.changed();
      return;
    }
    this.#hold(work, lane, clock, delayMs);
    const isCounted = refusal === null;
    const attempt = unfinished.runs;
    reporter.tell({ type: 'retry_scheduled', eventType, eventId, attempt, delayMs, isCounted });
    this.#pump();
  }

  #finish(work: Work, lane: Lane<Work>): void {
    this.#parts.journal.finish(work.unfinished);
    this.#leave(work, lane);
  }

  #drop(work: Work, lane: Lane<Work>, reason: 'too_old' | 'no_handler', detail: string): void {
    const { eventType } = work.unfinished.header;
    this.#parts.reporter.tell({ type: 'dropped', reason, eventType, detail });
    this.#finish(work, lane);
  }

  #bury(work: Work, lane: Lane<Work>, reason: DeadLetterReason, detail: string): void {
    const { journal, reporter, clock } = this.#parts;
    const { unfinished } = work;
    const { eventType, eventId } = unfinished.header;
    const { failures: attempts } = unfinished;
    const isDead = journal.bury(unfinished, { reason, attempts, detail, wallAt: clock.wallNow() });
    if (!isDead) {
      work.death = { reason, detail };
      this.#leaveUnread(work, lane);
      return;
    }
    reporter.tell({ type: 'dead_lettered', eventType, eventId, reason, attempts, detail });
    this.#leave(work, lane);
  }

  /**
   * What is no entry was set aside by the journal, and is done with. What the store did not give, which was told, is
   * asked for again; its lane waits, so that the order stays.
   */
  #leaveUnread(work: Work, lane: Lane<Work>): void {
    const { journal, clock, random } = this.#parts;
    if (!journal.has(work.unfinished)) {
      this.#leave(work, lane);
      return;
    }
    if (this.#isDraining) {
      this.#parts.changed();
      return;
    }
    work.failedReads += 1;
    this.#hold(work, lane, clock, backoffMs(READ_RETRY, work.failedReads, random()));
    // Its slot is free for another lane.
    this.#pump();
  }

  /** It has its turn again after a while; so have those behind it. */
  #hold(work: Work, lane: Lane<Work>, clock: Clock, delayMs: number): void {
    const retry = clock.timer(delayMs, () => {
      work.stage = WAITING;
      this.#lanes.resume(lane);
      this.#pump();
    });
    work.stage = { is: 'held', retry };
    this.#lanes.hold(lane);
  }

  /** The run, or what stood for it, is over. */
  #rest(work: Work): void {
    if (work.stage.is === 'abandoned') this.#abandonedCount -= 1;
    work.stage = WAITING;
    this.#activeCount -= 1;
    const next = this.#suspects.leave(work);
    if (next !== null) this.#lanes.resume(next);
    if (this.#isDraining) this.#parts.changed();
  }

  /** Nothing is left to do for it here: the next of its lane has its turn. */
  #leave(work: Work, lane: Lane<Work>): void {
    this.#residents.take(work);
    this.#forget(work);
    this.#lanes.pass(lane);
    const next = this.#suspects.leave(work);
    if (next !== null) this.#lanes.resume(next);
    this.#parts.changed();
    this.#pump();
  }

  /** The event itself: at hand, or read back. Null if it cannot be read; the journal has dealt with it then. */
  #eventOf(work: Work): FeishuEvent | null {
    const atHand = this.#residents.take(work);
    if (atHand !== null) return atHand;
    const { journal, clock } = this.#parts;
    const { unfinished } = work;
    const entry = journal.read(unfinished);
    if (entry === null) return null;
    const envelope = envelopeOf(entry.payload);
    if (!(envelope instanceof EnvelopeError)) return eventOf(envelope, unfinished.header.source, clock.wallNow());
    journal.setAside(unfinished, envelope.message);
    return null;
  }
}

function envelopeOf(payload: Uint8Array): Envelope | EnvelopeError {
  try {
    return parseEnvelope(payload);
  } catch (error) {
    if (error instanceof EnvelopeError) return error;
    throw error;
  }
}
