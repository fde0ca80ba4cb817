import { isObject } from './history.js';
export const MESSAGE_EVENT = 'im.message.receive_v1';
/** Marks the event ids that we made: history knows the message's id and not the event's. */
export const EVENT_ID_PREFIX = 'catchup:';
/**
 * The event that the platform would have pushed for a message in history, in the shape of its version 2.0
 * (docs/protocol.md, 8.1). What history does not have is left out rather than made up: of the sender and of those
 * mentioned only the one id that stands there, and no verification token.
 */
export function envelopeOf(message, recipient) {
    const { appId } = recipient;
    const id = `${EVENT_ID_PREFIX}${message.messageId}`;
    const sender = isObject(message.raw.sender) ? message.raw.sender : {};
    const tenantKey = textOf(sender.tenant_key) || recipient.tenantKey;
    const createTime = String(message.createTime);
    const data = {
        sender: {
            sender_id: idsOf(sender.id, sender.id_type),
            sender_type: message.senderType,
            ...(tenantKey !== '' && { tenant_key: tenantKey }),
        },
        message: messageOf(message, recipient.chatType, createTime),
    };
    const header = {
        event_id: id,
        event_type: MESSAGE_EVENT,
        create_time: createTime,
        token: '',
        app_id: appId,
        tenant_key: recipient.tenantKey || tenantKey,
    };
    const raw = { schema: '2.0', header, event: data };
    return {
        schema: '2.0',
        id,
        type: MESSAGE_EVENT,
        createTime: message.createTime,
        appId,
        tenantKey: header.tenant_key,
        data,
        raw,
    };
}
function messageOf({ raw, messageId, chatId }, chatType, createTime) {
    const body = isObject(raw.body) ? raw.body : {};
    const mentions = Array.isArray(raw.mentions) ? raw.mentions.filter(isObject) : [];
    const optional = ['root_id', 'parent_id', 'thread_id'].flatMap((name) => {
        const value = textOf(raw[name]);
        return value === '' ? [] : [[name, value]];
    });
    return {
        message_id: messageId,
        ...Object.fromEntries(optional),
        create_time: createTime,
        update_time: textOf(raw.update_time) || createTime,
        chat_id: chatId,
        chat_type: chatType,
        // History says `msg_type` where the event says `message_type`.
        message_type: textOf(raw.msg_type),
        content: textOf(body.content),
        ...(mentions.length > 0 && {
            mentions: mentions.map((mention) => ({
                key: textOf(mention.key),
                id: idsOf(mention.id, mention.id_type),
                name: textOf(mention.name),
                tenant_key: textOf(mention.tenant_key),
            })),
        }),
    };
}
/** History gives one id and says which; the event has a field for each kind. */
function idsOf(id, idType) {
    const known = ['open_id', 'user_id', 'union_id', 'app_id'];
    return typeof id === 'string' && typeof idType === 'string' && known.includes(idType) ? { [idType]: id } : {};
}
function textOf(value) {
    return typeof value === 'string' ? value : '';
}
