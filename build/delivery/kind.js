/**
 * Event types whose ack carries an answer that a user is waiting for. The platform never pushes them again: after
 * three seconds without an ack the user sees an error.
 * @see larksuite/oapi-sdk-go `dispatcher/callback`, which has the same two
 */
export const CALLBACK_TYPES = ['card.action.trigger', 'url.preview.get'];
const CALLBACKS = new Set(CALLBACK_TYPES);
export function kindOf(eventType) {
    return CALLBACKS.has(eventType) ? 'callback' : 'event';
}
/**
 * Types that bots subscribe to most. A catch-all handler has no list of its own, and metrics need one: without it every
 * event of the daemon's default mode would count as `other`.
 */
export const COMMON_EVENT_TYPES = [
    'im.message.receive_v1',
    'im.message.message_read_v1',
    'im.message.recalled_v1',
    'im.message.reaction.created_v1',
    'im.chat.member.bot.added_v1',
    'im.chat.member.bot.deleted_v1',
    'application.bot.menu_v6',
    'card.action.trigger',
];
