import { objectOf } from './event.js';
/** Messages kept per app. */
const MAX_MESSAGES = 10_000;
/** What was said, by users and by the bot, per app: what a client finds when it asks for what it missed. */
export class Chats {
    /** By app, then by message id, in the order they were said. */
    #messages = new Map();
    add(appId, message) {
        const messages = this.#messages.get(appId) ?? new Map();
        messages.set(message.messageId, message);
        this.#messages.set(appId, messages);
        const [oldest] = messages.keys();
        if (messages.size > MAX_MESSAGES && oldest !== undefined)
            messages.delete(oldest);
    }
    /** The message in an `im.message.receive_v1` event; nothing for other events. */
    addFromEvent(appId, eventType, event) {
        if (eventType !== 'im.message.receive_v1')
            return;
        const message = objectOf(objectOf(event).message);
        const { message_id, chat_id, create_time, message_type, content, parent_id, chat_type, mentions } = message;
        if (typeof message_id !== 'string' || typeof chat_id !== 'string')
            return;
        if (this.find(appId, message_id))
            return;
        const sender = objectOf(objectOf(event).sender);
        const senderId = objectOf(sender.sender_id).open_id;
        this.add(appId, {
            messageId: message_id,
            chatId: chat_id,
            createTime: Number(create_time),
            messageType: String(message_type),
            content: String(content),
            senderId: typeof senderId === 'string' ? senderId : '',
            senderType: sender.sender_type === 'app' ? 'app' : 'user',
            parentId: typeof parent_id === 'string' ? parent_id : null,
            chatType: chat_type === 'group' ? 'group' : 'p2p',
            mentions: (Array.isArray(mentions) ? mentions : []).map(mentionOf),
        });
    }
    find(appId, messageId) {
        return this.#messages.get(appId)?.get(messageId) ?? null;
    }
    /** In the order they were said. */
    of(appId) {
        return [...(this.#messages.get(appId)?.values() ?? [])];
    }
    /**
     * Ids of the app's groups, by first message, or by latest with the most recent first. Chats with one person are no part
     * of any list [doc].
     */
    groupIds(appId, order) {
        const said = this.of(appId).filter(({ chatType }) => chatType === 'group');
        const ordered = order === 'first' ? said : [...said].reverse();
        return [...new Set(ordered.map(({ chatId }) => chatId))];
    }
    /** What a chat was when something was last said in it; null if nothing was. */
    typeOf(appId, chatId) {
        return this.of(appId).findLast((message) => message.chatId === chatId)?.chatType ?? null;
    }
}
function mentionOf(value) {
    const { key, id, name } = objectOf(value);
    return { key: String(key), openId: String(objectOf(id).open_id), name: String(name) };
}
