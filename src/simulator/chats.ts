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
    const { message_id, chat_id, create_time, message_type, content, parent_id } = message;
    if (typeof message_id !== 'string' || typeof chat_id !== 'string') return;
    if (this.find(appId, message_id)) return;
    const senderId = objectOf(objectOf(objectOf(event).sender).sender_id).open_id;
    this.add(appId, {
      messageId: message_id,
      chatId: chat_id,
      createTime: Number(create_time),
      messageType: String(message_type),
      content: String(content),
      senderId: typeof senderId === 'string' ? senderId : '',
      senderType: 'user',
      parentId: typeof parent_id === 'string' ? parent_id : null,
    });
  }

  find(appId: string, messageId: string): ChatMessage | null {
    return this.#messages.get(appId)?.get(messageId) ?? null;
  }

  /** In the order they were said. */
  of(appId: string): readonly ChatMessage[] {
    return [...(this.#messages.get(appId)?.values() ?? [])];
  }

  /** Ids of all chats of the app, in the order of their first message. */
  chatIds(appId: string): readonly string[] {
    return [...new Set(this.of(appId).map((message) => message.chatId))];
  }
}
