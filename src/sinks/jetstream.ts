import type { FeishuEvent } from '../delivery/index.js';
import type { Clock, Random } from '../ports/index.js';
import type { BrokerLink, ConnectBroker } from './broker.js';
import { BrokerKeeper } from './broker-keeper.js';
import { CLOUD_EVENT_CONTENT_TYPE, cloudEventOf, headerTextOf } from './cloud-event.js';
import { DOWN_AFTER_FAILURES } from './health.js';
import { idempotencyKeyOf } from './identity.js';
import { type Outlet, type OutletSigns, OutletSink, type Sent } from './outlet.js';
import { SendError } from './send-error.js';
import type { Sink } from './sink.js';
import { subjectOf } from './subject.js';

/** How events are published; the broker itself is {@link BrokerSettings}. */
export interface JetStreamSettings {
  /** What every subject begins with: one or more tokens. Default `feishu`. */
  readonly subject?: string;
  /** Into how many shares the subjects are split, by chat. Default 1: no split. */
  readonly partitions?: number;
  /** Limit of one publish, until the stream has confirmed it, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Publishes under way at most; more wait. Default 256. */
  readonly maxInFlight?: number;
}

export const JETSTREAM_DEFAULTS: Required<JetStreamSettings> = Object.freeze({
  subject: 'feishu',
  partitions: 1,
  timeoutMs: 5_000, // a stream's leader is elected anew within one to four seconds
  maxInFlight: 256, // at 2 ms a confirmation that is far more than an app gets; a stalled broker holds no more than this
});

/** What the sink needs from outside. */
export interface JetStreamParts {
  /** The operator's name for the app. */
  readonly app: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: ConnectBroker;
  /** The trace context of the try under way, if there is one. */
  readonly traceparent: () => string | null;
}

/**
 * Publishes each event as a CloudEvent to a stream of NATS JetStream, and has handled it once the stream has confirmed
 * it. The stream drops a repeat by its `Nats-Msg-Id`, which is the event's idempotency key. A callback is published like
 * any other event; it is acked without an answer, as nobody behind the stream can give one in time.
 */
export function createJetStreamSink<Client>(settings: JetStreamSettings, parts: JetStreamParts): Sink<Client> {
  return new OutletSink<Client>(new JetStream(settings, parts), parts.clock);
}

class JetStream implements Outlet {
  readonly endsWhenAborted = true;
  readonly kind = 'jetstream';
  readonly answersEvents = false;
  readonly eventTypes: readonly string[] = [];
  readonly maxInFlight: number;
  readonly #settings: Required<JetStreamSettings>;
  readonly #parts: JetStreamParts;
  #keeper: BrokerKeeper | null = null;
  #timeoutsInARow = 0;

  constructor(settings: JetStreamSettings, parts: JetStreamParts) {
    this.#settings = { ...JETSTREAM_DEFAULTS, ...settings };
    this.#parts = parts;
    this.maxInFlight = this.#settings.maxInFlight;
  }

  handles(): boolean {
    return true;
  }

  start(signs: OutletSigns): void {
    this.#keeper = new BrokerKeeper(this.#parts, signs);
    this.#keeper.start();
  }

  async stop(): Promise<void> {
    await this.#keeper?.stop();
    this.#keeper = null;
  }

  async send(event: FeishuEvent, { attempt }: { readonly attempt: number }, signal: AbortSignal): Promise<Sent> {
    const keeper = this.#keeper;
    if (keeper === null) throw new SendError('closed', 'later', 'the sink is not running');
    const { link } = keeper;
    try {
      const { isDuplicate, stream } = await orAborted(this.#publish(link, event, attempt), signal);
      this.#timeoutsInARow = 0;
      return { answer: undefined, isDuplicate, evidence: `the stream ${stream} confirmed an event` };
    } catch (error) {
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

  #publish(link: BrokerLink, event: FeishuEvent, attempt: number) {
    const { app, traceparent: traceparentOf } = this.#parts;
    const { subject, partitions, timeoutMs } = this.#settings;
    const traceparent = traceparentOf();
    return link.publish(
      {
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
      },
      timeoutMs,
    );
  }
}

/** What is published cannot be called back: a later try of the same event is recognised as a repeat. */
function orAborted<Result>(pending: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
