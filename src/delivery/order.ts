import type { FeishuEvent } from './event.js';

/**
 * Which events keep their order among each other, where there is a journal. `chat`: those of one chat, and every event
 * that names no chat runs by itself. `none`: no order at all. A function names the key, or null for none; it is called
 * once per event, and one that throws names none.
 */
export type OrderBy = (typeof ORDERS)[number] | ((event: FeishuEvent) => string | null);

export const ORDERS = ['chat', 'none'] as const;

/** The key of the event's lane, or null if it keeps no order with any other. */
export function laneKeyOf(event: FeishuEvent, orderBy: OrderBy): string | null {
  if (orderBy === 'none') return null;
  if (orderBy === 'chat') return chatOf(event);
  try {
    return textOf(orderBy(event));
  } catch {
    // The event must not be lost for the sake of its order, and it is here that the ack hangs on it.
    return null;
  }
}

/**
 * The chat an event belongs to, or null. The platform's events name it in the message, at the top (twice, over the years)
 * or in a card's context.
 */
export function chatOf({ data }: FeishuEvent): string | null {
  return (
    memberOf(data.message, 'chat_id') ??
    textOf(data.chat_id) ??
    textOf(data.open_chat_id) ??
    memberOf(data.context, 'open_chat_id')
  );
}

function memberOf(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  return textOf((value as Readonly<Record<string, unknown>>)[name]);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
