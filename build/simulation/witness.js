import { LIMITS } from './limits.js';
import { Trouble } from './trouble.js';
/** Between two looks at what may change without a word. */
const CLOSELY_MS = 5_000;
/** Just after a limit that is still to come; what is past was judged. */
function left(ms) {
    return ms < 0 ? Number.POSITIVE_INFINITY : ms + 10;
}
const MESSAGE_TYPE = 'im.message.receive_v1';
/**
 * Everything the invariants may know: what the connector claims, next to what is true on the other side. A look is taken
 * after every step in which something happened; what lies between two looks is asked of those who wrote it down.
 */
export class Witness {
    /** What can end a connection or keep one from coming up. */
    connectionTrouble = new Trouble();
    /** The same, and whatever else can keep an event from being handled and acknowledged. */
    eventTrouble = new Trouble();
    /** What can keep a token from being renewed. */
    tokenTrouble = new Trouble();
    #scene;
    #status;
    #reachable = [];
    #deafSince = null;
    #runs = [];
    #open = new Set();
    /** Collected since the last look. */
    #losses = [];
    #suspicions = [];
    settled = [];
    /** What the metric of the next attempt said when it was last read, in milliseconds since the epoch; 0: none. */
    nextAttemptMetric = null;
    /** The moment of the next attempt as it was reported, in milliseconds since the epoch; null while none is awaited. */
    promisedAt = null;
    /** When the wall clock was last set: moments that were told before are off by that much. */
    wallSteppedAt = Number.NEGATIVE_INFINITY;
    constructor(scene) {
        this.#scene = scene;
        this.#status = scene.status();
    }
    get now() {
        return this.#scene.platform.clock.now();
    }
    get life() {
        return this.#scene.life;
    }
    get border() {
        return this.#scene.border;
    }
    get crew() {
        return this.#scene.crew;
    }
    /** One way on the network at most, in milliseconds. */
    get linkMs() {
        return this.#scene.linkMs;
    }
    get status() {
        return this.#status;
    }
    /** Connections that the platform holds for alive and that bytes get through to. */
    get reachable() {
        return this.#reachable;
    }
    /**
     * For how long the platform could not have reached the connection that is claimed, in milliseconds; 0 if it could. What
     * had been sent before may come in later, once the network thaws: it counts from then.
     */
    get deafMs() {
        if (this.#deafSince === null)
            return 0;
        const { connectionId, at } = this.#deafSince;
        return this.now - Math.max(at, this.border.passage(connectionId)?.heardAt ?? at);
    }
    /** The platform's end of this connection; null if it has none, or not any more. */
    farEnd(connectionId) {
        return this.#scene.platform.connections().find(({ id }) => id === connectionId) ?? null;
    }
    get losses() {
        return this.#losses;
    }
    get suspicions() {
        return this.#suspicions;
    }
    /** Runs of handlers that began since the last look. */
    get runs() {
        return this.#runs;
    }
    lost(code) {
        this.#losses.push({ code, calmMs: this.connectionTrouble.calmMs(this.now) });
    }
    suspected() {
        this.#suspicions.push({ code: 'suspect', calmMs: this.connectionTrouble.calmMs(this.now) });
    }
    sent(event) {
        this.#open.add(event);
    }
    /** Takes in how things stand now. */
    look() {
        this.#status = this.#scene.status();
        this.#reachable = this.#scene.platform.connections().filter(({ isFrozen }) => !isFrozen);
        this.#runs = this.#scene.crew.takeRuns();
        const { connectionId } = this.#status.connected;
        if (connectionId === null || this.#reachable.some(({ id }) => id === connectionId))
            this.#deafSince = null;
        else if (this.#deafSince?.connectionId !== connectionId)
            this.#deafSince = { connectionId, at: this.now };
    }
    /**
     * For how long nothing can be wrong unless something happens, in milliseconds: until the next limit runs out. As long as
     * the platform cannot reach the claimed connection, what thaws it may go unseen, so that is looked at closely.
     */
    patienceMs() {
        const { now, linkMs } = this;
        const { phase, dueAt, startedAt } = this.life;
        if (this.#deafSince !== null)
            return CLOSELY_MS;
        if (phase === 'stopping')
            return left(dueAt - now);
        if (phase === 'stopped')
            return CLOSELY_MS;
        const { connected, outage, token } = this.#status;
        const calmMs = Math.min(this.connectionTrouble.calmMs(now), now - startedAt);
        const recoveryMs = LIMITS.recoveryMs + 6 * linkMs;
        const waits = [
            ...(connected.is ? [] : [left(recoveryMs - calmMs)]),
            ...(outage === null ? [] : [left(recoveryMs + LIMITS.stableAfterMs - calmMs)]),
            ...(token.isValid
                ? []
                : [left(LIMITS.tokenMs + 2 * linkMs - Math.min(this.tokenTrouble.calmMs(now), now - startedAt))]),
        ];
        return Math.min(Number.POSITIVE_INFINITY, ...waits);
    }
    /** Goes through the events that are settled since the last call; those that may still be answered stay. */
    reckon() {
        const settled = [];
        for (const event of this.#open) {
            const latestAt = event.deliveries.at(-1)?.at ?? event.sentAt;
            if (event.state === 'pending' || this.now < latestAt + LIMITS.ackMs + 2 * this.linkMs)
                continue;
            this.#open.delete(event);
            settled.push({ event, unanswered: this.#unansweredOf(event), hollow: this.#hollowOf(event) });
        }
        this.settled = settled;
    }
    /** What was collected counts for one look. */
    forget() {
        if (this.#losses.length > 0)
            this.#losses = [];
        if (this.#suspicions.length > 0)
            this.#suspicions = [];
        this.settled = [];
        this.nextAttemptMetric = null;
    }
    #unansweredOf({ deliveries, acks }) {
        const answered = new Set(acks.map(({ messageId }) => messageId));
        return deliveries.filter(({ messageId, fate, at }) => {
            if (fate !== 'sent' || answered.has(messageId))
                return false;
            const until = at + LIMITS.ackMs + 2 * this.linkMs;
            return this.eventTrouble.wasCalm(at - LIMITS.recoveryMs - 6 * this.linkMs, until);
        });
    }
    #hollowOf({ eventType, deliveries, acks }) {
        return acks.filter(({ code, at, messageId }) => {
            if (code !== 200)
                return false;
            // A copy may go out under the message id of a delivery that carried another event id. Messages are known by their
            // own ids besides: to have handled one under any of its event ids is to have handled it.
            const candidates = eventType === MESSAGE_TYPE ? deliveries : deliveries.filter((delivery) => delivery.messageId === messageId);
            return !candidates.some(({ eventId }) => (this.crew.handledAt(eventId) ?? Number.POSITIVE_INFINITY) <= at);
        });
    }
}
