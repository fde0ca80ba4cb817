/** Whether the platform waits for an answer in the ack. */
export type DeliveryKind = 'event' | 'callback';
export const DELIVERY_KINDS = ['event', 'callback'] as const satisfies readonly DeliveryKind[];

/** How an event came to us. */
export type Source = 'push' | 'catchup';
export const SOURCES = ['push', 'catchup'] as const satisfies readonly Source[];

export const DROP_REASONS = [
  'no_handler', // nobody registered for this event type; acked, as a repeat would change nothing
  'bad_headers', // a data frame without message_id, sum or seq; not acked
  'bad_fragment', // a fragment that contradicts its siblings or breaks a bound; not acked
  'bad_envelope', // the payload is no event; acked 500
  'card_frame', // the older card callback; not acked, as every official SDK does
  'unknown_type', // a data frame of a type we do not know; not acked
  'overloaded', // the bound on unfinished deliveries is reached; not acked, the platform redelivers
  'stopping', // it arrived after stop(); not acked, the platform redelivers
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export const HANDLER_FAILURES = ['thrown', 'timeout', 'aborted'] as const;
export type HandlerFailure = (typeof HANDLER_FAILURES)[number];

export const ACK_FAILURES = ['socket_gone'] as const;
export type AckFailure = (typeof ACK_FAILURES)[number];

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
  | { readonly type: 'pending'; readonly depth: number; readonly capacity: number; readonly oldestWallMs: number };
