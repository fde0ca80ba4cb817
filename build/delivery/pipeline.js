import { parseEnvelope } from '../wire/index.js';
import { Acks, TAKEN } from './acks.js';
import { isStale, sourceOf } from './age.js';
import { contentKeysOf } from './content-keys.js';
import { DeadLetters } from './dead-letters.js';
import { Deduplication } from './deduplication.js';
import { Drain } from './drain.js';
import { eventOf } from './event.js';
import { EventRunner } from './event-run.js';
import { Intake } from './intake.js';
import { Journal } from './journal.js';
import { resolveJournalPolicy } from './journal-policy.js';
import { JournalWay } from './journal-way.js';
import { kindOf } from './kind.js';
import { MemoryWay } from './memory-way.js';
import { DELIVERY_DEFAULTS, resolveDeliveryPolicy } from './policy.js';
import { Reporter } from './reporter.js';
import { untraced } from './run.js';
import { keysOf } from './unfinished.js';
const CLOSED = Object.freeze({ isOpen: false, sizeBytes: 0, lastFailure: null });
/**
 * Brings events to their handlers and acks to the platform. The front is the same for all: fragments, envelope,
 * deduplication, admission. What happens then is one of two ways: with a journal an event is journaled, acked and then
 * handled ({@link JournalWay}); callbacks, and everything without a journal, are handled and then acked
 * ({@link MemoryWay}).
 */
