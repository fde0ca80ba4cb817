import { chatOf, type FeishuEvent } from '../delivery/index.js';

/** What is before the platform's event type in a CloudEvent's `type`: the reverse domain of whoever defines it. */
export const CLOUD_EVENT_TYPE_PREFIX = 'cn.feishu.';
export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** The attributes of a CloudEvent: what a receiver can route by without knowing the platform. */
export interface CloudEventAttributes {
  readonly specversion: '1.0';
  /** The event id. Together with `source` it names the event. */
  readonly id: string;
  /** `urn:feishu:` and the app id. */
  readonly source: string;
  /** {@link CLOUD_EVENT_TYPE_PREFIX} and the event type. One prefix for Feishu and Lark. */
  readonly type: string;
  /** The chat id, where the event has one. */
  readonly subject?: string;
  /** When the platform says it happened, RFC 3339. */
  readonly time?: string;
  readonly datacontenttype: 'application/json';
  /** The operator's name for the app. */
  readonly feishuapp: string;
  readonly feishutenant?: string;
  /** `push`, `redelivery` or `catchup`. */
  readonly feishusource: string;
  /** 1 for the first try of this event, one more for each after a failed one. */
  readonly feishuattempt: number;
  /** True for an event older than the policy likes; left out for any other. */
  readonly feishustale?: true;
  /** W3C Trace Context, where there is a trace. */
  readonly traceparent?: string;
}

/** A whole CloudEvent in the JSON format. `data` is the envelope's `event` object. */
export interface CloudEvent extends CloudEventAttributes {
  readonly data: Readonly<Record<string, unknown>>;
}

/** What an event's CloudEvent says besides the event. */
export interface CloudEventSetting {
  readonly app: string;
  readonly attempt: number;
  readonly traceparent: string | null;
}

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export function cloudEventOf(event: FeishuEvent, { app, attempt, traceparent }: CloudEventSetting): CloudEvent {
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
    ...(event.isStale && { feishustale: true as const }),
    ...(traceparent !== null && { traceparent }),
    data: event.data,
  };
}

/**
 * The attributes as headers, for the binary mode: what may not stand in a header is percent-encoded.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md section 3.1.3
 */
export function binaryHeadersOf({ data: _data, datacontenttype, ...attributes }: CloudEvent): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': datacontenttype };
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = headerTextOf(String(value));
  return headers;
}

/** Text as a header holds it: what may not stand there is percent-encoded. */
export function headerTextOf(text: string): string {
  return text.replace(/[^\x21-\x7e]|["%]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** Null for none, and for one that no calendar has. */
function timeOf(createTime: number | null): string | null {
  if (createTime === null) return null;
  const date = new Date(createTime);
  const year = date.getUTCFullYear();
  // RFC 3339 knows years of four digits alone.
  return year >= 0 && year <= 9_999 ? date.toISOString() : null;
}
