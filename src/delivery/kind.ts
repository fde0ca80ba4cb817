import type { DeliveryKind } from './report.js';

/**
 * Event types whose ack carries an answer that a user is waiting for. The platform never pushes them again: after
 * three seconds without an ack the user sees an error.
 * @see larksuite/oapi-sdk-go `dispatcher/callback`, which has the same two
 */
export const CALLBACK_TYPES = ['card.action.trigger', 'url.preview.get'] as const;

const CALLBACKS: ReadonlySet<string> = new Set(CALLBACK_TYPES);

export function kindOf(eventType: string): DeliveryKind {
  return CALLBACKS.has(eventType) ? 'callback' : 'event';
}
