import { jsonFaultOf } from './json-fault.js';

/** One decoded event, version 2.0 or 1.0. */
export interface Envelope {
  readonly schema: '2.0' | '1.0';
  /** `header.event_id`, or `uuid` in version 1.0. Never empty. */
  readonly id: string;
  /** `header.event_type`, or `event.type` in version 1.0. Never empty. */
  readonly type: string;
  /** Milliseconds since the epoch, or null if the envelope has none. */
  readonly createTime: number | null;
  readonly appId: string;
  readonly tenantKey: string;
  /** The `event` object. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The whole parsed envelope. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A payload that is no event. The message says why and quotes none of it. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

// Without `ignoreBOM` a byte order mark is swallowed, as JSON.parse would choke on it.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an event. Version 2.0 is told by the presence of `schema`, whatever its value, as the SDKs do; version 1.0 by
 * `uuid`. Members named `__proto__` are harmless: JSON.parse makes them own properties, and nothing is merged here.
 * @param payload The joined payload of the message.
 * @throws EnvelopeError with what is missing or wrong.
 */
export function parseEnvelope(payload: Uint8Array): Envelope {
  const raw = parseObject(payload);
  if (Object.hasOwn(raw, 'encrypt')) {
    throw new EnvelopeError(
      'the envelope is encrypted; encrypted envelopes exist for HTTP push only, not on this path',
    );
  }
  if (Object.hasOwn(raw, 'schema')) return readVersion2(raw);
  if (Object.hasOwn(raw, 'uuid')) return readVersion1(raw);
  throw new EnvelopeError('the envelope has neither schema (version 2.0) nor uuid (version 1.0)');
}

function readVersion2(raw: Record<string, unknown>): Envelope {
  const header = objectOf(raw, 'header', 'header');
  return {
    schema: '2.0',
    id: requiredText(header, 'event_id', 'header.event_id'),
    type: requiredText(header, 'event_type', 'header.event_type'),
    createTime: timeOf(header.create_time),
    appId: textOf(header.app_id),
    tenantKey: textOf(header.tenant_key),
    data: eventOf(raw),
    raw,
  };
}

function readVersion1(raw: Record<string, unknown>): Envelope {
  const event = objectOf(raw, 'event', 'event');
  return {
    schema: '1.0',
    id: requiredText(raw, 'uuid', 'uuid'),
    type: requiredText(event, 'type', 'event.type'),
    createTime: timeOf(raw.ts),
    appId: textOf(event.app_id),
    tenantKey: textOf(event.tenant_key),
    data: event,
    raw,
  };
}

/** An event without content is legal in version 2.0: its type says it all. */
function eventOf(raw: Record<string, unknown>): Record<string, unknown> {
  return raw.event === undefined || raw.event === null ? {} : objectOf(raw, 'event', 'event');
}

/**
 * A time of the platform in milliseconds since the epoch. Its unit is told by its length, as the documentation mixes
 * them: 10 digits are seconds, with or without a fraction (`ts` of version 1.0), 13 milliseconds, 16 microseconds
 * (`card.action.trigger`). An unreadable one is null: no reason to refuse the event.
 */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value);
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{10}(\.\d+)?$/.test(text)) return Math.floor(Number(text) * 1000);
  if (/^\d{16}$/.test(text)) return Math.floor(Number(text) / 1000);
  return null;
}

function parseObject(payload: Uint8Array): Record<string, unknown> {
  if (payload.length === 0) throw new EnvelopeError('the payload is empty');
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch (cause) {
    throw new EnvelopeError(`the payload is not UTF-8 (${payload.length} bytes)`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // No cause: the engine's message quotes the text around the fault.
    throw new EnvelopeError(`the payload is not JSON: ${jsonFaultOf(error, text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EnvelopeError(`the payload is JSON but no object: ${kindOf(value)}`);
  }
  return value as Record<string, unknown>;
}

function objectOf(parent: Record<string, unknown>, key: string, path: string): Record<string, unknown> {
  const value = parent[key];
  if (value === undefined) throw new EnvelopeError(`the envelope has no ${path}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EnvelopeError(`${path} of the envelope is no object: ${kindOf(value)}`);
  }
  return value as Record<string, unknown>;
}

function requiredText(parent: Record<string, unknown>, key: string, path: string): string {
  const value = parent[key];
  if (value === undefined) throw new EnvelopeError(`the envelope has no ${path}`);
  if (typeof value !== 'string') throw new EnvelopeError(`${path} of the envelope is no string: ${kindOf(value)}`);
  if (value === '') throw new EnvelopeError(`${path} of the envelope is empty`);
  return value;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
