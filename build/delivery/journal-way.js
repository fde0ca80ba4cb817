import { backoffMs } from '../ports/index.js';
import { EnvelopeError, parseEnvelope } from '../wire/index.js';
import { TAKEN } from './acks.js';
import { agedTo, isStale } from './age.js';
import { attemptOf } from './arrival.js';
import { ReplayRefused } from './dead-letters.js';
import { NO_HANDLER } from './dispatcher.js';
import { eventOf } from './event.js';
import { Lanes } from './lanes.js';
import { WAITING_MAX } from './memory-way.js';
import { laneKeyOf } from './order.js';
import { deadlineOf } from './policy.js';
import { refusalOf } from './refusal.js';
import { Residents } from './residents.js';
import { HandlerError } from './run.js';
import { Suspects } from './suspects.js';
import { keysOf } from './unfinished.js';
import { WAITING, workOf } from './work.js';
/** Payload on its way to the disk at most: a disk that hangs must not fill the memory. */
const APPENDING_MAX_BYTES = 64 * 1024 * 1024;
/** Even a `RetryLater` that says 0 is no loop; and no timer of more than a day. */
const POSTPONE_MIN_MS = 100;
const POSTPONE_MAX_MS = 86_400_000;
/**
 * Journal first, then ack, then handler: an event is acked as soon as it is durable, waits in its lane, and runs until it
 * is handled or a dead letter. A stop leaves what is unfinished in the journal, and so does a crash.
 */
