export const DELIVERY_KINDS = ['event', 'callback'];
/**
 * How an event came to us. `redelivery`: pushed, and either seen here before or older than the first rung of the
 * platform's ladder, 15 s; the platform itself does not say which push is the first. `catchup`: fetched from history.
 */
export const SOURCES = ['push', 'redelivery', 'catchup'];
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
];
export const HANDLER_FAILURES = ['thrown', 'timeout', 'aborted'];
export const ACK_FAILURES = ['socket_gone', 'journal_refused'];
/** What the journal could not do: take an event, take it for want of space, note what became of it, read itself at start. */
export const JOURNAL_FAILURES = ['append', 'disk_full', 'sync', 'recover'];
/** Why an event is a dead letter. */
export const DEAD_LETTER_REASONS = [
    'attempts', // its handler failed as often as it may
    'undeliverable', // its handler said that it never will
    'held', // older than `maxAgeMs`, and the policy says to hold such events for a human
];
