import { dataBytes, GARBAGE_BYTES } from './server-frames.js';
const DEFAULT_PAUSE_MS = 1000;
const DEFAULT_OVERSIZE = 16 * 1024 * 1024;
/** Strikes momentary faults, the first time at once, and keeps the timers of those that strike again. */
export class MomentaryFaults {
    #world;
    #connections;
    #deliveries;
    #tokens;
    #running = new Map();
    constructor(world, connections, deliveries, tokens) {
        this.#world = world;
        this.#connections = connections;
        this.#deliveries = deliveries;
        this.#tokens = tokens;
    }
    /** @param onEnd Called after the last strike; not after {@link stop}. */
    start(id, fault, onEnd) {
        this.#strikeAgain(id, fault, fault.times ?? 1, onEnd);
    }
    /** @returns Whether it was still running. */
    stop(id) {
        this.#running.get(id)?.timer.cancel();
        return this.#running.delete(id);
    }
    /** Those that will strike again. */
    get all() {
        return [...this.#running].map(([id, { fault, strikesLeft }]) => ({ id, fault, strikesLeft }));
    }
    #strikeAgain(id, fault, strikesLeft, onEnd) {
        this.#running.delete(id);
        this.#strike(fault);
        if (strikesLeft <= 1) {
            onEnd();
            return;
        }
        const timer = this.#world.time.timer(fault.everyMs ?? DEFAULT_PAUSE_MS, () => this.#strikeAgain(id, fault, strikesLeft - 1, onEnd));
        this.#running.set(id, { timer, strikesLeft: strikesLeft - 1, fault });
    }
    #strike(fault) {
        if (fault.fault === 'revoke_tokens')
            this.#tokens.revoke(fault.appId);
        else if (fault.fault === 'replay_events')
            this.#deliveries.replay(fault.count ?? 10, fault.appId);
        else
            for (const connection of this.#connections.named(fault.which ?? 'all', fault.appId))
                this.#strikeConnection(fault, connection);
    }
    #strikeConnection(fault, connection) {
        switch (fault.fault) {
            case 'drop_socket':
                connection.reset('dropped');
                break;
            case 'close_socket':
                connection.close(fault.code ?? 1000, fault.reason ?? '');
                break;
            case 'garbage_frame':
                connection.send(GARBAGE_BYTES);
                break;
            case 'text_frame':
                connection.sendText(fault.text ?? 'hello');
                break;
            case 'oversized_frame':
                connection.send(this.#oddFrame(connection, { payload: new Uint8Array(fault.bytes ?? DEFAULT_OVERSIZE) }));
                break;
            case 'unknown_method_frame':
                connection.send(this.#oddFrame(connection, { method: fault.method ?? 7 }));
                break;
            case 'unknown_type_frame':
                connection.send(this.#oddFrame(connection, { type: fault.frameType ?? 'novelty' }));
                break;
            case 'card_frame':
                connection.send(this.#oddFrame(connection, { type: 'card' }));
                break;
        }
    }
    #oddFrame(connection, oddity) {
        const { ids, time } = this.#world;
        return dataBytes({
            type: 'event',
            messageId: ids.uuid(),
            traceId: ids.hex(32),
            timestamp: time.wallNow(),
            seqId: 0n,
            logId: 0n,
            service: connection.service,
            payload: new TextEncoder().encode('{}'),
            ...oddity,
        });
    }
}
