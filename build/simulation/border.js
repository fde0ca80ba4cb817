import { CallLog, kindOfCall } from './call-log.js';
/**
 * Counts what the connector does to the outside world, on the world's own side of its ports: here it cannot claim what
 * it did not do.
 */
export class Border {
    clock;
    http;
    dial;
    reach;
    #now;
    #passages = new Map();
    #onChange;
    #timers = 0;
    #requests = 0;
    #open = 0;
    #present = 0;
    /** The calls that carried the app's credentials, the probes, and the connections opened only to see whether they open. */
    calls = {
        discovery: new CallLog(),
        token: new CallLog(),
        probe: new CallLog(),
        reach: new CallLog(),
    };
    constructor(clock, { http, dial, reach }, onChange) {
        this.#now = () => clock.now();
        this.#onChange = onChange;
        this.clock = {
            now: () => clock.now(),
            wallNow: () => clock.wallNow(),
            timer: (delayMs, fire) => this.#timer(clock, delayMs, fire),
        };
        this.http = async (request) => {
            this.#note(request);
            this.#requests++;
            try {
                return await http(request);
            }
            finally {
                this.#requests--;
            }
        };
        this.dial = (url, listener) => this.#dial(dial, url, listener);
        this.reach = async (url, limits) => {
            this.calls.reach.record(this.#now());
            this.#requests++;
            try {
                return await reach(url, limits);
            }
            finally {
                this.#requests--;
            }
        };
    }
    /** Timers that the connector has set and not cancelled. */
    get timerCount() {
        return this.#timers;
    }
    /** HTTP requests without an answer yet. */
    get requestCount() {
        return this.#requests;
    }
    /** Sockets with a 101 that the connector has not begun to close. */
    get openSocketCount() {
        return this.#open;
    }
    /** Sockets in any state but gone. */
    get socketCount() {
        return this.#present;
    }
    /** How the socket of this connection stands; null if none was ever dialled. */
    passage(connectionId) {
        return this.#passages.get(connectionId) ?? null;
    }
    #note(request) {
        const kind = kindOfCall(request);
        if (kind === null)
            return;
        this.calls[kind].record(this.#now());
    }
    #timer(clock, delayMs, fire) {
        let isPending = true;
        this.#timers++;
        const end = () => {
            if (!isPending)
                return false;
            isPending = false;
            this.#timers--;
            return true;
        };
        const timer = clock.timer(delayMs, () => {
            if (end())
                fire();
        });
        return {
            cancel: () => {
                if (end())
                    timer.cancel();
            },
        };
    }
    #dial(dial, url, listener) {
        const passage = { connectionId: connectionIdOf(url), state: 'opening', heardAt: null };
        this.#passages.set(passage.connectionId, passage);
        if (this.#passages.size > 1_000)
            for (const [id] of this.#passages)
                if (this.#forget(id))
                    break;
        this.#present++;
        const move = (state) => {
            if (passage.state === 'gone' || passage.state === state)
                return;
            if (passage.state === 'open')
                this.#open--;
            if (state === 'open')
                this.#open++;
            if (state === 'gone')
                this.#present--;
            passage.state = state;
            this.#onChange();
        };
        const socket = dial(url, {
            opened: () => {
                move('open');
                listener.opened();
            },
            message: (bytes) => {
                passage.heardAt = this.#now();
                listener.message(bytes);
            },
            text: (length) => listener.text(length),
            pong: () => {
                passage.heardAt = this.#now();
                listener.pong();
            },
            closed: (end) => {
                move('gone');
                listener.closed(end);
            },
        });
        return {
            send: (bytes) => socket.send(bytes),
            ping: () => socket.ping(),
            close: (code, reason, timeoutMs) => {
                move('leaving');
                socket.close(code, reason, timeoutMs);
            },
            terminate: () => {
                move('leaving');
                socket.terminate();
            },
        };
    }
    #forget(id) {
        return this.#passages.get(id)?.state === 'gone' && this.#passages.delete(id);
    }
}
function connectionIdOf(url) {
    return /[?&]device_id=(\d+)/.exec(url)?.[1] ?? '';
}
