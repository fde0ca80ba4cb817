import { type FeishuEvent, kindOf } from '../delivery/index.js';
import { type Clock, type Http, HttpError, type HttpResponse, SecretError, type SecretSource } from '../ports/index.js';
import { binaryHeadersOf, CLOUD_EVENT_CONTENT_TYPE, cloudEventOf } from './cloud-event.js';
import { idempotencyKeyOf } from './identity.js';
import { type Outlet, OutletSink, type Sent } from './outlet.js';
import { abandoned, SendError } from './send-error.js';
import { signingKeyOf, signWebhook } from './signature.js';
import type { Sink } from './sink.js';
import { failureOfAnswer, failureOfNetwork } from './webhook-answer.js';

/** How the CloudEvent is put into the request: all of it as the body, or its attributes as headers. */
export const WEBHOOK_MODES = ['structured', 'binary'] as const;
export type WebhookMode = (typeof WEBHOOK_MODES)[number];

/** Where a webhook is, and how it is asked. */
export interface WebhookSettings {
  /** Where events are posted to: http or https, without user and fragment. It may hold a secret, and is never shown. */
  readonly url: string;
  /** Default `structured`. */
  readonly mode?: WebhookMode;
  /** Limit of one try, from the connection to the end of the answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Requests under way at most; more wait. Default 50. */
  readonly maxInFlight?: number;
}

export const WEBHOOK_DEFAULTS: Required<Omit<WebhookSettings, 'url'>> = Object.freeze({
  mode: 'structured',
  timeoutMs: 10_000, // a receiver that takes longer should take the event first and work on it afterwards
  maxInFlight: 50, // at 100 ms an answer that is 500 events per second, more than an app gets
});

/** What a webhook needs from outside. */
export interface WebhookParts {
  /** The operator's name for the app. */
  readonly app: string;
  readonly clock: Clock;
  /** Keeps its connections, and follows no redirects. */
  readonly http: Http;
  /** The signing secret, asked at each try; null sends without a signature. */
  readonly secret: SecretSource | null;
  /** The trace context of the try under way, if there is one. */
  readonly traceparent: () => string | null;
  /** Lets go of the connections. */
  readonly close: () => Promise<void>;
}

const ROUTE = 'webhook'; // for messages: never the URL, which may hold a secret
const BODY_MAX_BYTES = 16_384; // the answer to an event is read only so that its connection can be used again
const ANSWER_MAX_BYTES = 1_048_576; // the answer to a callback may be a whole card

/** Posts each event as a CloudEvent, signed as the Standard Webhooks specification says. 2xx is done. */
export function createWebhookSink<Client>(settings: WebhookSettings, parts: WebhookParts): Sink<Client> {
  return new OutletSink<Client>(new Webhook(settings, parts), parts.clock);
}

class Webhook implements Outlet {
  readonly endsWhenAborted = true;
  readonly kind = 'webhook';
  readonly answersEvents = false;
  readonly eventTypes: readonly string[] = [];
  readonly maxInFlight: number;
  readonly #settings: Required<WebhookSettings>;
  readonly #parts: WebhookParts;
  /** The receiver asked for patience until then, on the monotonic clock. */
  #holdUntil = 0;

  constructor(settings: WebhookSettings, parts: WebhookParts) {
    this.#settings = { ...WEBHOOK_DEFAULTS, ...settings };
    this.#parts = parts;
    this.maxInFlight = this.#settings.maxInFlight;
  }

  handles(): boolean {
    return true;
  }

  start(): void {
    this.#holdUntil = 0;
  }

  stop(): Promise<void> {
    return this.#parts.close();
  }

  async send(event: FeishuEvent, { attempt }: { readonly attempt: number }, signal: AbortSignal): Promise<Sent> {
    const isCallback = kindOf(event.type) === 'callback';
    // A callback is tried all the same: nobody will ask for it a second time.
    if (!isCallback) this.#holdBack();
    const response = await this.#post(event, attempt, isCallback, signal);
    const failure = failureOfAnswer(response, this.#parts.clock.wallNow());
    if (failure !== null) {
      if (failure.afterMs !== null) this.#holdUntil = this.#parts.clock.now() + failure.afterMs;
      throw failure;
    }
    return {
      answer: isCallback ? answerOf(response) : undefined,
      isDuplicate: false,
      evidence: `the receiver answered ${response.status}`,
    };
  }

  /** Who was asked for patience asks nobody else in the meantime. */
  #holdBack(): void {
    const waitMs = this.#holdUntil - this.#parts.clock.now();
    if (waitMs <= 0) return;
    throw new SendError('busy', 'later', 'the receiver asked to be left alone for a while', { afterMs: waitMs });
  }

  async #post(event: FeishuEvent, attempt: number, isCallback: boolean, signal: AbortSignal): Promise<HttpResponse> {
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
    } catch (error) {
      if (signal.aborted) throw signal.reason instanceof SendError ? signal.reason : abandoned(signal, ROUTE);
      if (!(error instanceof HttpError)) throw error;
      throw new SendError(failureOfNetwork(error.kind), 'later', error.message, { cause: error });
    }
  }

  async #sign(event: FeishuEvent, body: string): Promise<Readonly<Record<string, string>>> {
    const { secret, clock } = this.#parts;
    const id = idempotencyKeyOf(event);
    if (secret === null) return { 'webhook-id': id };
    try {
      const key = signingKeyOf(await secret());
      return { ...signWebhook(key, id, Math.floor(clock.wallNow() / 1_000), body) };
    } catch (error) {
      // Unsigned it would be refused, or worse, taken.
      if (!(error instanceof SecretError || error instanceof RangeError)) throw error;
      throw new SendError('misconfigured', 'later', error.message, { cause: error });
    }
  }
}

/** The answer to a callback; none if the body is empty. */
function answerOf({ body }: HttpResponse): unknown {
  if (body.trim() === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new SendError('bad_answer', 'counted', 'the receiver answered a callback with something that is no JSON');
  }
}
