import { failureOfSocketEnd } from '../connection/index.js';
import { decodeFrame, encodeFrame, FrameError, frameTypeOf, headerOf, METHOD, pingFrame, } from '../wire/index.js';
/** Budget of the closing handshake; then the transport is destroyed. In milliseconds. */
export const CLOSE_TIMEOUT_MS = 500; // a round trip; whoever does not answer within it is not waited for by people
/**
 * A connection that only looks. It joins the platform's rotation for as long as it is open, so events may come to it;
 * it acknowledges none, and the platform delivers them again to whoever is there then.
 */
export class ProbeSocket {
    #clock;
    #ticket;
    #socket;
    #whenClosed;
    #awaited = null;
    #end = null;
    #isOpen = false;
    #eventCount = 0;
    constructor(dial, ticket, clock) {
        this.#clock = clock;
        this.#ticket = ticket;
        let closed = () => { };
        this.#whenClosed = new Promise((resolve) => {
            closed = resolve;
        });
        this.#socket = dial(ticket.url, {
            opened: () => {
                this.#isOpen = true;
                this.#settle(null);
            },
            message: (bytes) => this.#message(bytes),
            text: () => { }, // no proof of anything: every frame is binary
            pong: () => { }, // the transport answers; whether the gateway does is the question
            closed: (end) => {
                this.#end = end;
                this.#settle(failureOfSocketEnd(end, this.#isOpen));
                closed();
            },
        });
    }
    /** Events that came so far; of a split one the first part counts. */
    get eventCount() {
        return this.#eventCount;
    }
    /** Waits for the 101. @returns Why it did not come; null if it did. */
    async opened(limitMs) {
        if (this.#isOpen)
            return null;
        const failure = await this.#await(limitMs, { code: 'dial_timeout', detail: `no 101 in ${limitMs} ms` });
        // Nobody to say goodbye to.
        if (failure)
            this.#socket.terminate();
        return failure;
    }
    /** Sends the protocol's ping and waits for its pong. @returns Why it did not come; null if it did. */
    firstPong(limitMs) {
        const late = { code: 'proof_timeout', detail: `no pong in ${limitMs} ms after the 101` };
        const answered = this.#await(limitMs, late);
        this.#socket.send(encodeFrame(pingFrame(this.#ticket.service)));
        return answered;
    }
    /** Says goodbye with a close frame, and resolves when the socket is gone: after `limitMs` it is destroyed. */
    close(limitMs = CLOSE_TIMEOUT_MS) {
        this.#socket.close(1000, 'bye', limitMs);
        return this.#whenClosed;
    }
    #await(limitMs, late) {
        if (this.#end)
            return Promise.resolve(failureOfSocketEnd(this.#end, this.#isOpen));
        return new Promise((resolve) => {
            const timer = this.#clock.timer(limitMs, () => this.#settle(late));
            this.#awaited = (failure) => {
                timer.cancel();
                resolve(failure);
            };
        });
    }
    #settle(failure) {
        const awaited = this.#awaited;
        this.#awaited = null;
        awaited?.(failure);
    }
    #message(bytes) {
        let frame;
        try {
            frame = decodeFrame(bytes);
        }
        catch (error) {
            // Neither a pong nor an event, and so neither proof nor loss.
            if (error instanceof FrameError)
                return;
            throw error;
        }
        if (frame.method === METHOD.control && frameTypeOf(frame) === 'pong')
            this.#settle(null);
        if (frame.method === METHOD.data && (headerOf(frame, 'seq') ?? '0') === '0')
            this.#eventCount += 1;
    }
}
