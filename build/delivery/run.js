import { firstLineOf } from '../ports/index.js';
/** No trace at all. */
export const untraced = (_event, handle) => handle();
/** Why a run gave no result. The message is made for reports: one bounded line. */
export class HandlerError extends Error {
    name = 'HandlerError';
    failure;
    constructor(failure, message, options) {
        super(message, options);
        this.failure = failure;
    }
}
/** Runs the handler, starting in a microtask: no user code runs inside the call that brought a frame. */
export function startRun(parts) {
    const { clock, deadlineMs } = parts;
    const startedAt = clock.now();
    const abortion = new AbortController();
    const outcome = deferred();
    let hasEnded = false;
    let hasBegun = false;
    const end = (settle) => {
        if (hasEnded)
            return;
        hasEnded = true;
        deadline.cancel();
        const ended = settle(clock.now() - startedAt);
        if (ended.error === null)
            outcome.resolve(ended.result);
        else
            outcome.reject(ended.error);
        parts.ended(ended);
    };
    const fail = (error) => {
        end((durationMs) => ({ result: null, error, durationMs }));
    };
    const cut = (error) => {
        if (hasEnded)
            return;
        fail(error);
        // Last, since the handler's abort listeners run inside this call.
        abortion.abort(error);
    };
    const deadline = clock.timer(deadlineMs, () => cut(new HandlerError('timeout', `the handler did not settle within ${deadlineMs} ms`)));
    const begin = () => {
        if (hasBegun || hasEnded)
            return outcome.promise;
        hasBegun = true;
        parts.handle(abortion.signal).then((result) => {
            if (hasEnded)
                parts.settledLate({ result });
            else
                end((durationMs) => ({ result, error: null, durationMs }));
        }, (cause) => {
            if (hasEnded)
                parts.settledLate(null);
            else
                fail(new HandlerError('thrown', firstLineOf(cause), { cause }));
        });
        return outcome.promise;
    };
    // A trace that breaks before it has begun the run must not leave the event to the deadline.
    const orphaned = (cause) => {
        if (!hasBegun)
            fail(new HandlerError('thrown', `the trace did not run the handler: ${firstLineOf(cause)}`, { cause }));
    };
    Promise.resolve()
        .then(() => (hasEnded ? undefined : parts.trace(begin)))
        .then(() => orphaned('it returned'), orphaned);
    return { abort: () => cut(new HandlerError('aborted', 'stopped before the handler settled')) };
}
function deferred() {
    let resolve = () => { };
    let reject = () => { };
    const promise = new Promise((...settlers) => {
        [resolve, reject] = settlers;
    });
    // A trace may drop the promise it gets from `handle`; a rejection is told through `ended` all the same.
    promise.catch(() => { });
    return { promise, resolve, reject };
}
