import { objectOf } from './event.js';

/** One message of a chat, as `GET /open-apis/im/v1/messages` shows it. */
export interface ChatMessage {
  readonly messageId: string;
  readonly chatId: string;
  /** Milliseconds since the epoch. */
  readonly createTime: number;
  readonly messageType: string;
  /** JSON in a string, as on the wire. */
  readonly content: string;
  readonly senderId: string;
  readonly senderType: 'user' | 'app';
  readonly parentId: string | null;
  readonly chatType: 'p2p' | 'group';
  /** Whom it mentions, as `open_id`. */
  readonly mentions: readonly Mention[];
}

/** One whom a message mentions. */
export interface Mention {
  /** What stands for the name in the content, such as `@_user_1`. */
  readonly key: string;
  readonly openId: string;
  readonly name: string;
}

/** Messages kept per app. */
const MAX_MESSAGES = 10_000;

/** What was said, by users and by the bot, per app: what a client finds when it asks for what it missed. */
export class Chats {
  /** By app, then by message id, in the order they were said. */
  readonly #messages = new Map<string, Map<string, ChatMessage>>();

  add(appId: string, message: ChatMessage): void {
    const messages = this.#messages.get(appId) ?? new Map<string, ChatMessage>();
    messages.set(message.messageId, message);
    this.#messages.set(appId, messages);
    const [oldest] = messages.keys();
    if (messages.size > MAX_MESSAGES && oldest !== undefined) messages.delete(oldest);
  }

  /** The message in an `im.message.receive_v1` event; nothing for other events. */
  addFromEvent(appId: string, eventType: string, event: unknown): void {
    if (eventType !== 'im.message.receive_v1') return;
    const message = objectOf(objectOf(event).message);
    const { message_id, chat_id, create_time, message_type, content, parent_id, chat_type, mentions } = message;
    if (typeof message_id !== 'string' || typeof chat_id !== 'string') return;
    if (this.find(appId, message_id)) return;
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

  find(appId: string, messageId: string): ChatMessage | null {
    return this.#messages.get(appId)?.get(messageId) ?? null;
  }

  /** In the order they were said. */
  of(appId: string): readonly ChatMessage[] {
    return [...(this.#messages.get(appId)?.values() ?? [])];
  }

  /**
   * Ids of the app's groups, by first message, or by latest with the most recent first. Chats with one person are no part
   * of any list [doc].
   */
  groupIds(appId: string, order: 'first' | 'latest'): readonly string[] {
    const said = this.of(appId).filter(({ chatType }) => chatType === 'group');
    const ordered = order === 'first' ? said : [...said].reverse();
    return [...new Set(ordered.map(({ chatId }) => chatId))];
  }

  /** What a chat was when something was last said in it; null if nothing was. */
  typeOf(appId: string, chatId: string): ChatMessage['chatType'] | null {
    return this.of(appId).findLast((message) => message.chatId === chatId)?.chatType ?? null;
  }
}

function mentionOf(value: unknown): Mention {
  const { key, id, name } = objectOf(value);
  return { key: String(key), openId: String(objectOf(id).open_id), name: String(name) };
}
