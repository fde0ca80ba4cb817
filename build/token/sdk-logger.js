import { redact } from '../ports/index.js';
const LENGTH_LIMIT = 500;
/**
 * An SDK logger that writes to ours, at debug, and never to the console: a failed call reaches its caller as an error,
 * so the SDK's line about it is a repetition. Of errors it keeps what names the cause; request bodies, which are
 * people's messages, stay out.
 * @param logger Nothing is logged without one.
 */
export function sdkLogger(logger) {
    const write = (sdkLevel) => (...parts) => {
        logger?.debug({ sdkLevel }, redact(`[sdk] ${parts.map(describe).join(' ')}`).slice(0, LENGTH_LIMIT));
    };
    return {
        error: write('error'),
        warn: write('warn'),
        info: write('info'),
        debug: write('debug'),
        trace: write('trace'),
    };
}
function describe(part) {
    if (Array.isArray(part))
        return part.map(describe).join(' ');
    if (typeof part !== 'object' || part === null)
        return String(part);
    const { message, code, msg, config, response } = fieldsOf(part);
    const { method, url } = fieldsOf(config);
    const { status, data: answer } = fieldsOf(response);
    const path = typeof url === 'string' ? url.replace(/\?.*$/s, '') : undefined;
    const words = [method, path, message, code, msg, status, fieldsOf(answer).code, fieldsOf(answer).msg];
    return words.filter((word) => typeof word === 'string' || typeof word === 'number').join(' ');
}
function fieldsOf(value) {
    return typeof value === 'object' && value !== null ? value : {};
}