export class JournalWay {
    #parts;
    #lanes;
    #works = new Map();
    #suspects = new Suspects();
    #residents = new Residents();
    #appendingCount = 0;
    #appendingBytes = 0;
    #activeCount = 0;
    #abandonedCount = 0;
    #isPumping = false;
    #isDraining = false;
    #hasGivenUp = false;
    constructor(parts) {
        this.#parts = parts;
        this.#lanes = new Lanes(parts.policy.concurrency);
    }
    get depth() {
        return this.#parts.journal.depth;
    }
    get oldestWallAt() {
        return this.#parts.journal.oldestWallAt;
    }
    get abandonedCount() {
        return this.#abandonedCount;
    }
    get busyCount() {
        return this.#hasGivenUp ? 0 : this.#appendingCount + this.#activeCount;
    }
    /** Runs what an earlier process left, in order, before anything newer of the same lane. */
    start(recovered) {
        for (const unfinished of recovered)
            this.#queue(this.#adopt(unfinished, 0));
        this.#pump();
        this.#parts.changed();
    }
    recall(event) {
        const found = this.#parts.journal.recall(this.#keysOf(event));
        if (found === null)
            return { is: 'news', attempts: 0 };
        if (found === 'unreadable')
            return { is: 'unreadable' };
        return found === 'finished' ? { is: 'finished', answer: null } : { is: 'in_flight' };
    }
    refusal() {
        const { journal, policy } = this.#parts;
        if (journal.depth >= policy.maxPending)
            return `${journal.depth} deliveries are unfinished`;
        if (this.#appendingBytes >= APPENDING_MAX_BYTES)
            return `${this.#appendingBytes} bytes are on their way to the disk`;
        return journal.isBehind ? 'the journal does not keep up with what was handled' : null;
    }
    take(arrival, payload) {
        const { event, at } = arrival;
        const { policy, contentKeysOf, traceparentOf } = this.#parts;
        const header = {
            eventId: event.id,
            eventType: event.type,
            source: event.source,
            arrivedWallAt: at.wallNow,
            laneKey: laneKeyOf(event, policy.orderBy),
            contentKeys: contentKeysOf(event),
            traceparent: traceparentOf(event.id),
            isReplayed: false,
        };
        const work = this.#append({ header, payload }, attemptOf(arrival));
        work.event = event;
        work.waiting.push(arrival);
        this.#parts.changed();
    }
    /** A copy of one that is durable is acked at once; else it waits for the same commit, on its own Session. */
    attach(arrival) {
        const { journal, reporter, acks } = this.#parts;
        const { id: eventId, type: eventType } = arrival.event;
        const found = journal.recall(this.#keysOf(arrival.event));
        const work = typeof found === 'object' && found !== null ? this.#works.get(found.seq) : undefined;
        const isDurable = work === undefined || work.unfinished.isDurable;
        if (!isDurable && work.waiting.length >= WAITING_MAX) {
            const detail = `${work.waiting.length} copies of event ${eventId} wait already`;
            reporter.tell({ type: 'dropped', reason: 'overloaded', eventType, detail });
            if (arrival.origin.by === 'feed')
                arrival.origin.settle('refused');
            return;
        }
        reporter.tell({ type: 'duplicate', eventType, eventId, of: 'in_flight' });
        if (!isDurable)
            work.waiting.push(arrival);
        else if (arrival.origin.by === 'feed')
            arrival.origin.settle('known');
        else
            acks.send(arrival, TAKEN, { kind: 'event', eventType, eventId });
    }
    /** Takes a dead letter again. Rejects with ReplayRefused, or with what the journal fails with. */
    revive = (entry, alongside) => {
        const refusal = this.#isDraining ? 'a stop is under way' : this.refusal();
        if (refusal !== null)
            return Promise.reject(new ReplayRefused(`the event cannot be replayed now: ${refusal}`));
        return new Promise((resolve, reject) => {
            this.#append(entry, 0, alongside, (error) => (error === null ? resolve() : reject(error)));
            this.#parts.changed();
        });
    };
    drain() {
        this.#isDraining = true;
        for (const { stage } of this.#works.values())
            if (stage.is === 'held')
                stage.retry.cancel();
    }
    giveUp() {
        for (const { stage } of [...this.#works.values()]) {
            if (stage.is === 'running')
                stage.run.abort();
            else if (stage.is === 'abandoned')
                stage.window.cancel();
        }
        this.#hasGivenUp = true;
        this.#parts.changed();
    }
    #append(entry, connectionAttempt, alongside = [], told = () => { }) {
        const { journal, clock } = this.#parts;
        const askedAt = clock.now();
        const payloadBytes = entry.payload.length;
        const unfinished = journal.append(entry, (error) => {
            this.#appendingCount -= 1;
            this.#appendingBytes -= payloadBytes;
            if (error === null)
                this.#appended(work, askedAt);
            else
                this.#refused(work);
            told(error);
        }, alongside);
        const work = this.#adopt(unfinished, connectionAttempt);
        this.#appendingCount += 1;
        this.#appendingBytes += payloadBytes;
        return work;
    }
    #adopt(unfinished, connectionAttempt) {
        const work = workOf(unfinished, connectionAttempt);
        this.#works.set(unfinished.seq, work);
        return work;
    }
    #appended(work, askedAt) {
        const { reporter, clock, acks, taken } = this.#parts;
        const { eventId, eventType } = work.unfinished.header;
        reporter.tell({ type: 'journaled', eventType, eventId, durationMs: clock.now() - askedAt });
        for (const arrival of work.waiting.splice(0))
            acks.send(arrival, TAKEN, { kind: 'event', eventType, eventId });
        // A dead letter that is replayed comes without its event: it was taken long ago.
        if (work.event !== null)
            taken(work.event);
        if (this.#isDraining) {
            this.#parts.changed();
            return;
        }
        this.#queue(work);
        this.#pump();
    }
    #refused(work) {
        const { eventId, eventType } = work.unfinished.header;
        this.#works.delete(work.unfinished.seq);
        for (const arrival of work.waiting.splice(0)) {
            this.#parts.acks.withhold(arrival, { kind: 'event', eventType, eventId });
        }
        this.#parts.changed();
    }
    #queue(work) {
        this.#residents.admit(work);
        this.#lanes.add(work.unfinished.header.laneKey, work);
    }
    #pump() {
        // What runs to its end at once, such as a stale event, comes by here again from within the loop.
        if (this.#isPumping)
            return;
        this.#isPumping = true;
        while (!this.#isDraining) {
            const lane = this.#lanes.next();
            const work = lane?.items.first;
            if (!lane || !work)
                break;
            this.#begin(work, lane);
        }
        this.#isPumping = false;
    }
    #begin(work, lane) {
        const { unfinished } = work;
        const { policy, clock, journal } = this.#parts;
        if (work.isHandled) {
            this.#leave(work, lane);
            return;
        }
        // Here, not where it was counted: only what was read back after a crash can have used up its attempts unseen.
        if (unfinished.failures >= policy.maxAttempts) {
            this.#bury(work, lane, 'attempts', 'the process ended while its handler ran');
            return;
        }
        const event = this.#eventOf(work);
        if (event === null) {
            this.#leave(work, lane);
            return;
        }
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
            if (work.isHandled)
                this.#leave(work, lane);
        });
    }
    #run(work, lane, event) {
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
    #ended(work, lane, attempt, { result, error, durationMs }) {
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
        }
        else if (failure === 'aborted') {
            // It stays in the journal, and the next process tells its handler that it ran before.
            journal.noteProgress(work.unfinished);
            this.#rest(work);
        }
        else if (failure === 'timeout') {
            // The handler was told to end. Until it does, or a further deadline has passed, a second run would work beside it;
            // meanwhile its lane waits, but its slot is free for others.
            const window = clock.timer(deadlineOf('event', policy), () => this.#closeWindow(work, lane, error));
            work.stage = { is: 'abandoned', window };
            this.#abandonedCount += 1;
            this.#lanes.hold(lane);
            this.#pump();
        }
        else {
            this.#rest(work);
            this.#failed(work, lane, error);
        }
    }
    #closeWindow(work, lane, error) {
        this.#rest(work);
        this.#failed(work, lane, error);
    }
    #settledLate(work, lane, attempt, late) {
        const { unfinished, stage } = work;
        if (this.#hasGivenUp || !this.#works.has(unfinished.seq))
            return;
        if (late === null || late.result === NO_HANDLER) {
            if (stage.is !== 'abandoned' || unfinished.runs !== attempt)
                return;
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
        if (stage.is !== 'held')
            return;
        stage.retry.cancel();
        this.#leave(work, lane);
    }
    #failed(work, lane, error) {
        const { unfinished } = work;
        const { journal, policy, reporter, clock, random } = this.#parts;
        const { eventType, eventId } = unfinished.header;
        const refusal = refusalOf(error.cause);
        let delayMs;
        if (refusal?.is === 'later') {
            unfinished.postponements += 1;
            const asked = refusal.afterMs ?? backoffMs(policy.retry, unfinished.postponements, random());
            delayMs = Math.min(POSTPONE_MAX_MS, Math.max(POSTPONE_MIN_MS, asked));
            // A mark says that a run is on; it must not stand there while none is.
            if (unfinished.suspicion !== 'none')
                journal.noteProgress(unfinished);
        }
        else {
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
        const retry = clock.timer(delayMs, () => {
            work.stage = WAITING;
            this.#lanes.resume(lane);
            this.#pump();
        });
        work.stage = { is: 'held', retry };
        this.#lanes.hold(lane);
        const isCounted = refusal === null;
        const attempt = unfinished.runs;
        reporter.tell({ type: 'retry_scheduled', eventType, eventId, attempt, delayMs, isCounted });
        this.#pump();
    }
    #finish(work, lane) {
        this.#parts.journal.finish(work.unfinished);
        this.#leave(work, lane);
    }
    #drop(work, lane, reason, detail) {
        const { eventType } = work.unfinished.header;
        this.#parts.reporter.tell({ type: 'dropped', reason, eventType, detail });
        this.#finish(work, lane);
    }
    #bury(work, lane, reason, detail) {
        const { journal, reporter, clock } = this.#parts;
        const { unfinished } = work;
        const { eventType, eventId } = unfinished.header;
        const { failures: attempts } = unfinished;
        const isDead = journal.bury(unfinished, { reason, attempts, detail, wallAt: clock.wallNow() });
        if (isDead)
            reporter.tell({ type: 'dead_lettered', eventType, eventId, reason, attempts, detail });
        this.#leave(work, lane);
    }
    /** The run, or what stood for it, is over. */
    #rest(work) {
        if (work.stage.is === 'abandoned')
            this.#abandonedCount -= 1;
        work.stage = WAITING;
        this.#activeCount -= 1;
        const next = this.#suspects.leave(work);
        if (next !== null)
            this.#lanes.resume(next);
        if (this.#isDraining)
            this.#parts.changed();
    }
    /** Nothing is left to do for it here: the next of its lane has its turn. */
    #leave(work, lane) {
        this.#residents.take(work);
        this.#works.delete(work.unfinished.seq);
        this.#lanes.pass(lane);
        const next = this.#suspects.leave(work);
        if (next !== null)
            this.#lanes.resume(next);
        this.#parts.changed();
        this.#pump();
    }
    /** The event itself: at hand, or read back. Null if it cannot be read; the journal has dealt with it then. */
    #eventOf(work) {
        const atHand = this.#residents.take(work);
        if (atHand !== null)
            return atHand;
        const { journal, clock } = this.#parts;
        const { unfinished } = work;
        const entry = journal.read(unfinished);
        if (entry === null)
            return null;
        const envelope = envelopeOf(entry.payload);
        if (!(envelope instanceof EnvelopeError))
            return eventOf(envelope, unfinished.header.source, clock.wallNow());
        journal.setAside(unfinished, envelope.message);
        return null;
    }
    #keysOf(event) {
        return keysOf(event.id, this.#parts.contentKeysOf(event));
    }
}
function envelopeOf(payload) {
    try {
        return parseEnvelope(payload);
    }
    catch (error) {
        if (error instanceof EnvelopeError)
            return error;
        throw error;
    }
}
