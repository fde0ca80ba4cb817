/** Whether the platform waits for an answer in the ack. */
export type DeliveryKind = 'event' | 'callback';
export const DELIVERY_KINDS = ['event', 'callback'] as const satisfies readonly DeliveryKind[];

/**
 * How an event came to us. `redelivery`: pushed, and either seen here before or older than the first rung of the
 * platform's ladder, 15 s; the platform itself does not say which push is the first. `catchup`: fetched from history.
 */
export const SOURCES = ['push', 'redelivery', 'catchup'] as const;
export type Source = (typeof SOURCES)[number];

/** Why an event, or what should have been one, is not handled. */
export const DROP_REASONS = [
  'no_handler', // nobody registered for this event type; acked, as a repeat would change nothing
  'bad_headers', // a data frame without message_id, sum or seq; not acked
  'bad_fragment', // a fragment that contradicts its siblings or breaks a bound; not acked
  'bad_envelope', // the payload is no event; acked 500
  'card_frame', // the older card callback; not acked, as every official SDK does
  'unknown_type', // a data frame of a type we do not know; not acked
  'overloaded', // the bound on unfinished deliveries is reached; not acked, the platform redelivers
  'too_old', // older than `maxAgeMs`, and the policy says to drop such events; acked
  'stopping', // it arrived after stop(); not acked, the platform redelivers
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** How a run of a handler fails: it threw or rejected, outlasted its deadline, or was aborted by a stop. */
export const HANDLER_FAILURES = ['thrown', 'timeout', 'aborted'] as const;
export type HandlerFailure = (typeof HANDLER_FAILURES)[number];

/** Why an ack was not written: its connection is gone, or the journal did not take the event. */
export const ACK_FAILURES = ['socket_gone', 'journal_refused'] as const;
export type AckFailure = (typeof ACK_FAILURES)[number];

/** What the journal could not do: take an event, take it for want of space, note what became of it, read itself at start. */
export const JOURNAL_FAILURES = ['append', 'disk_full', 'sync', 'recover'] as const;
export type JournalFailure = (typeof JOURNAL_FAILURES)[number];

/** Why an event is a dead letter. */
export const DEAD_LETTER_REASONS = [
  'attempts', // its handler failed as often as it may
  'undeliverable', // its handler said that it never will
  'held', // older than `maxAgeMs`, and the policy says to hold such events for a human
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** Everything the delivery room tells the outside. `detail` is for people, and never holds an event's content. */
export type DeliveryReport =
  /** A whole event, duplicates included. `ageMs` is null if the event has no create time. */
  | {
      readonly type: 'event_received';
      readonly eventType: string;
      readonly eventId: string;
      readonly source: Source;
      readonly ageMs: number | null;
      readonly payloadBytes: number;
    }
  | {
      readonly type: 'duplicate';
      readonly eventType: string;
      readonly eventId: string;
      readonly of: 'in_flight' | 'finished';
    }
  | {
      readonly type: 'dropped';
      readonly reason: DropReason;
      readonly eventType: string | null;
      readonly detail: string;
    }
  | { readonly type: 'fragments_expired'; readonly messageId: string; readonly arrived: number; readonly sum: number }
  | {
      readonly type: 'handler_finished';
      readonly eventType: string;
      readonly eventId: string;
      readonly durationMs: number;
      readonly attempt: number;
      readonly failure: HandlerFailure | null;
      readonly detail: string;
    }
  | {
      readonly type: 'acked';
      readonly kind: DeliveryKind;
      readonly eventType: string;
      readonly eventId: string;
      readonly code: number;
      readonly latencyMs: number;
      readonly isLate: boolean;
    }
  | {
      readonly type: 'ack_failed';
      readonly kind: DeliveryKind;
      readonly eventType: string;
      readonly eventId: string;
      readonly failure: AckFailure;
    }
  /** Unfinished deliveries, whenever that changes. `oldestWallMs` is 0 if there are none. */
  | { readonly type: 'pending'; readonly depth: number; readonly capacity: number; readonly oldestWallMs: number }
  /** The journal was opened, and this is what it remembered. `sizeBytes` is what it takes on disk. */
  | {
      readonly type: 'journal_opened';
      readonly unfinished: number;
      readonly deadLetters: number;
      readonly remembered: number;
      readonly sizeBytes: number;
      readonly durationMs: number;
    }
  /** An event is durable; `durationMs` from the asking. */
  | { readonly type: 'journaled'; readonly eventType: string; readonly eventId: string; readonly durationMs: number }
  | { readonly type: 'journal_failed'; readonly reason: JournalFailure; readonly detail: string }
  /** Now and then. */
  | { readonly type: 'journal_size'; readonly bytes: number }
  /** A run failed and another one will follow. `isCounted`: towards the limit of attempts. */
  | {
      readonly type: 'retry_scheduled';
      readonly eventType: string;
      readonly eventId: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly isCounted: boolean;
    }
  | {
      readonly type: 'dead_lettered';
      readonly eventType: string;
      readonly eventId: string;
      readonly reason: DeadLetterReason;
      readonly attempts: number;
      readonly detail: string;
    }
  /** Dead letters there are, whenever that changes. */
  | { readonly type: 'dead_letters'; readonly count: number }
  /** A human sent a dead letter on its way again, or threw it away. */
  | { readonly type: 'dead_letter_settled'; readonly eventId: string; readonly how: 'replayed' | 'dropped' };
