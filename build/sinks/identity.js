import { contentKeysOf } from '../delivery/index.js';
/**
 * The one name of what happened, for whoever deduplicates behind a sink. A message is named by its own id, and an edited
 * one by the time of the edit too, since catch-up finds it in the history under no other name; everything else by the
 * event id, which the platform keeps over redeliveries. The app id stands before it: a message in a chat with two bots
 * is two events, one for each. Letters, digits, `_`, `-` and `:` only, and never a full stop, which separates what a webhook's signature covers.
 */
export function idempotencyKeyOf(event) {
    const name = contentKeysOf(event).at(-1) ?? `event:${event.id}`;
    return `${event.appId}:${name}`.replace(/[^\w:-]/g, '_').slice(0, KEY_MAX_LENGTH);
}
const KEY_MAX_LENGTH = 200; // ids have about 35 characters; a header must not grow with what somebody else sends
