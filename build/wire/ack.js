import { headerOf } from './frame.js';
/** A frame that answers nothing. The message says why and quotes no content. */
export class AckError extends Error {
    name = 'AckError';
}
/**
 * The ack of a data frame: the frame that completed the message, everything repeated, headers plus `biz_rt`, payload
 * replaced by `{"code":200}` or `{"code":200,"data":"<base64 of the result's JSON>"}`.
 * @throws TypeError for a result that JSON cannot hold (a BigInt, a cycle, a function): send code 500 instead.
 */
export function ackFrame(frame, answer) {
    const { code, result, handlingMs } = answer;
    const hasResult = result !== undefined && result !== null;
    const body = hasResult ? { code, data: Buffer.from(jsonOf(result)).toString('base64') } : { code };
    return {
        ...frame,
        headers: [...frame.headers, { key: 'biz_rt', value: String(Math.max(0, Math.round(handlingMs))) }],
        payload: new TextEncoder().encode(JSON.stringify(body)),
    };
}
function jsonOf(result) {
    let json;
    try {
        json = JSON.stringify(result);
    }
    catch (cause) {
        // First line only: for a cycle the engine draws a picture of it.
        const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'its toJSON threw';
        throw new TypeError(`the handler's result cannot be written as JSON: ${reason}`, { cause });
    }
    if (json === undefined)
        throw new TypeError(`the handler's result cannot be written as JSON: it is a ${typeof result}`);
    return json;
}
/**
 * Reads an ack as leniently as the platform must: `biz_rt` negative or absent; `data` null, absent, empty or base64;
 * `headers` whatever; blanks in the JSON.
 * @throws AckError if there is no `message_id`, or the payload is no JSON object with an integer code, or `data` is
 * neither absent nor base64 of JSON.
 */
export function parseAck(frame) {
    const messageId = headerOf(frame, 'message_id');
    if (messageId === undefined || messageId === '')
        throw new AckError('the ack has no message_id');
    const body = bodyOf(frame.payload);
    const { code, data } = body;
    if (!Number.isInteger(code))
        throw new AckError('the ack has no integer code');
    const ack = { messageId, code: code, bizRtMs: bizRtOf(frame) };
    if (data === undefined || data === null || data === '')
        return ack;
    if (typeof data !== 'string')
        throw new AckError(`data of the ack is no string but ${typeof data}`);
    return { ...ack, result: resultOf(data) };
}
function bodyOf(payload) {
    if (payload === undefined || payload.length === 0)
        throw new AckError('the ack has no payload');
    let body;
    try {
        body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    }
    catch (cause) {
        throw new AckError(`the payload of the ack is not JSON in UTF-8 (${payload.length} bytes)`, { cause });
    }
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
        throw new AckError('the payload of the ack is no JSON object');
    }
    return body;
}
function resultOf(base64) {
    try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64')));
    }
    catch (cause) {
        throw new AckError(`data of the ack is not base64 of JSON (${base64.length} characters)`, { cause });
    }
}
function bizRtOf(frame) {
    const given = headerOf(frame, 'biz_rt');
    return given !== undefined && /^-?\d{1,15}$/.test(given) ? Number(given) : null;
}