export class Pipeline {
    #parts;
    #clock;
    #policy;
    #retentionMs;
    #reporter;
    #acks;
    #intake;
    #runner;
    #deduplication;
    #memoryWay;
    #contentKeysOf;
    #open = null;
    #opening = null;
    #journalSnapshot = CLOSED;
    /** False before the start, where there is a journal, and from a stop on. */
    #isTaking;
    #drain = null;
    #closing = null;
    #unfinished = 0;
    /** @throws RangeError for a policy out of bounds. */
    constructor(parts) {
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
            contentKeysOf: this.#contentKeysOf,
            taken: parts.taken ?? ignored,
            changed: () => this.#changed(),
        });
        this.#isTaking = !hasJournal;
    }
    /** Takes a data frame of a Session. Handlers run later: no code of theirs is called in here. */
    receive = (frame, session) => {
        if (!this.#isTaking) {
            this.#drop('stopping', null, this.#drain === null ? 'it came before the start' : 'it came after stop');
            return;
        }
        const taken = this.#intake.take(frame, session);
        if (taken !== null)
            this.#accept(taken.arrival, taken.envelope, taken.payload);
    };
    /**
     * Takes an event that no socket brought: one that catch-up found in history. There is no ack; what became of it is
     * told by the promise, see {@link Fate}.
     * @param source An Envelope, or the JSON of one.
     * @throws EnvelopeError (as a rejection) for what is no event.
     */
    async feed(source, _options) {
        const isBytes = source instanceof Uint8Array;
        const payload = isBytes ? source : new TextEncoder().encode(JSON.stringify(source.raw));
        const envelope = isBytes ? parseEnvelope(source) : source;
        return new Promise((settle) => {
            const at = { now: this.#clock.now(), wallNow: this.#clock.wallNow() };
            const arrival = { at, origin: { by: 'feed', settle } };
            if (this.#isTaking)
                this.#accept(arrival, envelope, payload);
            else
                settle('refused');
        });
    }
    /**
     * Opens the journal and reads what an earlier process left in it; does nothing without one, or if it is open.
     * Nothing runs and nothing is taken before {@link start}.
     * @throws StoreError if the journal cannot be used; nothing is open then.
     */
    async open() {
        const { journal } = this.#parts;
        if (journal === undefined || this.#open !== null)
            return;
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
    start() {
        if (this.#isTaking)
            return;
        if (this.#busyCount() > 0)
            throw new Error('a stop is under way: await it before the next start');
        if (this.#parts.journal !== undefined && (this.#open === null || this.#closing !== null)) {
            throw new Error('open the journal before the start');
        }
        this.#drain = null;
        this.#unfinished = 0;
        this.#isTaking = true;
        this.#memoryWay.start();
        this.#open?.way.start(this.#open.recovered);
    }
    /**
     * Takes no new work, waits for the handlers that run, and aborts those that have not settled after `drainMs`. Frames
     * that come from now on get no ack: the platform pushes them again, to another connection or to our successor. What is
     * unfinished stays in the journal, which is closed last. A further call sets a new limit, from then on.
     * @returns How many deliveries were given up. No timer is left then.
     */
    stop({ drainMs }) {
        const drain = this.#drain ?? this.#beginDrain();
        drain.limitTo(drainMs);
        this.#endDrain();
        if (this.#parts.journal === undefined)
            return drain.drained;
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
    get deadLetters() {
        if (this.#open !== null)
            return this.#open.deadLetters;
        const why = this.#parts.journal === undefined ? 'without a journal there are none' : 'the journal is not open';
        throw new Error(`no dead letters: ${why}`);
    }
    /**
     * Whether an event with this content key, such as `message:<message_id>`, came before, by whatever way; under way
     * counts. A journal that cannot be read knows everything: nothing can be proven missing then.
     */
    knows(key) {
        return this.#memoryWay.knows(key) || (this.#open !== null && this.#open.journal.recall([key]) !== null);
    }
    snapshot() {
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
    #accept(arrival, envelope, payload) {
        const { id: eventId, type: eventType } = envelope;
        const { origin, at } = arrival;
        const kind = kindOf(eventType);
        const way = kind === 'event' && this.#open !== null ? this.#open.way : this.#memoryWay;
        const fresh = eventOf(envelope, origin.by === 'feed' ? 'catchup' : 'push', at.wallNow);
        const known = way.recall(fresh);
        const event = this.#placed(fresh, known.is !== 'news', at.wallNow);
        const whole = { ...arrival, event, payloadBytes: payload.length };
        const { source, ageMs } = event;
        this.#reporter.tell({ type: 'event_received', eventType, eventId, source, ageMs, payloadBytes: payload.length });
        this.#parts.arrived?.(event);
        // Asked again, as whoever was just told of the event may have called stop.
        if (!this.#isTaking) {
            this.#refuse(whole, 'stopping', 'stop came while it was taken in');
            return;
        }
        switch (known.is) {
            case 'finished':
                this.#reporter.tell({ type: 'duplicate', eventType, eventId, of: 'finished' });
                if (origin.by === 'feed')
                    origin.settle('known');
                else
                    this.#acks.send(arrival, { code: 200, answer: known.answer }, { kind, eventType, eventId });
                return;
            case 'unreadable':
                this.#acks.withhold(arrival, { kind, eventType, eventId });
                return;
            case 'in_flight':
                way.attach(whole);
                return;
            case 'news':
                this.#admit(way, whole, payload, known.attempts);
        }
    }
    #admit(way, arrival, payload, attempts) {
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
    #placed(event, isKnown, wallNow) {
        const source = event.source === 'push' ? sourceOf(isKnown, event.ageMs) : event.source;
        const stale = kindOf(event.type) === 'event' && isStale(event, wallNow, wallNow, this.#policy.maxAgeMs);
        return source === event.source && !stale ? event : { ...event, source, isStale: stale };
    }
    /** Done with, and nobody handled it. */
    #dismiss(arrival, reason, detail) {
        const { id: eventId, type: eventType } = arrival.event;
        this.#drop(reason, eventType, detail);
        this.#acks.send(arrival, TAKEN, { kind: kindOf(eventType), eventType, eventId });
    }
    /** Not taken: no ack, so that it comes again. */
    #refuse({ event, origin }, reason, detail) {
        this.#drop(reason, event.type, detail);
        if (origin.by === 'feed')
            origin.settle('refused');
    }
    #drop(reason, eventType, detail) {
        this.#reporter.tell({ type: 'dropped', reason, eventType, detail });
    }
    async #openJournal(source) {
        await this.#closing;
        const startedAt = this.#clock.now();
        const store = await source.open();
        this.#closing = null;
        try {
            this.#open = this.#opened(store, startedAt);
        }
        catch (error) {
            // What is wrong with a store that cannot be read matters more than that it cannot be closed either.
            await store.close().catch(() => { });
            throw error;
        }
    }
    #opened(store, startedAt) {
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
            contentKeysOf: this.#contentKeysOf,
            traceparentOf: this.#parts.traceparentOf ?? (() => null),
            taken: this.#parts.taken ?? ignored,
            changed: () => this.#changed(),
        });
        const deadLetters = new DeadLetters({ store, journal, reporter, revive: way.revive });
        return { journal, way, deadLetters, recovered };
    }
    async #closeJournal() {
        const { journal } = this.#open ?? {};
        await journal?.close();
        this.#journalSnapshot = journal?.snapshot() ?? CLOSED;
        this.#open = null;
    }
    /** Callbacks are remembered in the journal too, so that a copy after a restart is not handled again. */
    #durableMemory() {
        const keys = (event) => keysOf(event.id, this.#contentKeysOf(event));
        return {
            // A journal that cannot be read keeps no user waiting for an answer.
            knows: (event) => this.#open?.journal.recall(keys(event)) === 'finished',
            remember: (event) => this.#open?.journal.remember(keys(event)),
        };
    }
    #beginDrain() {
        // Set before anything is told: a sink may call stop.
        const drain = new Drain(this.#clock, () => this.#giveUp());
        this.#drain = drain;
        this.#isTaking = false;
        this.#intake.close();
        for (const way of this.#ways())
            way.drain();
        return drain;
    }
    #giveUp() {
        this.#unfinished = this.#busyCount();
        for (const way of this.#ways())
            way.giveUp();
        this.#endDrain();
    }
    #endDrain() {
        if (this.#busyCount() === 0)
            this.#drain?.end(this.#unfinished);
    }
    #changed() {
        this.#reporter.tell({ type: 'pending', ...this.#pending() });
        this.#endDrain();
    }
    #pending() {
        let depth = 0;
        let oldestWallMs = 0;
        for (const { depth: waiting, oldestWallAt } of this.#ways()) {
            depth += waiting;
            if (oldestWallAt > 0 && (oldestWallMs === 0 || oldestWallAt < oldestWallMs))
                oldestWallMs = oldestWallAt;
        }
        return { depth, capacity: this.#policy.maxPending, oldestWallMs };
    }
    #busyCount() {
        return this.#ways().reduce((count, way) => count + way.busyCount, 0);
    }
    #ways() {
        return this.#open === null ? [this.#memoryWay] : [this.#memoryWay, this.#open.way];
    }
}
function ignored() { }
