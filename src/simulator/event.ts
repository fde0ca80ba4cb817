import type { Ids } from './ids.js';

/** An event envelope as JSON, version 2.0 or 1.0 (docs/protocol.md, section 8). */
export type EventEnvelope = Readonly<Record<string, unknown>>;

/** What only the platform knows when an event happens. */
export interface Stamp {
  readonly ids: Ids;
  /** Milliseconds since the epoch. */
  readonly wallNow: number;
  readonly appId: string;
  readonly tenantKey: string;
}

/** An event that has not happened yet: the platform stamps it when it is sent. */
export type EventDraft = (stamp: Stamp) => EventEnvelope;

/** `callback`: the user waits for the answer, and nothing is ever delivered again. */
export type EventKind = 'event' | 'callback';

/** What the platform has to know about an envelope. */
export interface EventIdentity {
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: EventKind;
}

const CALLBACK_TYPES: readonly string[] = ['card.action.trigger', 'url.preview.get'];

/** @throws TypeError for an envelope without id or type: no client could handle it. Use a fault to send garbage. */
export function identityOf(envelope: EventEnvelope): EventIdentity {
  const isVersion2 = envelope.schema !== undefined;
  const header = objectOf(envelope.header);
  const eventId = isVersion2 ? header.event_id : envelope.uuid;
  const eventType = isVersion2 ? header.event_type : objectOf(envelope.event).type;
  if (typeof eventId !== 'string' || eventId === '')
    throw new TypeError(`the event needs ${isVersion2 ? 'header.event_id' : 'uuid'}`);
  if (typeof eventType !== 'string' || eventType === '')
    throw new TypeError(`the event needs ${isVersion2 ? 'header.event_type' : 'event.type'}`);
  return { eventId, eventType, kind: CALLBACK_TYPES.includes(eventType) ? 'callback' : 'event' };
}

/** The same event under another id. */
export function withEventId(envelope: EventEnvelope, eventId: string): EventEnvelope {
  if (envelope.schema === undefined) return { ...envelope, uuid: eventId };
  return { ...envelope, header: { ...objectOf(envelope.header), event_id: eventId } };
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
