// Event frames, made once and stamped with a new number each time they are taken: the sender must cost less than any
// client. Every id in them is unique, so that deduplication has something to remember: event, message, frame and trace.

import { encodeFrame, METHOD } from '../../build/wire/index.js';

export const EVENT_TYPE = 'im.message.receive_v1';
export const SERVICE_ID = 33_554_678;
/** Bytes of an event's JSON. */
export const PAYLOAD_BYTES = 1_024;
/** Events that the sender has unacknowledged at any time, as long as it sends. */
export const WINDOW = 1_000;
/** Chats that take turns: their events keep their order where there is a journal. */
export const CHATS = 100;

const NUMBER_MARK = '############';
const CHAT_MARK = '@@';
const TIME_MARK = '~~~~~~~~~~~~~';
const NUMBER_DIGITS = NUMBER_MARK.length;
const BINARY_AND_WHOLE = 0x82;
const ZERO = 0x30;

/** Frames with their WebSocket header, all of one size, numbered from 1. */
export class EventFrames {
  #last = 0;
  #frame = webSocketFrame(eventFrame());
  #numbersAt = placesOf(this.#frame, NUMBER_MARK);
  #chatsAt = placesOf(this.#frame, CHAT_MARK);
  #timesAt = placesOf(this.#frame, TIME_MARK);

  /** The number of the latest frame taken. */
  get last() {
    return this.#last;
  }

  /** The next frames, one behind the other, ready to be written. */
  take(count) {
    const size = this.#frame.length;
    const bytes = Buffer.allocUnsafe(count * size);
    // They happen now: what is old when it arrives counts as a redelivery.
    const now = Date.now();
    for (const at of this.#timesAt) writeDigits(this.#frame, at, TIME_MARK.length, now);
    for (let start = 0; start < bytes.length; start += size) {
      this.#last += 1;
      this.#frame.copy(bytes, start);
      for (const at of this.#numbersAt) writeDigits(bytes, start + at, NUMBER_DIGITS, this.#last);
      for (const at of this.#chatsAt) writeDigits(bytes, start + at, CHAT_MARK.length, this.#last % CHATS);
    }
    return bytes;
  }
}

/** The number in an ack, which repeats the headers of its frame; null if there is none. */
export function numberOf(ack) {
  const at = ack.indexOf(MESSAGE_ID_START);
  if (at < 0) return null;
  let number = 0;
  for (let index = at + MESSAGE_ID_START.length; index < at + MESSAGE_ID_START.length + NUMBER_DIGITS; index += 1) {
    number = number * 10 + (ack[index] - ZERO);
  }
  return number;
}

const MESSAGE_ID_START = Buffer.from('frame-of-bench-');

function eventFrame() {
  const envelope = (text) => ({
    schema: '2.0',
    header: {
      event_id: `bench0000000000000${NUMBER_MARK}`,
      event_type: EVENT_TYPE,
      create_time: TIME_MARK,
      token: 'rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV',
      app_id: 'cli_a1b2c3d4e5f60718',
      tenant_key: '2ca1d211f64f6438',
    },
    event: {
      sender: {
        sender_id: {
          open_id: 'ou_84aad35d084aa403a838cf73ee18467',
          user_id: 'e33ggbyz',
          union_id: 'on_8ed6aa67826108',
        },
        sender_type: 'user',
        tenant_key: '2ca1d211f64f6438',
      },
      message: {
        message_id: `om_bench00000000${NUMBER_MARK}`,
        create_time: TIME_MARK,
        update_time: TIME_MARK,
        chat_id: `oc_bench0000000000000000000000${CHAT_MARK}`,
        chat_type: 'group',
        message_type: 'text',
        content: JSON.stringify({ text }),
      },
    },
  });
  const encoder = new TextEncoder();
  const bare = encoder.encode(JSON.stringify(envelope(''))).length;
  const text = 'The deployment of service checkout is waiting for your approval. '
    .repeat(16)
    .slice(0, PAYLOAD_BYTES - bare);
  const headers = {
    type: 'event',
    message_id: `${MESSAGE_ID_START}${NUMBER_MARK}`,
    sum: '1',
    seq: '0',
    trace_id: `trace-of-bench-${NUMBER_MARK}`,
  };
  return encodeFrame({
    seqId: 1n,
    logId: 7_627_546_355_398_364_345n,
    service: SERVICE_ID,
    method: METHOD.data,
    headers: Object.entries(headers).map(([key, value]) => ({ key, value })),
    payload: encoder.encode(JSON.stringify(envelope(text))),
  });
}

/** As a server sends it: in one piece, not masked. */
export function webSocketFrame(payload) {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([BINARY_AND_WHOLE, length])
      : Buffer.from([BINARY_AND_WHOLE, 126, length >>> 8, length & 0xff]);
  return Buffer.concat([head, payload]);
}

function placesOf(bytes, mark) {
  const places = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}

function writeDigits(bytes, at, count, number) {
  let rest = number;
  for (let index = at + count - 1; index >= at; index -= 1) {
    bytes[index] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
