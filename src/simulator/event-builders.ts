import type { EventDraft, Stamp } from './event.js';

/** Fields of a version 2.0 header that a test may want to fix. */
export interface EventOptions {
  /** Default: a fresh one. The same id again is the same event to every client. */
  readonly eventId?: string;
  /** Milliseconds since the epoch; default: when it is sent. */
  readonly createTime?: number;
}

/** What a message is made of; all of it has a default. */
export interface MessageOptions extends EventOptions {
  readonly text?: string;
  readonly chatId?: string;
  readonly chatType?: 'p2p' | 'group';
  /** `om_…`; default: a fresh one. */
  readonly messageId?: string;
  /** `ou_…` of the sender. */
  readonly openId?: string;
  /** `ou_…` of those it mentions, such as `botOpenId(appId)`; default none. */
  readonly mentions?: readonly string[];
}

/** The chat that messages go to unless another is named. */
export const DEFAULT_CHAT_ID = 'oc_5ce6d572455d361153b7cb51da133945';
const OPEN_ID = 'ou_84aad35d084aa403a838cf73ee18467';
const USER_IDS = { union_id: 'on_8ed6aa67826108097d9ee143816345', user_id: 'e33ggbyz' };
const VERIFICATION_TOKEN = 'rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV';

/** Somebody writes to the bot: `im.message.receive_v1`. */
export function messageEvent(options: MessageOptions = {}): EventDraft {
  return (stamp) => {
    const createTime = String(options.createTime ?? stamp.wallNow);
    return envelope('im.message.receive_v1', stamp, options, {
      sender: {
        sender_id: { ...USER_IDS, open_id: options.openId ?? OPEN_ID },
        sender_type: 'user',
        tenant_key: stamp.tenantKey,
      },
      message: {
        message_id: options.messageId ?? stamp.ids.prefixed('om'),
        create_time: createTime,
        update_time: createTime,
        chat_id: options.chatId ?? DEFAULT_CHAT_ID,
        chat_type: options.chatType ?? 'p2p',
        message_type: 'text',
        content: JSON.stringify({ text: options.text ?? 'hello' }),
        ...(options.mentions && { mentions: options.mentions.map((openId, index) => mention(openId, index, stamp)) }),
      },
    });
  };
}

function mention(openId: string, index: number, { tenantKey }: Stamp) {
  const key = `@_user_${index + 1}`;
  return { key, id: { ...USER_IDS, open_id: openId }, name: `name ${index + 1}`, tenant_key: tenantKey };
}

/** What a click on a card is made of; all of it has a default. */
export interface CardActionOptions extends EventOptions {
  /** What the pressed button carries; default `{ "key": "approve" }`. */
  readonly value?: Readonly<Record<string, unknown>>;
  readonly tag?: string;
  readonly name?: string;
  readonly chatId?: string;
  /** `om_…` of the card's message. */
  readonly messageId?: string;
  readonly openId?: string;
}

/** Somebody presses a button on a card: the callback `card.action.trigger`, whose answer stands in the acknowledgement. */
export function cardActionEvent(options: CardActionOptions = {}): EventDraft {
  return (stamp) =>
    envelope(
      'card.action.trigger',
      stamp,
      options,
      {
        operator: { ...USER_IDS, tenant_key: stamp.tenantKey, open_id: options.openId ?? OPEN_ID },
        token: `c-${stamp.ids.hex(40)}`,
        action: {
          value: options.value ?? { key: 'approve' },
          tag: options.tag ?? 'button',
          timezone: 'Asia/Shanghai',
          name: options.name ?? 'btn_approve',
        },
        host: 'im_message',
        context: {
          open_message_id: options.messageId ?? stamp.ids.prefixed('om'),
          open_chat_id: options.chatId ?? DEFAULT_CHAT_ID,
        },
      },
      // The documentation's example of this event counts microseconds.
      '000',
    );
}

/** What an event of the older version is made of; all of it has a default. */
export interface Version1Options {
  readonly uuid?: string;
  /** Default `message`. */
  readonly type?: string;
  readonly text?: string;
  readonly chatId?: string;
  readonly createTime?: number;
}

/** An event in the older version 1.0, told by the absence of `schema`. */
export function version1Event(options: Version1Options = {}): EventDraft {
  return (stamp) => ({
    ts: ((options.createTime ?? stamp.wallNow) / 1000).toFixed(7),
    uuid: options.uuid ?? stamp.ids.hex(32),
    token: VERIFICATION_TOKEN,
    type: 'event_callback',
    event: {
      type: options.type ?? 'message',
      app_id: stamp.appId,
      tenant_key: stamp.tenantKey,
      open_id: OPEN_ID,
      open_chat_id: options.chatId ?? DEFAULT_CHAT_ID,
      msg_type: 'text',
      text: options.text ?? 'hello',
    },
  });
}

/** Any other event of version 2.0. */
export function customEvent(
  type: string,
  content: Readonly<Record<string, unknown>>,
  options: EventOptions = {},
): EventDraft {
  return (stamp) => envelope(type, stamp, options, content);
}

function envelope(
  type: string,
  stamp: Stamp,
  options: EventOptions,
  event: Readonly<Record<string, unknown>>,
  createTimeSuffix = '',
) {
  return {
    schema: '2.0',
    header: {
      event_id: options.eventId ?? stamp.ids.hex(32),
      event_type: type,
      create_time: String(options.createTime ?? stamp.wallNow) + createTimeSuffix,
      token: VERIFICATION_TOKEN,
      app_id: stamp.appId,
      tenant_key: stamp.tenantKey,
    },
    event,
  };
}
