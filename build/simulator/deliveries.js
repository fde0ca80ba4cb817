import { identityOf, withEventId } from './event.js';
import { eventFrames } from './event-frames.js';
/** Pauses before the redeliveries of an event that nobody acknowledged: 15 s, 5 min, 1 h, 6 h [doc]. */
export const REDELIVERY_LADDER_MS = [15_000, 300_000, 3_600_000, 21_600_000];
/** Node loses what comes earlier after the 101 (docs/protocol.md, 4.4). */
const FIRST_FRAME_PAUSE_MS = 10;
/** Pushes events, waits for acknowledgements, climbs the ladder (docs/protocol.md, 4.3 and 4.4). */
export class Deliveries {
    #world;
    #connections;
    #ledger;
    #journeys = new Map();
    #frameCount = 0n;
    constructor(world, connections, ledger) {
        this.#world = world;
        this.#connections = connections;
        this.#ledger = ledger;
    }
    /** An event happens. */
    send(appId, envelope) {
        const journey = this.#begin(appId, envelope);
        this.#push(journey);
        return journey.event;
    }
    /** An acknowledgement came, on whichever connection of the app. */
    acked(connection, ack) {
        const answered = this.#ledger.answering(ack.messageId);
        if (!answered || answered.event.appId !== connection.appId) {
            this.#world.traffic.record('ack', connection.appId, 'unknown_message');
            return;
        }
        this.#world.traffic.record('ack', connection.appId, String(ack.code));
        const { event, delivery } = answered;
        const record = {
            messageId: ack.messageId,
            at: this.#world.time.now(),
            connectionId: connection.id,
            code: ack.code,
            latencyMs: this.#world.time.now() - delivery.at,
            isLate: this.#world.time.now() > delivery.deadlineAt,
            bizRtMs: ack.bizRtMs,
        };
        this.#ledger.acked(event, record);
        const journey = this.#journeys.get(event);
        if (!journey || record.isLate)
            return;
        if (ack.code === 200) {
            event.result = ack.result ?? null;
            this.#settle(journey, 'acknowledged');
        }
        else if (journey.phase === 'awaiting_ack' && delivery.rung === journey.rung) {
            // A "no" to this very delivery. A copy's "no" counts too: the platform cannot tell them apart.
            this.#climb(journey);
        }
    }
    /** Pushes what waits for its next rung, at once: the fault `backlog_on_connect`. */
    flush(appId) {
        for (const journey of this.#waiting(appId))
            this.#advance(journey);
    }
    /** The frames of the event that has waited longest, taken off the ladder for this one connection; null if none waits. */
    takeWaiting(connection) {
        const [journey] = this.#waiting(connection.appId);
        if (!journey)
            return null;
        this.#nextRung(journey);
        return this.#hand(journey, connection);
    }
    /** The frames of a new event, for this one connection. */
    sendOn(connection, envelope) {
        return this.#hand(this.#begin(connection.appId, envelope), connection);
    }
    /** Delivers the latest acknowledged events once more: the fault `replay_events`. */
    replay(count, appId) {
        for (const event of this.#ledger.latestAcknowledged(count, appId))
            this.#copy({ event, rung: event.deliveries.length });
    }
    stop() {
        for (const journey of this.#journeys.values())
            journey.timer?.cancel();
        this.#journeys.clear();
    }
    #begin(appId, envelope) {
        const { time } = this.#world;
        const event = {
            ...identityOf(envelope),
            appId,
            envelope,
            sentAt: time.now(),
            sentWallAt: time.wallNow(),
            state: 'pending',
            settledAt: null,
            deliveries: [],
            acks: [],
            result: null,
        };
        this.#ledger.open(event);
        const journey = { event, rung: 0, timer: null, phase: 'awaiting_rung' };
        this.#journeys.set(event, journey);
        return journey;
    }
    #push(journey) {
        const { event } = journey;
        // A mistake in the console looks to a client just like quiet: nothing is pushed, and nothing is wrong with the socket.
        const mistake = this.#world.faults.find('console_wrong', { appId: event.appId });
        const isPushed = mistake === null || mistake.fault.what === 'hidden';
        const connection = isPushed ? this.#connections.route(event.appId) : null;
        if (!connection) {
            this.#record(journey, { connection: null, fate: 'nobody_online' });
            this.#missed(journey);
            return;
        }
        if (!connection.isOpen) {
            this.#swallow(journey, connection);
            return;
        }
        const muted = this.#world.faults.strike('mute', { appId: event.appId, connection });
        if (muted) {
            this.#swallow(journey, connection);
            if (muted.isCountedDelivered)
                this.#settle(journey, 'acknowledged');
            return;
        }
        sendFrames(connection, this.#hand(journey, connection), this.#world.time.now());
        const duplicated = this.#world.faults.strike('duplicate_events', { appId: event.appId });
        if (!duplicated)
            return;
        const sameId = duplicated.messageId === 'same' ? event.deliveries.at(-1)?.messageId : undefined;
        for (let copy = 0; copy < (duplicated.copies ?? 1); copy++)
            this.#copy(journey, sameId);
    }
    /** Records the delivery, arms the deadline, returns the frames. */
    #hand(journey, connection) {
        const { faults, ids } = this.#world;
        const { event } = journey;
        const isChanged = journey.rung > 0 && faults.strike('change_event_ids', { appId: event.appId }) !== null;
        const eventId = isChanged ? ids.hex(32) : event.eventId;
        const messageId = ids.uuid();
        const frames = this.#frames(event, connection, messageId, eventId);
        const delivery = this.#record(journey, { messageId, connection, eventId, frames, fate: 'sent' });
        this.#awaitAck(journey, delivery);
        return frames;
    }
    #swallow(journey, connection) {
        this.#awaitAck(journey, this.#record(journey, { connection, fate: 'swallowed' }));
    }
    #awaitAck(journey, delivery) {
        journey.phase = 'awaiting_ack';
        journey.timer = this.#world.time.timer(delivery.deadlineAt - delivery.at, () => this.#missed(journey));
    }
    /** One more delivery that the ladder knows nothing of. */
    #copy(journey, messageId = this.#world.ids.uuid()) {
        const { event } = journey;
        const connection = this.#connections.route(event.appId);
        if (!connection?.isOpen)
            return;
        const frames = this.#frames(event, connection, messageId, event.eventId);
        this.#record(journey, { messageId, connection, frames, fate: 'copy' });
        sendFrames(connection, frames, this.#world.time.now());
    }
    #frames(event, connection, messageId, eventId) {
        const envelope = eventId === event.eventId ? event.envelope : withEventId(event.envelope, eventId);
        return eventFrames(this.#world, connection, messageId, envelope, () => ++this.#frameCount);
    }
    #record(journey, what) {
        const { event, rung } = journey;
        const { connection, fate } = what;
        const at = this.#world.time.now();
        const sendingMs = connection ? firstPauseMs(connection, at) + (what.frames?.at(-1)?.afterMs ?? 0) : 0;
        const delivery = {
            messageId: what.messageId ?? this.#world.ids.uuid(),
            at,
            deadlineAt: at + sendingMs + this.#world.settings.ackDeadlineMs,
            connectionId: connection?.id ?? null,
            eventId: what.eventId ?? event.eventId,
            rung,
            fate,
        };
        this.#ledger.delivered(event, delivery);
        this.#world.traffic.record('push', event.appId, fate);
        return delivery;
    }
    /** No acknowledgement in time, or nobody there. */
    #missed(journey) {
        this.#clearTimer(journey);
        const { event } = journey;
        const isLost = event.deliveries.at(-1)?.fate === 'nobody_online' && this.#world.settings.whenNobodyOnline === 'lost';
        if (event.kind === 'callback')
            this.#settle(journey, 'timed_out');
        else if (isLost)
            this.#settle(journey, 'exhausted');
        else
            this.#climb(journey);
    }
    /** Waits for the next rung, if there is one: callbacks have none. */
    #climb(journey) {
        this.#clearTimer(journey);
        const { event } = journey;
        const pauseMs = event.kind === 'callback' ? undefined : REDELIVERY_LADDER_MS[journey.rung];
        if (pauseMs === undefined)
            this.#settle(journey, 'exhausted');
        else {
            journey.phase = 'awaiting_rung';
            journey.timer = this.#world.time.timer(pauseMs * this.#world.settings.redeliveryScale, () => this.#advance(journey));
        }
    }
    #advance(journey) {
        this.#nextRung(journey);
        this.#push(journey);
    }
    #nextRung(journey) {
        this.#clearTimer(journey);
        journey.rung++;
    }
    #settle(journey, state) {
        this.#clearTimer(journey);
        this.#journeys.delete(journey.event);
        this.#ledger.settle(journey.event, state, this.#world.time.now());
    }
    #clearTimer(journey) {
        journey.timer?.cancel();
        journey.timer = null;
    }
    #waiting(appId) {
        return [...this.#journeys.values()].filter((journey) => journey.phase === 'awaiting_rung' && journey.event.appId === appId);
    }
}
/** Puts frames on the connection, the first at the earliest when a client can be expected to listen. */
function sendFrames(connection, frames, now) {
    const pauseMs = firstPauseMs(connection, now);
    for (const { afterMs, bytes } of frames) {
        if (pauseMs + afterMs === 0)
            connection.send(bytes);
        else
            connection.after(pauseMs + afterMs, () => connection.send(bytes));
    }
}
function firstPauseMs(connection, now) {
    return Math.max(0, connection.openedAt + FIRST_FRAME_PAUSE_MS - now);
}
