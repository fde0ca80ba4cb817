import type { Envelope } from '../wire/index.js';
import type { RetryLater, Undeliverable } from './refusal.js';
import type { Source } from './report.js';

/** One event of the platform, as a handler gets it. */
export interface FeishuEvent {
  /** The event's own id: stable over redeliveries, and the key for idempotence. */
  readonly id: string;
  /** Event type, such as `im.message.receive_v1`. */
  readonly type: string;
  /** When the platform says it happened, in milliseconds since the epoch, or null if it does not say. */
  readonly createTime: number | null;
  /** The app it came to. */
  readonly appId: string;
  /** The organisation it came from. */
  readonly tenantKey: string;
  /** The envelope's `event` object. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Pushed by the platform, pushed again, or fetched by catch-up after an outage; see {@link Source}. */
  readonly source: Source;
  /**
   * Wall time when this run began minus {@link createTime}, in milliseconds; null without a create time. A redelivery may
   * be seven hours old, and what waited in the journal older still. Negative when the clocks disagree.
   */
  readonly ageMs: number | null;
  /**
   * Older than `maxAgeMs` of the delivery policy, which has no default: whether an event is too old to act on is for the
   * application to say. False without a limit. An event without a create time is as old as its wait here.
   */
  readonly isStale: boolean;
  /** The whole parsed envelope, for what is not named above. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Logs a message, with or without fields. Any pino log method fits. */
export interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** What a handler logs with. Any pino logger fits. */
export interface HandlerLogger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

/**
 * What a handler needs besides its event. Every property is a getter that makes its part when it is first looked at: to
 * destructure takes what it names, but a spread (`{ ...context }`) copies none.
 * @typeParam Client The API client; unknown in this room, so that the SDK loads only for those who use it.
 */
export interface HandlerContext<Client = unknown> {
  /** The API client, made when first asked for. */
  readonly client: Client;
  /** Aborted when the handler's deadline has passed or the connector stops without waiting any longer. */
  readonly signal: AbortSignal;
  /** Its lines carry the event's id and the app. */
  readonly logger: HandlerLogger;
  /**
   * 1 for the first run of this event, one more for each run after a failed one. A journal carries the count over
   * restarts, but for runs that ended in {@link RetryLater} and the one that was on when the process was killed.
   */
  readonly attempt: number;
}

/**
 * Handles one event. To throw, reject or outlast the deadline is to fail. Where there is a journal the event then runs
 * again here, after a wait, and after `maxAttempts` failures it is a dead letter; without one the platform pushes it
 * again. To throw {@link RetryLater} is no failure that counts, to throw {@link Undeliverable} is the last one.
 *
 * For a callback the result, if it is truthy, is the answer that the user's client gets; a callback that fails is gone.
 */
export type Handler<Client = unknown> = (
  event: FeishuEvent,
  context: HandlerContext<Client>,
) => unknown | Promise<unknown>;

/** Handlers by event type. The key `*` takes every type that has no handler of its own. */
export type Handlers<Client = unknown> = Readonly<Record<string, Handler<Client>>>;

/** The event in this Envelope, at `wallNow` (milliseconds since the epoch); not stale until somebody says so. */
export function eventOf(envelope: Envelope, source: Source, wallNow: number): FeishuEvent {
  const { id, type, createTime, appId, tenantKey, data, raw } = envelope;
  const ageMs = createTime === null ? null : wallNow - createTime;
  return { id, type, createTime, appId, tenantKey, data, source, ageMs, isStale: false, raw };
}
