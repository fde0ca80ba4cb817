import type { Slab } from '../ports/index.js';
import { DEAD_LETTER_REASONS, type DeadLetterReason, SOURCES, type Source } from './report.js';

/** What the journal writes before an event's payload. */
export interface EntryHeader {
  readonly eventId: string;
  readonly eventType: string;
  readonly source: Source;
  /** When it arrived first, milliseconds since the epoch. */
  readonly arrivedWallAt: number;
  /** The lane it belongs to; null for none. */
  readonly laneKey: string | null;
  /** What it is known by besides its id. */
  readonly contentKeys: readonly string[];
  /** The trace of its arrival, as W3C writes it; null without one. */
  readonly traceparent: string | null;
  /** A human sent it on its way again: it is not held for its age once more. */
  readonly isReplayed: boolean;
  /** Left out for what is no dead letter. */
  readonly death?: Death;
}

/** How an event became a dead letter. */
export interface Death {
  readonly reason: DeadLetterReason;
  /** Failures that counted. */
  readonly attempts: number;
  /** For people, one bounded line. */
  readonly detail: string;
  /** Milliseconds since the epoch. */
  readonly wallAt: number;
}

export interface Entry {
  readonly header: EntryHeader;
  /** The event as it came: the joined payload of its frames. */
  readonly payload: Uint8Array;
}

/** Bytes that are no entry. The message says why and quotes none of them. */
export class EntryError extends Error {
  override readonly name = 'EntryError';
}

const VERSION = 2;
/** Where the header's length stands, by version. Version 1 told nothing of its own length: it was alone in its row. */
const HEADER_LENGTH_AT = { 1: 1, 2: 5 } as const;
const LENGTH_BYTES = 4;
const PREFIX_BYTES = HEADER_LENGTH_AT[VERSION] + LENGTH_BYTES;

/**
 * One byte of version, four of the length of all that follows (big-endian), four of the header's, the header as JSON, and
 * the payload, byte for byte: it is neither parsed nor written anew on its way to the disk.
 * @param slab Where its bytes are taken from; null: they have memory of their own, as what may wait for long should.
 */
export function encodeEntry({ header, payload }: Entry, slab: Slab | null = null): Uint8Array {
  const json = JSON.stringify(headerToJson(header));
  const jsonBytes = Buffer.byteLength(json);
  const length = PREFIX_BYTES + jsonBytes + payload.length;
  const bytes = slab === null ? Buffer.allocUnsafeSlow(length) : slab.take(length);
  bytes[0] = VERSION;
  bytes.writeUInt32BE(length - 1 - LENGTH_BYTES, 1);
  bytes.writeUInt32BE(jsonBytes, HEADER_LENGTH_AT[VERSION]);
  bytes.write(json, PREFIX_BYTES);
  bytes.set(payload, PREFIX_BYTES + jsonBytes);
  return bytes;
}

/**
 * The payload of what is returned is a view into `bytes`.
 * @throws EntryError for whatever {@link encodeEntry} did not write.
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  const view = bufferOf(bytes);
  if (view.length === 0) throw new EntryError('0 bytes are no entry');
  const version = view.readUInt8(0);
  if (version !== VERSION && version !== 1) throw new EntryError(`version ${version} is not known here`);
  const prefixBytes = HEADER_LENGTH_AT[version] + LENGTH_BYTES;
  if (view.length < prefixBytes) throw new EntryError(`${view.length} bytes are no entry`);
  if (lengthAt(view, 0) !== view.length) throw new EntryError(`${view.length} bytes are not those of one entry`);
  const payloadAt = prefixBytes + view.readUInt32BE(HEADER_LENGTH_AT[version]);
  if (payloadAt > view.length) throw new EntryError(`${view.length} bytes are too few for its header`);
  return { header: headerOf(view.toString('utf8', prefixBytes, payloadAt)), payload: view.subarray(payloadAt) };
}

/**
 * The bytes of each entry of a row, which stand one behind the other: views into it, at least one and at most `countMax`.
 * What is no entry is a piece of its own, up to the end.
 */
