import { HandlerError, RetryLater, Undeliverable } from '../delivery/index.js';
import { firstLineOf } from '../ports/index.js';
/** Why one send failed, and what the pipeline should do about it. The message is one line for people. */
export class SendError extends Error {
    name = 'SendError';
    failure;
    remedy;
    /** Earliest next try that the other side asked for, in milliseconds; null leaves it to the backoff. */
    afterMs;
    constructor(failure, remedy, message, options = {}) {
        super(message, { cause: options.cause });
        this.failure = failure;
        this.remedy = remedy;
        this.afterMs = options.afterMs ?? null;
    }
}
/** What was thrown, as a SendError: what no sink sorted is the handler's own, and its class says the remedy. */
export function sendErrorOf(thrown) {
    if (thrown instanceof SendError)
        return thrown;
    const message = firstLineOf(thrown);
    if (thrown instanceof RetryLater) {
        return new SendError('thrown', 'later', message, { afterMs: thrown.afterMs, cause: thrown });
    }
    return new SendError('thrown', thrown instanceof Undeliverable ? 'never' : 'counted', message, { cause: thrown });
}
/** What the pipeline understands. What a handler threw stays what it was. */
export function refusalOf(error) {
    if (error.failure === 'thrown')
        return error.cause;
    switch (error.remedy) {
        case 'later':
            return new RetryLater(error.message, { afterMs: error.afterMs, cause: error });
        case 'never':
            return new Undeliverable(error.message, { cause: error });
        case 'counted':
            return error;
    }
}
/** The delivery stopped waiting: because its deadline passed, or because it stops. */
export function abandoned(signal, what) {
    const { reason } = signal;
    const isLate = reason instanceof HandlerError && reason.failure === 'timeout';
    return isLate
        ? new SendError('timeout', 'later', `${what}: no answer before the delivery's deadline`)
        : new SendError('aborted', 'later', `${what}: the delivery stopped waiting`);
}
