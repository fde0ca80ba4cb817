/** Routes of this room, as they are named in counts and metrics. */
export const ROUTES = {
  view: '/open-apis/event/v1/connection',
  chats: '/open-apis/im/v1/chats',
  messages: '/open-apis/im/v1/messages',
  bot: '/open-apis/bot/v3/info',
} as const;

/** Scopes of which one is needed, by route: what the documentation says, for where the answer does not. */
export const SCOPES: Readonly<Record<string, readonly string[]>> = {
  [ROUTES.chats]: ['im:chat:readonly', 'im:chat'],
  [ROUTES.messages]: ['im:message:readonly', 'im:message.history:readonly', 'im:message.group_msg'],
};

export type ChatType = 'p2p' | 'group';

/** One message as history has it. */
export interface HistoryMessage {
  readonly messageId: string;
  readonly chatId: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly createTime: number;
  readonly senderType: string;
  /** Withdrawn: there is no content any more, and the platform would not push it. */
  readonly isDeleted: boolean;
  /** Ids of those it mentions. */
  readonly mentionedIds: readonly string[];
  /** The whole item. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null: this was the last page. */
  readonly nextToken: string | null;
}

/**
 * Reads a page of `im.v1.message.list`. Items without id, chat or time are left out: nothing could be told about them.
 * @returns Null if it is no page.
 */
export function readMessages(data: Readonly<Record<string, unknown>>): Page<HistoryMessage> | null {
  return readPage(data, messageOf);
}

/** Reads a page of `im.v1.chat.list`: groups alone, since the platform lists no chats with single people. */
export function readChats(data: Readonly<Record<string, unknown>>): Page<string> | null {
  return readPage(data, (item) => {
    const { chat_id, chat_status } = item;
    const isGone = chat_status === 'dissolved' || chat_status === 'dissolved_save';
    return typeof chat_id === 'string' && chat_id !== '' && !isGone ? chat_id : null;
  });
}

/** Reads the online count; null if it is none. */
export function readOnlineCount(data: Readonly<Record<string, unknown>>): number | null {
  const { online_instance_cnt: count } = data;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null;
}

/** Reads the bot's own `open_id` from its info, which stands beside `data`; null if it has none. */
export function readBotId(body: Readonly<Record<string, unknown>>): string | null {
  const openId = isObject(body.bot) ? body.bot.open_id : null;
  return typeof openId === 'string' && openId !== '' ? openId : null;
}

/** What makes a message in history one that the platform would have pushed to this bot. */
export interface Audience {
  readonly takesBots: boolean;
  /** Whether the app gets messages of groups that do not mention it. */
  readonly hearsGroups: boolean;
  /** The bot's own `open_id`; null if it is not known: then no mention counts, as it may be anybody's. */
  readonly botId: string | null;
}

/** Whether the platform would have pushed it. Pure. */
export function isMeantForUs(message: HistoryMessage, chatType: ChatType, audience: Audience): boolean {
  if (message.isDeleted) return false;
  if (message.senderType !== 'user' && !(audience.takesBots && message.senderType === 'app')) return false;
  if (chatType === 'p2p' || audience.hearsGroups) return true;
  return audience.botId !== null && message.mentionedIds.includes(audience.botId);
}

function readPage<Item>(
  data: Readonly<Record<string, unknown>>,
  read: (item: Readonly<Record<string, unknown>>) => Item | null,
): Page<Item> | null {
  const { items, has_more, page_token } = data;
  // An empty page leaves `items` out, or says null.
  if (items !== undefined && items !== null && !Array.isArray(items)) return null;
  const found = ((items ?? []) as readonly unknown[]).flatMap((item) => {
    const value = isObject(item) ? read(item) : null;
    return value === null ? [] : [value];
  });
  const nextToken = has_more === true && typeof page_token === 'string' && page_token !== '' ? page_token : null;
  return { items: found, nextToken };
}

function messageOf(item: Readonly<Record<string, unknown>>): HistoryMessage | null {
  const { message_id, chat_id, create_time, deleted, sender, mentions } = item;
  const createTime = Number(create_time);
  if (typeof message_id !== 'string' || message_id === '' || typeof chat_id !== 'string') return null;
  if (!Number.isFinite(createTime) || createTime <= 0) return null;
  const senderType = isObject(sender) && typeof sender.sender_type === 'string' ? sender.sender_type : '';
  const mentioned = Array.isArray(mentions) ? mentions : [];
  const mentionedIds = mentioned.flatMap((mention) =>
    isObject(mention) && typeof mention.id === 'string' ? [mention.id] : [],
  );
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

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
