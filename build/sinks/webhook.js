import { kindOf } from '../delivery/index.js';
import { HttpError, SecretError } from '../ports/index.js';
import { binaryHeadersOf, CLOUD_EVENT_CONTENT_TYPE, cloudEventOf } from './cloud-event.js';
import { idempotencyKeyOf } from './identity.js';
import { OutletSink } from './outlet.js';
import { abandoned, SendError } from './send-error.js';
import { signingKeyOf, signWebhook } from './signature.js';
import { failureOfAnswer, failureOfNetwork } from './webhook-answer.js';
/** How the CloudEvent is put into the request: all of it as the body, or its attributes as headers. */
export const WEBHOOK_MODES = ['structured', 'binary'];
export const WEBHOOK_DEFAULTS = Object.freeze({
    mode: 'structured',
    timeoutMs: 10_000, // a receiver that takes longer should take the event first and work on it afterwards
    maxInFlight: 50, // at 100 ms an answer that is 500 events per second, more than an app gets
});
const ROUTE = 'webhook'; // for messages: never the URL, which may hold a secret
const BODY_MAX_BYTES = 16_384; // the answer to an event is read only so that its connection can be used again
const ANSWER_MAX_BYTES = 1_048_576; // the answer to a callback may be a whole card
/** Posts each event as a CloudEvent, signed as the Standard Webhooks specification says. 2xx is done. */
export function createWebhookSink(settings, parts) {
    return new OutletSink(new Webhook(settings, parts), parts.clock);
}
class Webhook {
    kind = 'webhook';
    answersEvents = false;
    eventTypes = [];
    maxInFlight;
    #settings;
    #parts;
    /** The receiver asked for patience until then, on the monotonic clock. */
    #holdUntil = 0;
    constructor(settings, parts) {
        this.#settings = { ...WEBHOOK_DEFAULTS, ...settings };
        this.#parts = parts;
        this.maxInFlight = this.#settings.maxInFlight;
    }
    handles() {
        return true;
    }
    start() {
        this.#holdUntil = 0;
    }
    stop() {
        return this.#parts.close();
    }
    async send(event, { attempt }, signal) {
        const isCallback = kindOf(event.type) === 'callback';
        // A callback is tried all the same: nobody will ask for it a second time.
        if (!isCallback)
            this.#holdBack();
        const response = await this.#post(event, attempt, isCallback, signal);
        const failure = failureOfAnswer(response, this.#parts.clock.wallNow());
        if (failure !== null) {
            if (failure.afterMs !== null)
                this.#holdUntil = this.#parts.clock.now() + failure.afterMs;
            throw failure;
        }
        return {
            answer: isCallback ? answerOf(response) : undefined,
            isDuplicate: false,
            evidence: `the receiver answered ${response.status}`,
        };
    }
    /** Who was asked for patience asks nobody else in the meantime. */
    #holdBack() {
        const waitMs = this.#holdUntil - this.#parts.clock.now();
        if (waitMs <= 0)
            return;
        throw new SendError('busy', 'later', 'the receiver asked to be left alone for a while', { afterMs: waitMs });
    }
    async #post(event, attempt, isCallback, signal) {
        const { app, traceparent: traceparentOf, http } = this.#parts;
        const { url, mode, timeoutMs } = this.#settings;
        const traceparent = traceparentOf();
        const cloudEvent = cloudEventOf(event, { app, attempt, traceparent });
        const body = JSON.stringify(mode === 'binary' ? cloudEvent.data : cloudEvent);
        const signature = await this.#sign(event, body);
        try {
            return await http({
                method: 'POST',
                url,
                route: ROUTE,
                headers: {
                    ...(mode === 'binary' ? binaryHeadersOf(cloudEvent) : { 'content-type': CLOUD_EVENT_CONTENT_TYPE }),
                    'user-agent': 'feishu-connector',
                    ...(traceparent !== null && { traceparent }),
                    ...signature,
                },
                body,
                timeoutMs,
                maxBytes: isCallback ? ANSWER_MAX_BYTES : BODY_MAX_BYTES,
                whenLarger: 'cut',
                signal,
            });
        }
        catch (error) {
            if (signal.aborted)
                throw signal.reason instanceof SendError ? signal.reason : abandoned(signal, ROUTE);
            if (!(error instanceof HttpError))
                throw error;
            throw new SendError(failureOfNetwork(error.kind), 'later', error.message, { cause: error });
        }
    }
    async #sign(event, body) {
        const { secret, clock } = this.#parts;
        const id = idempotencyKeyOf(event);
        if (secret === null)
            return { 'webhook-id': id };
        try {
            const key = signingKeyOf(await secret());
            return { ...signWebhook(key, id, Math.floor(clock.wallNow() / 1_000), body) };
        }
        catch (error) {
            // Unsigned it would be refused, or worse, taken.
            if (!(error instanceof SecretError || error instanceof RangeError))
                throw error;
            throw new SendError('misconfigured', 'later', error.message, { cause: error });
        }
    }
}
/** The answer to a callback; none if the body is empty. */
function answerOf({ body }) {
    if (body.trim() === '')
        return undefined;
    try {
        return JSON.parse(body);
    }
    catch {
        throw new SendError('bad_answer', 'counted', 'the receiver answered a callback with something that is no JSON');
    }
}
