import { HttpError } from '../ports/index.js';
/** Troubles between the connector and a platform that is well: what the platform's own faults cannot show. */
export class Barrier {
    blockade = null;
    #clock;
    #outside;
    #delayMs;
    /** @param delayMs What it takes until a failure is known. */
    constructor(clock, outside, delayMs) {
        this.#clock = clock;
        this.#outside = outside;
        this.#delayMs = delayMs;
    }
    http = (request) => {
        const { blockade } = this;
        if (blockade === null)
            return this.#outside.http(request);
        return new Promise((_resolve, reject) => {
            const fail = (kind) => {
                timer.cancel();
                request.signal?.removeEventListener('abort', abort);
                reject(new HttpError(kind, `${request.method} ${request.route}: ${kind}`));
            };
            const abort = () => fail('aborted');
            const timer = blockade === 'silence'
                ? this.#clock.timer(request.timeoutMs, () => fail('timeout'))
                : this.#clock.timer(this.#delayMs, () => fail(blockade));
            request.signal?.addEventListener('abort', abort);
        });
    };
    dial = (url, listener) => {
        const { blockade } = this;
        if (blockade === null)
            return this.#outside.dial(url, listener);
        let isOver = false;
        const end = (error) => {
            if (isOver)
                return;
            isOver = true;
            listener.closed({ how: 'failed', error, message: error });
        };
        if (blockade !== 'silence')
            this.#clock.timer(this.#delayMs, () => end(blockade));
        const giveUp = () => void this.#clock.timer(0, () => end('aborted'));
        return { send: () => false, ping: () => false, close: giveUp, terminate: giveUp };
    };
    reach = (url, limits) => {
        const { blockade } = this;
        if (blockade === null)
            return this.#outside.reach(url, limits);
        const tookMs = blockade === 'silence' ? limits.timeoutMs : this.#delayMs;
        return new Promise((resolve) => {
            const timer = this.#clock.timer(tookMs, () => resolve(false));
            const abort = () => {
                timer.cancel();
                resolve(false);
            };
            limits.signal.addEventListener('abort', abort, { once: true });
        });
    };
}
