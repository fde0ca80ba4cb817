import { ackFrame, encodeFrame } from '../wire/index.js';
import { ACK_LIMIT_MS } from './policy.js';
export const TAKEN = Object.freeze({ code: 200, answer: null });
export const AGAIN = Object.freeze({ code: 500, answer: null });
/** Writes acks, each on the very Session that brought its frame: on another the platform could not know it. */
export class Acks {
    #clock;
    #reporter;
    constructor(clock, reporter) {
        this.#clock = clock;
        this.#reporter = reporter;
    }
    /** Tells whoever waits for this arrival what became of it. */
    send(arrival, { code, answer }, subject) {
        const { origin, at } = arrival;
        if (origin.by === 'feed') {
            origin.settle(code === 200 ? 'taken' : 'refused');
            return;
        }
        const { kind, eventType, eventId } = subject;
        const latencyMs = this.#clock.now() - at.now;
        const result = answer === null ? {} : { result: JSON.parse(answer) };
        if (origin.session.send(encodeFrame(ackFrame(origin.frame, { code, ...result, handlingMs: latencyMs })))) {
            const isLate = latencyMs > ACK_LIMIT_MS;
            this.#reporter.tell({ type: 'acked', kind, eventType, eventId, code, latencyMs, isLate });
        }
        else {
            this.#reporter.tell({ type: 'ack_failed', kind, eventType, eventId, failure: 'socket_gone' });
        }
    }
    /** The journal did not take it: no ack, so that the platform pushes it again. */
    withhold({ origin }, { kind, eventType, eventId }) {
        if (origin.by === 'feed')
            origin.settle('refused');
        else
            this.#reporter.tell({ type: 'ack_failed', kind, eventType, eventId, failure: 'journal_refused' });
    }
}
/**
 * A handler's result as the JSON of its ack, null if there is none. Falsy results are none, as in the official SDK.
 * @throws TypeError for what JSON cannot hold, or whatever a getter or `toJSON` of the result throws.
 */
export function answerOf(result) {
    if (!result)
        return null;
    // Undefined for functions and symbols, though the types do not say so.
    const json = JSON.stringify(result);
    if (json === undefined)
        throw new TypeError(`a result of type ${typeof result} has no JSON for the ack`);
    return json;
}
