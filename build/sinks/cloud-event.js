import { chatOf } from '../delivery/index.js';
/** What is before the platform's event type in a CloudEvent's `type`: the reverse domain of whoever defines it. */
export const CLOUD_EVENT_TYPE_PREFIX = 'cn.feishu.';
export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';
/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export function cloudEventOf(event, { app, attempt, traceparent }) {
    const chatId = chatOf(event);
    const time = timeOf(event.createTime);
    return {
        specversion: '1.0',
        id: event.id,
        source: `urn:feishu:${event.appId}`,
        type: `${CLOUD_EVENT_TYPE_PREFIX}${event.type}`,
        ...(chatId !== null && { subject: chatId }),
        ...(time !== null && { time }),
        datacontenttype: 'application/json',
        feishuapp: app,
        ...(event.tenantKey !== '' && { feishutenant: event.tenantKey }),
        feishusource: event.source,
        feishuattempt: attempt,
        ...(event.isStale && { feishustale: true }),
        ...(traceparent !== null && { traceparent }),
        data: event.data,
    };
}
/**
 * The attributes as headers, for the binary mode: what may not stand in a header is percent-encoded.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md section 3.1.3
 */
export function binaryHeadersOf({ data: _data, datacontenttype, ...attributes }) {
    const headers = { 'content-type': datacontenttype };
    for (const [name, value] of Object.entries(attributes))
        headers[`ce-${name}`] = headerTextOf(String(value));
    return headers;
}
/** Text as a header holds it: what may not stand there is percent-encoded. */
export function headerTextOf(text) {
    return text.replace(/[^\x21-\x7e]|["%]/gu, (character) => [...new TextEncoder().encode(character)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''));
}
/** Null for none, and for one that no calendar has. */
function timeOf(createTime) {
    if (createTime === null)
        return null;
    const date = new Date(createTime);
    const year = date.getUTCFullYear();
    // RFC 3339 knows years of four digits alone.
    return year >= 0 && year <= 9_999 ? date.toISOString() : null;
}
