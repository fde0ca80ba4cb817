import { HttpError } from '../ports/index.js';
/** `Http` without a network: there, what the platform does, and back, within the request's deadline. */
export function inMemoryHttp(platform, link) {
    return (request) => new Promise((resolve, reject) => {
        const { clock } = platform;
        const timers = [];
        const finish = () => {
            for (const timer of timers)
                timer.cancel();
            request.signal?.removeEventListener('abort', abort);
        };
        const fail = (kind, message) => {
            finish();
            reject(new HttpError(kind, `${request.method} ${request.route}: ${message}`));
        };
        const abort = () => fail('aborted', 'aborted by its own signal');
        if (request.signal?.aborted)
            return abort();
        const asked = platformRequest(request);
        if (!asked)
            return fail('protocol', 'the URL cannot be read');
        request.signal?.addEventListener('abort', abort);
        timers.push(clock.timer(request.timeoutMs, () => fail('timeout', `no answer within ${request.timeoutMs} ms`)));
        const arrive = () => {
            const answer = platform.answer(asked);
            if (answer.how === 'hung')
                return;
            if (answer.how === 'unreachable')
                return fail(answer.error, unreachableMessage(answer.error));
            timers.push(clock.timer(answer.afterMs + link.delayMs(), () => deliver(answer)));
        };
        const deliver = ({ status, headers, body }) => {
            if (Buffer.byteLength(body) > request.maxBytes)
                return fail('too_large', `the answer has more than ${request.maxBytes} bytes`);
            finish();
            resolve({ status, headers, body });
        };
        timers.push(clock.timer(link.delayMs(), arrive));
    });
}
/** What connecting says, in the words of Node. */
export function unreachableMessage(error) {
    return error === 'dns' ? 'getaddrinfo ENOTFOUND platform.invalid' : 'connect ECONNREFUSED';
}
function platformRequest(request) {
    let url;
    try {
        url = new URL(request.url);
    }
    catch {
        return null;
    }
    const headers = {};
    for (const [name, value] of Object.entries(request.headers ?? {}))
        headers[name.toLowerCase()] = value;
    return {
        method: request.method,
        origin: url.origin,
        path: url.pathname,
        query: url.searchParams,
        headers,
        body: request.body ?? '',
    };
}
