import { backoffMs, firstLineOf } from '../ports/index.js';
import { SendError } from './send-error.js';
/** Waits between tries to reach the broker. They never end. */
export const BROKER_BACKOFF = Object.freeze({
    initialMs: 250, // a broker that restarts is back within a second or two
    maxMs: 15_000, // one that is gone for hours gets four calls a minute from each app
    factor: 2,
    jitter: 'full', // all apps lost it at the same moment
});
/** A connection that lasted this long earns a fresh backoff, in milliseconds. */
export const STABLE_AFTER_MS = 10_000;
const CLOSE_TIMEOUT_MS = 3_000;
/**
 * Keeps one connection to the broker for as long as it runs, and never gives up. Every life of the connection is a fresh
 * one, with credentials read anew: the library's own reconnecting stops after two refusals of the same credentials, keeps
 * messages in memory that nobody waits for any more, and cannot be told when to try.
 */
export class BrokerKeeper {
    #parts;
    #signs;
    #link = null;
    #failures = 0;
    #lastFailure = null;
    #waiting = null;
    #life = null;
    constructor(parts, signs) {
        this.#parts = parts;
        this.#signs = signs;
    }
    /** The connection. @throws SendError `later`, with why there is none. */
    get link() {
        if (this.#link !== null)
            return this.#link;
        const last = this.#lastFailure;
        throw last === null
            ? new SendError('unreachable', 'later', 'the broker is not connected yet')
            : new SendError(last.failure, 'later', `the broker is not connected: ${last.message}`, { cause: last });
    }
    start() {
        this.#life = new AbortController();
        this.#connect(this.#life.signal);
    }
    /** Gives up this connection for a new one, perhaps with another server: this one answers nobody. */
    renew(link, why) {
        if (this.#link !== link)
            return;
        this.#lost(why);
        void link.close(0);
    }
    async stop() {
        this.#life?.abort();
        this.#life = null;
        this.#waiting?.cancel();
        this.#waiting = null;
        const link = this.#link;
        this.#link = null;
        await link?.close(CLOSE_TIMEOUT_MS);
    }
    #connect(life) {
        this.#parts.connect(life).then((link) => {
            if (life.aborted)
                return void link.close(0);
            this.#opened(link, life);
        }, (error) => {
            if (!life.aborted)
                this.#failed(asSendError(error), life);
        });
    }
    #opened(link, life) {
        const openedAt = this.#parts.clock.now();
        this.#link = link;
        this.#lastFailure = null;
        this.#signs.works(`connected to ${link.server}`);
        void link.closed.then((why) => {
            if (this.#parts.clock.now() - openedAt >= STABLE_AFTER_MS)
                this.#failures = 0;
            if (life.aborted)
                return;
            if (this.#link === link)
                this.#lost(why ?? new SendError('unreachable', 'later', 'the broker closed the connection'));
            this.#retry(life);
        });
    }
    #lost(why) {
        this.#link = null;
        this.#lastFailure = why;
        this.#signs.lost(why.failure, why.message);
    }
    #failed(error, life) {
        this.#lastFailure = error;
        this.#signs.lost(error.failure, error.message);
        this.#retry(life, error);
    }
    /** Once per life of a connection, when that is over: so no two tries run side by side. */
    #retry(life, error = null) {
        this.#failures += 1;
        const waitMs = backoffMs(BROKER_BACKOFF, this.#failures, this.#parts.random());
        if (error !== null) {
            this.#signs.tell({
                type: 'connect_failed',
                sink: 'jetstream',
                failure: error.failure,
                attempt: this.#failures,
                retryInMs: waitMs,
                detail: error.message,
            });
        }
        this.#waiting = this.#parts.clock.timer(waitMs, () => {
            this.#waiting = null;
            this.#connect(life);
        });
    }
}
function asSendError(error) {
    return error instanceof SendError
        ? error
        : new SendError('failing', 'later', `connecting failed: ${firstLineOf(error)}`, { cause: error });
}
