import { SOCKET_PATH } from './gateway.js';
import { unreachableMessage } from './in-memory-http.js';
const BROKEN = {
    how: 'failed',
    error: 'reset',
    message: 'the connection broke without a close frame',
};
const NEVER_OPENED = {
    how: 'failed',
    error: 'aborted',
    message: 'the socket was closed before the connection was established',
};
/**
 * Both ends of one socket: towards the client the port `Socket`, towards the platform a `Line`. Each way is a queue with
 * the link's latency, so order is kept.
 */
export class InMemorySocket {
    #platform;
    #link;
    #listener;
    #up;
    #down;
    #state = 'connecting';
    #connection = null;
    /** What the platform put on the line while it accepted: it travels in the segment of the 101. */
    #glued = null;
    #closeTimer = null;
    constructor(platform, link, url, listener) {
        this.#platform = platform;
        this.#link = link;
        this.#listener = listener;
        this.#up = new Way(platform.clock, link);
        this.#down = new Way(platform.clock, link);
        const query = socketQuery(url);
        if (query)
            this.#up.push(() => this.#arrive(query));
        else
            this.#down.push(() => this.#end({ how: 'failed', error: 'protocol', message: 'the socket URL cannot be dialled' }));
    }
    send(bytes) {
        if (this.#state !== 'open')
            return false;
        // The caller may reuse its buffer.
        const sent = bytes.slice();
        this.#up.push(() => this.#connection?.received(sent));
        return true;
    }
    ping() {
        if (this.#state !== 'open')
            return false;
        this.#up.push(() => this.#connection?.pinged(new Uint8Array()));
        return true;
    }
    close(code, reason, timeoutMs) {
        if (this.#state === 'connecting')
            this.terminate();
        if (this.#state !== 'open')
            return;
        this.#state = 'closing';
        this.#closeTimer = this.#platform.clock.timer(timeoutMs, () => this.terminate());
        this.#up.push(() => this.#connection?.ended({ how: 'closed', code, reason }));
    }
    terminate() {
        if (this.#state === 'closed')
            return;
        const end = this.#state === 'connecting' ? NEVER_OPENED : BROKEN;
        this.#down.cut();
        // What was sent before is on its way still; the reset comes behind it.
        this.#up.push(() => this.#connection?.ended({ how: 'reset' }));
        const { clock } = this.#platform;
        this.#state = 'closed';
        this.#closeTimer?.cancel();
        clock.timer(0, () => this.#listener.closed(end));
    }
    #arrive(query) {
        if (this.#state === 'closed')
            return;
        const reception = this.#platform.receiveUpgrade(query);
        if (reception.how === 'unreachable') {
            const { error } = reception;
            this.#down.push(() => this.#end({ how: 'failed', error, message: unreachableMessage(error) }));
        }
        else if (reception.how === 'proceed' && reception.afterMs > 0) {
            this.#platform.clock.timer(reception.afterMs, () => this.#answer(query));
        }
        else if (reception.how === 'proceed')
            this.#answer(query);
    }
    #answer(query) {
        if (this.#state === 'closed')
            return;
        const upgrade = this.#platform.upgrade(query);
        if (upgrade.how === 'refused')
            this.#down.push(() => this.#end(upgrade));
        else
            this.#accept(upgrade);
    }
    #accept(upgrade) {
        const glued = [];
        this.#glued = glued;
        this.#connection = upgrade.accept(this.#line());
        this.#glued = null;
        this.#down.push(() => {
            this.#state = 'open';
            this.#listener.opened();
            for (const act of glued)
                act();
        });
    }
    #line() {
        const down = (act) => {
            if (this.#glued)
                this.#glued.push(act);
            else
                this.#down.push(act);
        };
        return {
            send: (bytes) => down(() => this.#message(bytes)),
            sendText: (text) => down(() => this.#whenOpen(() => this.#listener.text(Buffer.byteLength(text)))),
            pong: () => down(() => this.#whenOpen(() => this.#listener.pong())),
            close: (code, reason) => down(() => this.#end({ how: 'closed', code, reason })),
            answerClose: (code, reason) => down(() => this.#end({ how: 'closed', code, reason })),
            reset: () => down(() => this.#end(BROKEN)),
            // A frozen connection holds back by itself what arrives.
            setReading: () => { },
        };
    }
    #message(bytes) {
        if (bytes.length <= this.#link.maxMessageBytes) {
            this.#whenOpen(() => this.#listener.message(bytes));
            return;
        }
        this.#up.push(() => this.#connection?.ended({ how: 'closed', code: 1009, reason: '' }));
        this.#end({ how: 'failed', error: 'too_large', message: 'Max payload size exceeded' });
    }
    /** A client that has begun to close still hears what comes before the answer. */
    #whenOpen(act) {
        if (this.#state === 'open' || this.#state === 'closing')
            act();
    }
    #end(end) {
        if (this.#state === 'closed')
            return;
        this.#state = 'closed';
        this.#closeTimer?.cancel();
        this.#down.cut();
        this.#listener.closed(end.how === 'refused' ? { how: 'refused', status: end.status, headers: end.headers } : end);
    }
}
/** One direction of a socket: first in, first out, each message after its latency. */
class Way {
    #clock;
    #link;
    #queue = [];
    #freeAt = 0;
    constructor(clock, link) {
        this.#clock = clock;
        this.#link = link;
    }
    push(act) {
        const now = this.#clock.now();
        this.#freeAt = Math.max(this.#freeAt, now + this.#link.delayMs());
        this.#queue.push(act);
        // Whichever timer fires delivers the oldest message: rounding of times cannot turn their order round.
        this.#clock.timer(this.#freeAt - now, () => this.#queue.shift()?.());
    }
    /** What is under way never arrives. */
    cut() {
        this.#queue = [];
    }
}
function socketQuery(url) {
    try {
        const { protocol, pathname, searchParams } = new URL(url);
        return (protocol === 'ws:' || protocol === 'wss:') && pathname === SOCKET_PATH ? searchParams : null;
    }
    catch {
        return null;
    }
}
