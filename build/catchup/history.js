/** Routes of this room, as they are named in counts and metrics. */
export const ROUTES = {
    view: '/open-apis/event/v1/connection',
    chats: '/open-apis/im/v1/chats',
    messages: '/open-apis/im/v1/messages',
    bot: '/open-apis/bot/v3/info',
};
/** Scopes of which one is needed, by route: what the documentation says, for where the answer does not. */
export const SCOPES = {
    [ROUTES.chats]: ['im:chat:readonly', 'im:chat'],
    [ROUTES.messages]: ['im:message:readonly', 'im:message.history:readonly', 'im:message.group_msg'],
};
/**
 * Reads a page of `im.v1.message.list`. Items without id, chat or time are left out: nothing could be told about them.
 * @returns Null if it is no page.
 */
export function readMessages(data) {
    return readPage(data, messageOf);
}
/** Reads a page of `im.v1.chat.list`: groups alone, since the platform lists no chats with single people. */
export function readChats(data) {
    return readPage(data, (item) => {
        const { chat_id, chat_status } = item;
        const isGone = chat_status === 'dissolved' || chat_status === 'dissolved_save';
        return typeof chat_id === 'string' && chat_id !== '' && !isGone ? chat_id : null;
    });
}
/** Reads the online count; null if it is none. */
export function readOnlineCount(data) {
    const { online_instance_cnt: count } = data;
    return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null;
}
/** Reads the bot's own `open_id` from its info, which stands beside `data`; null if it has none. */
export function readBotId(body) {
    const openId = isObject(body.bot) ? body.bot.open_id : null;
    return typeof openId === 'string' && openId !== '' ? openId : null;
}
/** Whether the platform would have pushed it. Pure. */
export function isMeantForUs(message, chatType, audience) {
    if (message.isDeleted)
        return false;
    if (message.senderType !== 'user' && !(audience.takesBots && message.senderType === 'app'))
        return false;
    if (chatType === 'p2p' || audience.hearsGroups)
        return true;
    return audience.botId !== null && message.mentionedIds.includes(audience.botId);
}
function readPage(data, read) {
    const { items, has_more, page_token } = data;
    // An empty page leaves `items` out, or says null.
    if (items !== undefined && items !== null && !Array.isArray(items))
        return null;
    const found = (items ?? []).flatMap((item) => {
        const value = isObject(item) ? read(item) : null;
        return value === null ? [] : [value];
    });
    const nextToken = has_more === true && typeof page_token === 'string' && page_token !== '' ? page_token : null;
    return { items: found, nextToken };
}
function messageOf(item) {
    const { message_id, chat_id, create_time, deleted, sender, mentions } = item;
    const createTime = Number(create_time);
    if (typeof message_id !== 'string' || message_id === '' || typeof chat_id !== 'string')
        return null;
    if (!Number.isFinite(createTime) || createTime <= 0)
        return null;
    const senderType = isObject(sender) && typeof sender.sender_type === 'string' ? sender.sender_type : '';
    const mentioned = Array.isArray(mentions) ? mentions : [];
    const mentionedIds = mentioned.flatMap((mention) => isObject(mention) && typeof mention.id === 'string' ? [mention.id] : []);
    return {
        messageId: message_id,
        chatId: chat_id,
        createTime,
        senderType,
        isDeleted: deleted === true,
        mentionedIds,
        raw: item,
    };
}
export function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
