import { request as send } from 'node:http';
import { HttpError } from '../ports/index.js';
import { networkErrorOf, networkMessageOf } from './network-error.js';
/**
 * HTTP by Node's own client over whatever connections `lease` gives, which come with proxy and TLS done. The one deadline
 * covers the wait for a lease, the connection, headers and body. Redirects are answers, and are not followed.
 */
export function createHttpOver(lease) {
    const open = new Map();
    return {
        async http(request) {
            const closing = new AbortController();
            const answer = exchange(lease, request, closing.signal);
            open.set(answer, closing);
            try {
                return await answer;
            }
            finally {
                open.delete(answer);
            }
        },
        async close() {
            const ending = [...open.keys()];
            for (const closing of open.values())
                closing.abort();
            await Promise.allSettled(ending);
        },
    };
}
async function exchange(lease, request, closing) {
    const deadline = AbortSignal.timeout(Math.max(1, request.timeoutMs));
    const given = request.signal ? AbortSignal.any([request.signal, closing]) : closing;
    const signal = AbortSignal.any([given, deadline]);
    let leased = null;
    let failure = null;
    try {
        const url = new URL(request.url);
        leased = await lease(url, signal);
        const answer = await answerOf(url, request, leased, signal);
        const body = await readBody(answer, request);
        return { status: answer.statusCode ?? 0, headers: joinHeaders(answer.headers), body };
    }
    catch (error) {
        failure = failureOf(error, request, given, deadline);
        throw failure;
    }
    finally {
        leased?.end(failure);
    }
}
/**
 * Sends the request; resolves with the head of the answer. Node's client ends a request only once that has a connection:
 * one that waits for it would outlive its deadline, so the signal is looked at here as well.
 */
function answerOf(url, request, { way }, signal) {
    return new Promise((resolve, reject) => {
        const abandon = () => reject(signal.reason);
        if (signal.aborted) {
            abandon();
            return;
        }
        const { method, headers, body } = request;
        const sending = send({
            ...way,
            // No protocol: Node would want its TLS done by itself.
            host: url.hostname.replace(/^\[|\]$/g, ''),
            port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
            path: `${url.pathname}${url.search}`,
            method,
            headers: { ...headers, host: url.host },
            joinDuplicateHeaders: true,
            signal,
        });
        signal.addEventListener('abort', abandon, { once: true });
        const settle = () => signal.removeEventListener('abort', abandon);
        const refuse = () => {
            settle();
            reject(new HttpError('protocol', `${request.route}: the peer changed the protocol, unasked`));
            sending.destroy();
        };
        sending.once('upgrade', (_answer, socket) => {
            refuse();
            socket.destroy(); // it is ours by now, and no longer the request's
        });
        sending.once('response', (answer) => {
            if (answer.statusCode === 101) {
                refuse();
                return;
            }
            settle();
            resolve(answer);
        });
        // For good: an EventEmitter without an error listener throws, and a request may fail again after its end.
        sending.on('error', (error) => {
            settle();
            reject(error);
        });
        sending.end(body);
    });
}
function failureOf(error, request, given, deadline) {
    const { route, timeoutMs } = request;
    if (error instanceof HttpError)
        return error;
    if (given.aborted)
        return new HttpError('aborted', `${route}: aborted`, { cause: error });
    if (deadline.aborted)
        return new HttpError('timeout', `${route}: no answer in ${timeoutMs} ms`, { cause: error });
    return new HttpError(networkErrorOf(error), `${route}: ${networkMessageOf(error)}`, { cause: error });
}
async function readBody(body, { maxBytes, whenLarger = 'fail' }) {
    const chunks = [];
    let length = 0;
    for await (const chunk of body) {
        const room = maxBytes - length;
        length += chunk.length;
        chunks.push(chunk.subarray(0, room));
        if (length <= maxBytes)
            continue;
        if (whenLarger === 'fail')
            throw new HttpError('too_large', `the answer is larger than ${maxBytes} bytes`);
        break; // which destroys the rest, and the connection with it
    }
    return Buffer.concat(chunks).toString('utf8');
}
function joinHeaders(headers) {
    const joined = {};
    for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined)
            joined[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    return joined;
}
