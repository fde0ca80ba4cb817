import { NO_HANDLER } from '../delivery/index.js';
import { firstLineOf, momentOf } from '../ports/index.js';
import { HealthBook } from './health.js';
import { abandoned, refusalOf, SendError, sendErrorOf } from './send-error.js';
import { Slots } from './slots.js';
/** How long `stop` waits for sends under way, in milliseconds: the pipeline has drained or aborted them before. */
export const STOP_DEADLINE_MS = 5_000;
/** A {@link Sink} around an outlet: bound, reports and health are the same for all of them. */
export class OutletSink {
    kind;
    answersEvents;
    #outlet;
    #clock;
    #health;
    #slots;
    #listeners = new Set();
    #underWay = new Set();
    #isRunning = false;
    #idle = null;
    constructor(outlet, clock) {
        this.kind = outlet.kind;
        this.answersEvents = outlet.answersEvents;
        this.#outlet = outlet;
        this.#clock = clock;
        this.#health = new HealthBook(outlet.kind, clock, this.#tell);
        this.#slots =
            outlet.maxInFlight === null
                ? null
                : new Slots(outlet.maxInFlight, (count, capacity) => this.#tell({ type: 'in_flight', sink: this.kind, count, capacity }));
    }
    get eventTypes() {
        return this.#outlet.eventTypes;
    }
    handles(eventType) {
        return this.#outlet.handles(eventType);
    }
    subscribe(listener) {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }
    health() {
        return this.#health.read();
    }
    async start() {
        if (this.#isRunning)
            return;
        this.#isRunning = true;
        this.#health.started();
        this.#outlet.start({
            works: (evidence) => this.#health.works(evidence),
            lost: (failure, detail) => this.#health.lost(failure, detail),
            tell: this.#tell,
        });
    }
    async stop() {
        if (!this.#isRunning)
            return;
        this.#isRunning = false;
        await this.#drained();
        for (const send of this.#underWay)
            send.abort(new SendError('closed', 'later', 'the sink was stopped'));
        await this.#outlet.stop();
        this.#health.stopped();
    }
    async dispatch(event, context) {
        const startedAt = this.#clock.now();
        try {
            const sent = await this.#send(event, context);
            if (sent === null)
                return NO_HANDLER;
            this.#health.works(sent.evidence);
            this.#tell({
                type: 'sent',
                ...this.#whatOf(event, context, startedAt),
                isDuplicate: sent.isDuplicate,
            });
            return sent.answer;
        }
        catch (thrown) {
            const error = sendErrorOf(thrown);
            const { failure, remedy, afterMs, message } = error;
            const detail = firstLineOf(message);
            this.#health.failed(failure, detail);
            this.#tell({
                type: 'send_failed',
                ...this.#whatOf(event, context, startedAt),
                failure,
                remedy,
                afterMs,
                detail,
            });
            throw refusalOf(error);
        }
    }
    async #send(event, context) {
        if (!this.#isRunning)
            throw new SendError('closed', 'later', 'the sink is not running');
        const send = new AbortController();
        const abandon = () => send.abort(abandoned(context.signal, this.kind));
        if (context.signal.aborted)
            abandon();
        context.signal.addEventListener('abort', abandon, { once: true });
        this.#underWay.add(send);
        const out = () => this.#outlet.send(event, context, send.signal);
        try {
            return await (this.#slots === null ? out() : this.#slots.run(send.signal, out));
        }
        finally {
            context.signal.removeEventListener('abort', abandon);
            this.#underWay.delete(send);
            if (this.#underWay.size === 0)
                this.#idle?.();
        }
    }
    #whatOf(event, context, startedAt) {
        return {
            sink: this.kind,
            eventType: event.type,
            eventId: event.id,
            attempt: context.attempt,
            durationMs: this.#clock.now() - startedAt,
        };
    }
    /** Resolves when nothing is under way, or at the deadline. */
    #drained() {
        if (this.#underWay.size === 0)
            return Promise.resolve();
        return new Promise((resolve) => {
            const finish = () => {
                deadline.cancel();
                this.#idle = null;
                resolve();
            };
            const deadline = this.#clock.timer(STOP_DEADLINE_MS, finish);
            this.#idle = finish;
        });
    }
    #tell = (report) => {
        const moment = momentOf(this.#clock);
        for (const listener of this.#listeners)
            listener(report, moment);
    };
}
