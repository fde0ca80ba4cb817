const PREFIX = 'cursor:';
/** Chats remembered. The least recently active one is forgotten; a group comes back with the list of chats. */
const MAX_CURSORS = 5_000;
/** Durable cursors per chat: which chats there are, and which of them are active. */
export class Cursors {
    #notes;
    /** Least recently moved first. */
    #byChat = new Map();
    constructor(notes) {
        this.#notes = notes;
    }
    restore() {
        const found = [...this.#notes.read(PREFIX)].flatMap(([chatId, value]) => {
            const cursor = readCursor(chatId, value);
            return cursor === null ? [] : [cursor];
        });
        found.sort((a, b) => a.createTime - b.createTime);
        for (const cursor of found)
            this.#byChat.set(cursor.chatId, cursor);
    }
    /** Moves the cursor of its chat, forward only: redeliveries and catch-up bring old messages. @returns Whether the chat is a new one. */
    move(cursor) {
        const before = this.#byChat.get(cursor.chatId);
        if (before !== undefined && before.createTime >= cursor.createTime)
            return false;
        this.#byChat.delete(cursor.chatId);
        this.#byChat.set(cursor.chatId, cursor);
        const { chatType: t, messageId: m, createTime: c } = cursor;
        this.#notes.set(PREFIX + cursor.chatId, { t, m, c });
        this.#forgetOldest();
        return before === undefined;
    }
    /** The bot left the chat, or it is gone. */
    forget(chatId) {
        if (this.#byChat.delete(chatId))
            this.#notes.set(PREFIX + chatId, null);
    }
    get(chatId) {
        return this.#byChat.get(chatId) ?? null;
    }
    get size() {
        return this.#byChat.size;
    }
    /** The most recently active first. */
    recent(limit) {
        return [...this.#byChat.values()].sort((a, b) => b.createTime - a.createTime).slice(0, limit);
    }
    #forgetOldest() {
        if (this.#byChat.size <= MAX_CURSORS)
            return;
        const [oldest] = this.#byChat.keys();
        if (oldest !== undefined)
            this.forget(oldest);
    }
}
function readCursor(chatId, value) {
    const { t, m, c } = (value ?? {});
    if ((t !== 'p2p' && t !== 'group') || typeof m !== 'string' || typeof c !== 'number')
        return null;
    return { chatId, chatType: t, messageId: m, createTime: c };
}
