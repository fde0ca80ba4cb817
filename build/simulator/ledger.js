/**
 * `exhausted`: the platform has given up, every rung of the ladder being spent (callbacks have none: there an answer
 * other than 200 is enough). `timed_out`: a callback that nobody answered in time.
 */
export const EVENT_STATES = ['pending', 'acknowledged', 'exhausted', 'timed_out'];
/** A client that acknowledges in a loop must not grow an event without end. */
const MAX_RECORDS_PER_EVENT = 200;
/** Every event sent, in order, with what became of it. The oldest go when the bound is reached. */
export class Ledger {
    #maxEvents;
    #events = new Set();
    #byMessage = new Map();
    #total = 0;
    #states = new Map();
    constructor(maxEvents) {
        this.#maxEvents = maxEvents;
    }
    /** Oldest first; at most `maxEvents`. */
    get events() {
        return [...this.#events];
    }
    /** The youngest event of this id, or null if none is kept. */
    find(eventId) {
        let found = null;
        for (const event of this.#events)
            if (event.eventId === eventId)
                found = event;
        return found;
    }
    /** The `count` youngest acknowledged events, callbacks left out. */
    latestAcknowledged(count, appId) {
        const isMeant = (event) => event.state === 'acknowledged' && event.kind === 'event' && (appId ?? event.appId) === event.appId;
        return [...this.#events].filter(isMeant).slice(-count);
    }
    /** Counts since the start, forgotten events included. */
    get summary() {
        const count = (state) => this.#states.get(state) ?? 0;
        return {
            total: this.#total,
            kept: this.#events.size,
            pending: count('pending'),
            acknowledged: count('acknowledged'),
            exhausted: count('exhausted'),
            timed_out: count('timed_out'),
        };
    }
    open(event) {
        this.#events.add(event);
        this.#total++;
        this.#count(event.state, 1);
        if (this.#events.size > this.#maxEvents)
            this.#forgetOldest();
    }
    delivered(event, delivery) {
        if (event.deliveries.length < MAX_RECORDS_PER_EVENT)
            event.deliveries.push(delivery);
        // An event without a place in the ledger can still be acknowledged until it settles.
        if (!this.#byMessage.has(delivery.messageId))
            this.#byMessage.set(delivery.messageId, { event, delivery });
    }
    /** Whose delivery a `message_id` names, or null. */
    answering(messageId) {
        return this.#byMessage.get(messageId) ?? null;
    }
    acked(event, ack) {
        if (event.acks.length < MAX_RECORDS_PER_EVENT)
            event.acks.push(ack);
    }
    settle(event, state, at) {
        this.#count(event.state, -1);
        event.state = state;
        event.settledAt = at;
        this.#count(state, 1);
        if (!this.#events.has(event))
            this.#forgetMessages(event);
    }
    #forgetOldest() {
        for (const event of this.#events) {
            this.#events.delete(event);
            if (event.state !== 'pending')
                this.#forgetMessages(event);
            return;
        }
    }
    #forgetMessages(event) {
        for (const { messageId } of event.deliveries)
            this.#byMessage.delete(messageId);
    }
    #count(state, change) {
        this.#states.set(state, (this.#states.get(state) ?? 0) + change);
    }
}
