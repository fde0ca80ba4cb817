import { errorTextOf } from './error-text.js';
import { redactHttpError } from './redact.js';
import { routeOf } from './sdk-route.js';
/** API answers that mean: drop the token, fetch one, repeat the call once (docs/protocol.md, 7.2). */
export const TOKEN_INVALID_CODES = new Set([
    99_991_661, // token missing
    99_991_663, // tenant token invalid or expired
    99_991_664, // app token invalid
    99_991_668, // user token invalid; also seen for discarded tenant tokens
    99_991_671, // malformed token
]);
// The SDK's own default is no limit at all.
const DEFAULT_TIMEOUT_MS = 30_000;
// 5 minutes: the largest upload, 30 MB, passes at 1 Mbit/s.
const DEFAULT_CALL_LIMIT_MS = 300_000;
/**
 * The SDK's HTTP instance with a deadline, and with the cure for a stale token: a call that carried a token of ours and
 * is told that the token is invalid gets it replaced and is repeated exactly once. A call whose body is a stream is
 * **not** repeated, as the stream is used up; the token is replaced all the same, for the next call. Errors reach the
 * caller without the token or other credentials.
 */
export function sdkHttp(options) {
    // The type parameters are the interface's: callers name what they expect, and nobody checks it.
    const send = (request) => sendRenewing(options, request);
    const bare = (method) => (url, request) => send({ ...request, url, method });
    const carrying = (method) => (url, data, request) => send({ ...request, url, method, data });
    return {
        request: send,
        get: bare('get'),
        delete: bare('delete'),
        head: bare('head'),
        options: bare('options'),
        post: carrying('post'),
        put: carrying('put'),
        patch: carrying('patch'),
    };
}
async function sendRenewing(options, request) {
    const first = await sendOnce(options, request);
    const token = bearerOf(request);
    const code = codeOf(first, request);
    if (token === null || !options.isOurs(token) || !TOKEN_INVALID_CODES.has(code))
        return settle(first);
    options.keeper.invalidate(token, code);
    if (!isReplayable(request.data))
        return settle(first);
    let renewed;
    try {
        renewed = await options.keeper.current();
    }
    catch {
        // The keeper has reported why. What this call is to be told is what the platform answered it.
        return settle(first);
    }
    options.served(renewed);
    return settle(await sendOnce(options, withBearer(request, renewed)));
}
async function sendOnce(options, request) {
    const { agents, timeoutMs = DEFAULT_TIMEOUT_MS, callLimitMs = DEFAULT_CALL_LIMIT_MS } = options;
    const ways = agents === undefined ? {} : { httpAgent: agents.http, httpsAgent: agents.https, proxy: false };
    const limit = wholeCallLimit(request, callLimitMs);
    options.called?.(routeOf(request.url ?? ''));
    try {
        const body = await options.inner.request({ timeout: timeoutMs, ...ways, ...limit.option, ...request });
        return { isError: false, body };
    }
    catch (error) {
        limit.explain(error);
        redactHttpError(error);
        await readErrorBody(error, timeoutMs);
        return { isError: true, body: error };
    }
    finally {
        limit.cancel();
    }
}
/**
 * Ends a call that trickles: axios' `timeout` counts anew with every byte. A download's stream is handed to the caller
 * before it ends, and its end is the caller's business.
 */
function wholeCallLimit(request, callLimitMs) {
    if (request.responseType === 'stream')
        return { option: {}, explain: () => { }, cancel: () => { } };
    const wholeMs = Math.max(callLimitMs, request.timeout ?? 0);
    const abandoned = new AbortController();
    const timer = setTimeout(() => abandoned.abort(), wholeMs);
    return {
        option: { signal: abandoned.signal },
        explain: (error) => {
            // Else it would say no more than "canceled".
            if (abandoned.signal.aborted && error instanceof Error)
                error.message = `not finished within ${wholeMs} ms`;
        },
        cancel: () => clearTimeout(timer),
    };
}
function settle(answer) {
    if (answer.isError)
        throw answer.body;
    return answer.body;
}
/** The answer's code, from the body of a success or of an error; NaN if it has none. */
function codeOf(answer, request) {
    const around = answer.isError ? fieldOf(answer.body, 'response') : answer.body;
    const body = answer.isError || request.$return_headers ? fieldOf(around, 'data') : around;
    const code = fieldOf(body, 'code');
    return typeof code === 'number' ? code : Number.NaN;
}
/** A download's refusal comes as a stream or as bytes. It is read, so that the code in it counts and can be seen. */
async function readErrorBody(error, timeoutMs) {
    const response = fieldOf(error, 'response');
    if (typeof response !== 'object' || response === null || !('data' in response))
        return;
    const text = await errorTextOf(response.data, timeoutMs);
    if (text === null)
        return;
    try {
        response.data = JSON.parse(text);
    }
    catch {
        response.data = text;
    }
}
function bearerOf(request) {
    for (const [name, value] of Object.entries(request.headers ?? {})) {
        if (name.toLowerCase() !== 'authorization' || typeof value !== 'string')
            continue;
        return value.startsWith('Bearer ') ? value.slice('Bearer '.length) : null;
    }
    return null;
}
function withBearer(request, token) {
    const others = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
    return { ...request, headers: { ...Object.fromEntries(others), Authorization: `Bearer ${token}` } };
}
// A body is JSON or a form with a few fields. One with more parts than this is not searched, and not repeated.
const PARTS_LIMIT = 10_000;
/** Whether the body can be sent a second time: no stream, and nothing else that is used up by reading, anywhere in it. */
function isReplayable(data) {
    const parts = [data];
    for (let searched = 0; parts.length > 0; searched += 1) {
        if (searched > PARTS_LIMIT)
            return false;
        const part = parts.pop();
        if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part))
            continue;
        // FormData of the `form-data` package is a stream too. The web's own FormData and Blob can be read again.
        if ('pipe' in part || Symbol.asyncIterator in part)
            return false;
        parts.push(...Object.values(part).slice(0, PARTS_LIMIT));
    }
    return true;
}
function fieldOf(value, name) {
    return typeof value === 'object' && value !== null ? value[name] : undefined;
}