export function piecesOf(row: Uint8Array, countMax: number): readonly Uint8Array[] {
  const view = bufferOf(row);
  const pieces: Uint8Array[] = [];
  let from = 0;
  do {
    const isLast = pieces.length === countMax - 1;
    const to = isLast ? row.length : Math.min(row.length, from + lengthAt(view, from));
    pieces.push(view.subarray(from, to));
    from = to;
  } while (from < row.length);
  return pieces;
}

/** The length of the entry that begins there: all that is left, where it does not say. */
function lengthAt(view: Buffer, from: number): number {
  const isTold = view[from] === VERSION && from + PREFIX_BYTES <= view.length;
  return isTold ? 1 + LENGTH_BYTES + view.readUInt32BE(from + 1) : view.length - from;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The entry in these bytes, or why there is none. */
export function decoded(bytes: Uint8Array): Entry | EntryError {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (error instanceof EntryError) return error;
    throw error;
  }
}

/** Short names: they are written a thousand times a second. */
interface HeaderJson {
  readonly id: string;
  readonly type: string;
  readonly from: Source;
  readonly at: number;
  readonly lane: string | undefined;
  readonly keys: readonly string[] | undefined;
  readonly trace: string | undefined;
  readonly replayed: true | undefined;
  readonly death: Death | undefined;
}

function headerToJson(header: EntryHeader): HeaderJson {
  const { eventId, eventType, source, arrivedWallAt, laneKey, contentKeys, traceparent, isReplayed, death } = header;
  // What is undefined is not written; spreads of what is there were a microsecond of every event.
  return {
    id: eventId,
    type: eventType,
    from: source,
    at: arrivedWallAt,
    lane: laneKey ?? undefined,
    keys: contentKeys.length > 0 ? contentKeys : undefined,
    trace: traceparent ?? undefined,
    replayed: isReplayed || undefined,
    death,
  };
}

function headerOf(text: string): EntryHeader {
  const json = objectOf(parsed(text), 'the header');
  const keys = json.keys ?? [];
  if (!Array.isArray(keys)) throw new EntryError('keys of the header are no list');
  return {
    eventId: required(json, 'id'),
    eventType: required(json, 'type'),
    source: oneOf(SOURCES, json.from, 'from'),
    arrivedWallAt: finite(json, 'at'),
    laneKey: typeof json.lane === 'string' ? json.lane : null,
    contentKeys: keys.filter((key): key is string => typeof key === 'string' && key !== ''),
    traceparent: typeof json.trace === 'string' ? json.trace : null,
    isReplayed: json.replayed === true,
    ...(json.death !== undefined && { death: deathOf(json.death) }),
  };
}

function deathOf(value: unknown): Death {
  const json = objectOf(value, 'death');
  return {
    reason: oneOf(DEAD_LETTER_REASONS, json.reason, 'death.reason'),
    attempts: finite(json, 'attempts'),
    detail: typeof json.detail === 'string' ? json.detail : '',
    wallAt: finite(json, 'wallAt'),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: the engine's message quotes the text around the fault.
    throw new EntryError(`its header is no JSON (${text.length} characters)`);
  }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EntryError(`${name} is no object`);
  return value as Record<string, unknown>;
}

function required(json: Record<string, unknown>, name: string): string {
  const value = json[name];
  if (typeof value !== 'string' || value === '') throw new EntryError(`${name} of the header is missing`);
  return value;
}

function finite(json: Record<string, unknown>, name: string): number {
  const value = json[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new EntryError(`${name} is no number`);
  return value;
}

function oneOf<Text extends string>(known: readonly Text[], value: unknown, name: string): Text {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new EntryError(`${name} of the header is none of ${known.join(', ')}`);
  return found;
}
