import { type Frame, frameWith, headerOf } from './frame.js';
import { encodeFrame } from './frame-codec.js';
import { latin1Field } from './frame-shell.js';
import { TAG } from './tag.js';

/** Our answer to a data frame. */
export interface AckAnswer {
  /** 200 taken, 500 not taken: the platform pushes the event again. */
  readonly code: 200 | 500;
  /** What a callback's handler returned, as any JSON. Undefined and null are no result. */
  readonly result?: unknown;
  /** Time that handling took, end minus start, in milliseconds; rounded, never below 0. */
  readonly handlingMs: number;
}

/** A peer's answer to a data frame, as the simulator reads it. */
export interface Ack {
  /** The message it answers; the only thing an ack is matched by, as the Node SDK breaks large ids. */
  readonly messageId: string;
  readonly code: number;
  /** Left out if the answer has none. */
  readonly result?: unknown;
  /** Null if absent or no integer. The Node SDK counts backwards: zero or negative. */
  readonly bizRtMs: number | null;
}

/** A frame that answers nothing. The message says why and quotes no content. */
export class AckError extends Error {
  override readonly name = 'AckError';
}

/**
 * The ack of a data frame: the frame that completed the message, everything repeated, headers plus `biz_rt`, payload
 * replaced by `{"code":200}` or `{"code":200,"data":"<base64 of the result's JSON>"}`.
 * @throws TypeError for a result that JSON cannot hold (a BigInt, a cycle, a function): send code 500 instead.
 */
export function ackFrame(frame: Frame, answer: AckAnswer): Frame {
  const { code, result, handlingMs } = answer;
  const headers = frame.headers.concat({ key: BIZ_RT, value: bizRtValue(handlingMs) });
  return frameWith(frame, headers, Buffer.from(bodyOf(code, result)));
}

/**
 * The bytes of a frame that is read like {@link ackFrame}. Where the frame came as frames do, what is repeated is taken as
 * it was received, and nothing of it is encoded again: odd encodings, and whatever is unknown within a header, included.
 * @throws TypeError as {@link ackFrame} does.
 */
export function ackBytes(frame: Frame, answer: AckAnswer): Uint8Array {
  if (frame.shell === undefined) return encodeFrame(ackFrame(frame, answer));
  const { head, middle, tail } = frame.shell;
  const bizRt = latin1Field(TAG.header, BIZ_RT_KEY + latin1Field(TAG.value, bizRtValue(answer.handlingMs)));
  // All of it is ASCII but for what was received, where a character is a byte already.
  const payload = latin1Field(TAG.payload, bodyOf(answer.code, answer.result));
  return Buffer.from(head + bizRt + middle + payload + tail, 'latin1');
}

const BIZ_RT = 'biz_rt';
const BIZ_RT_KEY = latin1Field(TAG.key, BIZ_RT);

function bizRtValue(handlingMs: number): string {
  return String(Math.max(0, Math.round(handlingMs)));
}

/** The payload of an ack. ASCII alone. */
function bodyOf(code: AckAnswer['code'], result: unknown): string {
  if (result === undefined || result === null) return code === 200 ? '{"code":200}' : '{"code":500}';
  return JSON.stringify({ code, data: Buffer.from(jsonOf(result)).toString('base64') });
}

function jsonOf(result: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (cause) {
    // First line only: for a cycle the engine draws a picture of it.
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : 'its toJSON threw';
    throw new TypeError(`the handler's result cannot be written as JSON: ${reason}`, { cause });
  }
  if (json === undefined)
    throw new TypeError(`the handler's result cannot be written as JSON: it is a ${typeof result}`);
  return json;
}

/**
 * Reads an ack as leniently as the platform must: `biz_rt` negative or absent; `data` null, absent, empty or base64;
 * `headers` whatever; blanks in the JSON.
 * @throws AckError if there is no `message_id`, or the payload is no JSON object with an integer code, or `data` is
 * neither absent nor base64 of JSON.
 */
export function parseAck(frame: Frame): Ack {
  const messageId = headerOf(frame, 'message_id');
  if (messageId === undefined || messageId === '') throw new AckError('the ack has no message_id');
  const body = objectOf(frame.payload);
  const { code, data } = body;
  if (!Number.isInteger(code)) throw new AckError('the ack has no integer code');
  const ack = { messageId, code: code as number, bizRtMs: bizRtOf(frame) };
  if (data === undefined || data === null || data === '') return ack;
  if (typeof data !== 'string') throw new AckError(`data of the ack is no string but ${typeof data}`);
  return { ...ack, result: resultOf(data) };
}

function objectOf(payload: Uint8Array | undefined): Record<string, unknown> {
  if (payload === undefined || payload.length === 0) throw new AckError('the ack has no payload');
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (cause) {
    throw new AckError(`the payload of the ack is not JSON in UTF-8 (${payload.length} bytes)`, { cause });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AckError('the payload of the ack is no JSON object');
  }
  return body as Record<string, unknown>;
}

function resultOf(base64: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64')));
  } catch (cause) {
    throw new AckError(`data of the ack is not base64 of JSON (${base64.length} characters)`, { cause });
  }
}

function bizRtOf(frame: Frame): number | null {
  const given = headerOf(frame, BIZ_RT);
  return given !== undefined && /^-?\d{1,15}$/.test(given) ? Number(given) : null;
}
