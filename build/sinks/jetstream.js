import { BrokerKeeper } from './broker-keeper.js';
import { CLOUD_EVENT_CONTENT_TYPE, cloudEventOf, headerTextOf } from './cloud-event.js';
import { DOWN_AFTER_FAILURES } from './health.js';
import { idempotencyKeyOf } from './identity.js';
import { OutletSink } from './outlet.js';
import { SendError } from './send-error.js';
import { subjectOf } from './subject.js';
export const JETSTREAM_DEFAULTS = Object.freeze({
    subject: 'feishu',
    partitions: 1,
    timeoutMs: 5_000, // a stream's leader is elected anew within one to four seconds
    maxInFlight: 256, // at 2 ms a confirmation that is far more than an app gets; a stalled broker holds no more than this
});
/**
 * Publishes each event as a CloudEvent to a stream of NATS JetStream, and has handled it once the stream has confirmed
 * it. The stream drops a repeat by its `Nats-Msg-Id`, which is the event's idempotency key. A callback is published like
 * any other event; it is acked without an answer, as nobody behind the stream can give one in time.
 */
export function createJetStreamSink(settings, parts) {
    return new OutletSink(new JetStream(settings, parts), parts.clock);
}
class JetStream {
    kind = 'jetstream';
    answersEvents = false;
    eventTypes = [];
    maxInFlight;
    #settings;
    #parts;
    #keeper = null;
    #timeoutsInARow = 0;
    constructor(settings, parts) {
        this.#settings = { ...JETSTREAM_DEFAULTS, ...settings };
        this.#parts = parts;
        this.maxInFlight = this.#settings.maxInFlight;
    }
    handles() {
        return true;
    }
    start(signs) {
        this.#keeper = new BrokerKeeper(this.#parts, signs);
        this.#keeper.start();
    }
    async stop() {
        await this.#keeper?.stop();
        this.#keeper = null;
    }
    async send(event, { attempt }, signal) {
        const keeper = this.#keeper;
        if (keeper === null)
            throw new SendError('closed', 'later', 'the sink is not running');
        const { link } = keeper;
        try {
            const { isDuplicate, stream } = await orAborted(this.#publish(link, event, attempt), signal);
            this.#timeoutsInARow = 0;
            return { answer: undefined, isDuplicate, evidence: `the stream ${stream} confirmed an event` };
        }
        catch (error) {
            if (error instanceof SendError && error.failure === 'timeout') {
                this.#timeoutsInARow += 1;
                // The socket stands, but nobody answers on it: perhaps another server of the cluster does.
                if (this.#timeoutsInARow >= DOWN_AFTER_FAILURES) {
                    this.#timeoutsInARow = 0;
                    keeper.renew(link, error);
                }
            }
            throw error;
        }
    }
    #publish(link, event, attempt) {
        const { app, traceparent: traceparentOf } = this.#parts;
        const { subject, partitions, timeoutMs } = this.#settings;
        const traceparent = traceparentOf();
        return link.publish({
            subject: subjectOf(event, { prefix: subject, app, partitions }),
            body: JSON.stringify(cloudEventOf(event, { app, attempt, traceparent })),
            headers: {
                'content-type': CLOUD_EVENT_CONTENT_TYPE,
                'feishu-app': headerTextOf(app),
                'feishu-event-type': headerTextOf(event.type),
                'feishu-source': event.source,
                ...(traceparent !== null && { traceparent }),
            },
            messageId: idempotencyKeyOf(event),
        }, timeoutMs);
    }
}
/** What is published cannot be called back: a later try of the same event is recognised as a repeat. */
function orAborted(pending, signal) {
    return new Promise((resolve, reject) => {
        const abandon = () => reject(signal.reason);
        if (signal.aborted)
            abandon();
        signal.addEventListener('abort', abandon, { once: true });
        pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
    });
}
