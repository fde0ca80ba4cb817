export const ORDERS = ['chat', 'none'];
/** The key of the event's lane, or null if it keeps no order with any other. */
export function laneKeyOf(event, orderBy) {
    if (orderBy === 'none')
        return null;
    if (orderBy === 'chat')
        return chatOf(event);
    try {
        return textOf(orderBy(event));
    }
    catch {
        // The event must not be lost for the sake of its order, and it is here that the ack hangs on it.
        return null;
    }
}
/**
 * The chat an event belongs to, or null. The platform's events name it in the message, at the top (twice, over the years)
 * or in a card's context.
 */
export function chatOf({ data }) {
    return (memberOf(data.message, 'chat_id') ??
        textOf(data.chat_id) ??
        textOf(data.open_chat_id) ??
        memberOf(data.context, 'open_chat_id'));
}
function memberOf(value, name) {
    if (typeof value !== 'object' || value === null)
        return null;
    return textOf(value[name]);
}
function textOf(value) {
    return typeof value === 'string' && value !== '' ? value : null;
}
