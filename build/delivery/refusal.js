/**
 * Thrown by a handler or a sink: not now. The event is sound, but whoever should take it cannot. It is tried again
 * later, as often as it takes, and none of it counts towards the limit after which an event becomes a dead letter. Without
 * a journal the platform's redelivery is the only later there is.
 */
export class RetryLater extends Error {
    name = 'RetryLater';
    /** Earliest next try, in milliseconds from now; null leaves it to the backoff. */
    afterMs;
    constructor(message, options = {}) {
        super(message, { cause: options.cause });
        this.afterMs = options.afterMs ?? null;
    }
}
/**
 * Thrown by a handler or a sink: never. To try this event again is in vain, so it becomes a dead letter at once.
 */
export class Undeliverable extends Error {
    name = 'Undeliverable';
}
/**
 * What a handler's error asks for. By name, not by class: handlers may come with a copy of this package of their own.
 */
export function refusalOf(error) {
    if (!(error instanceof Error))
        return null;
    if (error.name === 'Undeliverable')
        return { is: 'never' };
    if (error.name !== 'RetryLater')
        return null;
    const { afterMs } = error;
    return { is: 'later', afterMs: typeof afterMs === 'number' && afterMs >= 0 ? afterMs : null };
}
