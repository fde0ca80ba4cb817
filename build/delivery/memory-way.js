import { AGAIN, TAKEN } from './acks.js';
import { attemptOf } from './arrival.js';
import { NO_HANDLER } from './dispatcher.js';
import { kindOf } from './kind.js';
import { deadlineOf } from './policy.js';
// The redelivery ladder has five rungs; a second connection may double them. More copies at once are no redelivery.
export const WAITING_MAX = 16;
/**
 * Handler first, then ack: for callbacks, whose ack is the answer, and for all events where there is no journal.
 *
 * Nothing here is durable, so the handler has to succeed before the ack says 200: whatever is lost with this process
 * was not acked, and comes again. One handler at a time runs for an event, and an event that was handled is handled
 * for good.
 */
export class MemoryWay {
    #parts;
    // By event id, in the order of arrival: the first one is the oldest.
    #deliveries = new Map();
    /** The deliveries by content key: history knows messages alone, and the platform may push one under a new event id. */
    #byContent = new Map();
    #isDraining = false;
    constructor(parts) {
        this.#parts = parts;
    }
    get depth() {
        return this.#deliveries.size;
    }
    get busyCount() {
        return this.#deliveries.size;
    }
    get oldestWallAt() {
        const [oldest] = this.#deliveries.values();
        return oldest?.arrivedWallAt ?? 0;
    }
    get abandonedCount() {
        let count = 0;
        for (const { stage } of this.#deliveries.values())
            if (stage.is === 'abandoned')
                count += 1;
        return count;
    }
    start() {
        this.#isDraining = false;
    }
    recall(event) {
        const { deduplication, clock, durable, contentKeysOf } = this.#parts;
        const remembered = deduplication.recall(event.id, clock.now());
        if (remembered?.outcome === 'handled')
            return { is: 'finished', answer: remembered.answer };
        if (this.#deliveryBy(event) !== undefined)
            return { is: 'in_flight' };
        if (deduplication.knowsContent(contentKeysOf(event), clock.now()))
            return { is: 'finished', answer: null };
        if (durable?.knows(event))
            return { is: 'finished', answer: null };
        return { is: 'news', attempts: remembered?.attempts ?? 0 };
    }
    /** Whether an event with this content key was handled, or is under way. */
    knows(key) {
        return this.#byContent.has(key) || this.#parts.deduplication.knowsContent([key], this.#parts.clock.now());
    }
    refusal() {
        return this.depth < this.#parts.capacity ? null : `${this.depth} deliveries are unfinished`;
    }
    take(arrival, _payload, attempts) {
        const { event, at } = arrival;
        const contentKeys = this.#parts.contentKeysOf(event);
        const run = this.#run(arrival, attempts + 1);
        const delivery = {
            eventId: event.id,
            eventType: event.type,
            contentKeys,
            kind: kindOf(event.type),
            arrivedWallAt: at.wallNow,
            waiting: [arrival],
            attempt: attempts + 1,
            stage: { is: 'running', run },
        };
        this.#deliveries.set(event.id, delivery);
        for (const key of contentKeys)
            this.#byContent.set(key, delivery);
        this.#parts.changed();
    }
    /** The copy gets the same outcome, on its own Session. */
    attach(arrival) {
        const delivery = this.#deliveryOf(arrival.event);
        const { eventId, eventType, waiting } = delivery;
        if (waiting.length >= WAITING_MAX) {
            const detail = `${waiting.length} copies of event ${eventId} wait already`;
            this.#parts.reporter.tell({ type: 'dropped', reason: 'overloaded', eventType, detail });
            if (arrival.origin.by === 'feed')
                arrival.origin.settle('refused');
            return;
        }
        this.#parts.reporter.tell({ type: 'duplicate', eventType, eventId, of: 'in_flight' });
        waiting.push(arrival);
    }
    drain() {
        this.#isDraining = true;
        // Their acks are long written, so there is nothing to wait for.
        for (const delivery of [...this.#deliveries.values()]) {
            if (delivery.stage.is === 'abandoned' && delivery.waiting.length === 0)
                this.#finish(delivery, AGAIN);
        }
    }
    giveUp() {
        for (const delivery of [...this.#deliveries.values()]) {
            if (delivery.stage.is === 'running')
                delivery.stage.run.abort();
            else
                this.#finish(delivery, AGAIN);
        }
    }
    #run(arrival, attempt) {
        const { event, payloadBytes } = arrival;
        return this.#parts.runner.start({
            event,
            attempt,
            connectionAttempt: attemptOf(arrival),
            payloadBytes,
            traceparent: null,
            ended: (end) => this.#ended(event, attempt, end),
            settledLate: (late) => this.#settledLate(event, attempt, late?.result),
        });
    }
    #ended(event, attempt, { result, error, durationMs }) {
        const { reporter, deduplication, clock } = this.#parts;
        const delivery = this.#deliveryOf(event);
        const { eventType, eventId } = delivery;
        if (result === NO_HANDLER) {
            reporter.tell({
                type: 'dropped',
                reason: 'no_handler',
                eventType,
                detail: 'its handler is gone since it arrived',
            });
            this.#finish(delivery, TAKEN);
            return;
        }
        const failure = error?.failure ?? null;
        const detail = error?.message ?? '';
        reporter.tell({ type: 'handler_finished', eventType, eventId, durationMs, attempt, failure, detail });
        if (error === null) {
            this.#finish(delivery, this.#handled(delivery, event, result));
            return;
        }
        deduplication.failed(eventId, attempt, clock.now());
        // An older run may have succeeded meanwhile, late: then nothing is left to wait for.
        const isHandled = deduplication.recall(eventId, clock.now())?.outcome === 'handled';
        const mayStillSucceed = failure === 'timeout' && !this.#isDraining && !isHandled;
        if (mayStillSucceed)
            this.#abandon(delivery);
        else
            this.#finish(delivery, failure === 'timeout' ? this.#late(delivery) : AGAIN);
    }
    /**
     * The handler has outlived its deadline: the ack says so, and it may still succeed. A redelivery is held back for
     * another deadline, since two runs of one event side by side do harm (a message sent twice), then run all the same,
     * since a handler that never settles must not lose the event.
     */
    #abandon(delivery) {
        const { clock, policy } = this.#parts;
        const window = clock.timer(deadlineOf(delivery.kind, policy), () => this.#resume(delivery));
        delivery.stage = { is: 'abandoned', window };
        this.#ackAll(delivery, this.#late(delivery));
    }
    /** What the ack says when the handler is late: 500, unless there is a fallback for callbacks. */
    #late({ kind }) {
        const { callbackFallback } = this.#parts.policy;
        if (kind !== 'callback' || callbackFallback === null)
            return AGAIN;
        return { code: 200, answer: JSON.stringify(callbackFallback) };
    }
    /** Nothing holds a redelivery back any longer. Without one the delivery ends; a later one begins anew. */
    #resume(delivery) {
        const redelivery = delivery.waiting.at(-1);
        if (redelivery === undefined || this.#isDraining) {
            this.#finish(delivery, AGAIN);
            return;
        }
        if (delivery.stage.is === 'abandoned')
            delivery.stage.window.cancel();
        delivery.attempt += 1;
        delivery.stage = { is: 'running', run: this.#run(redelivery, delivery.attempt) };
    }
    /** The handler of a run that had ended without it has settled after all; `result` is undefined if it failed. */
    #settledLate(event, attempt, result) {
        // The delivery it ran for, or the one that a redelivery began since, or none.
        const delivery = this.#deliveryBy(event);
        if (result === undefined || result === NO_HANDLER) {
            if (delivery?.stage.is === 'abandoned' && delivery.attempt === attempt)
                this.#resume(delivery);
            return;
        }
        if (delivery === undefined) {
            // The answer is not kept: whoever waited for it has long seen an error.
            this.#remember(event, null);
            return;
        }
        const verdict = this.#handled(delivery, event, result);
        if (delivery.stage.is === 'abandoned')
            this.#finish(delivery, verdict);
        // A newer run is on. Whoever waits for it has the answer now; it ends for nobody.
        else
            this.#ackAll(delivery, verdict);
    }
    #handled({ kind }, event, answer) {
        this.#remember(event, kind === 'callback' ? answer : null);
        return { code: 200, answer };
    }
    #remember(event, answer) {
        const { deduplication, clock, durable, contentKeysOf, taken } = this.#parts;
        deduplication.handled(event.id, answer, clock.now(), contentKeysOf(event));
        durable?.remember(event);
        taken(event);
    }
    #finish(delivery, verdict) {
        if (delivery.stage.is === 'abandoned')
            delivery.stage.window.cancel();
        this.#deliveries.delete(delivery.eventId);
        for (const key of delivery.contentKeys)
            this.#byContent.delete(key);
        this.#ackAll(delivery, verdict);
        this.#parts.changed();
    }
    #ackAll({ waiting, kind }, verdict) {
        for (const arrival of waiting.splice(0)) {
            const { id: eventId, type: eventType } = arrival.event;
            this.#parts.acks.send(arrival, verdict, { kind, eventType, eventId });
        }
    }
    #deliveryBy(event) {
        const byId = this.#deliveries.get(event.id);
        if (byId !== undefined || this.#byContent.size === 0)
            return byId;
        for (const key of this.#parts.contentKeysOf(event)) {
            const found = this.#byContent.get(key);
            if (found !== undefined)
                return found;
        }
        return undefined;
    }
    #deliveryOf(event) {
        const delivery = this.#deliveryBy(event);
        if (delivery === undefined)
            throw new Error(`there is no delivery of event ${event.id}`);
        return delivery;
    }
}
