import { FieldReader } from './field-reader.js';
import { FieldWriter, int32Size, uint64Size, utf8Size, varintSize } from './field-writer.js';
import { type Frame, type FrameHeader, METHOD } from './frame.js';
import { FrameError } from './frame-error.js';
import { ShellOutline } from './frame-shell.js';
import { TAG } from './tag.js';

const LAST_FRAME_FIELD = 9;
const LAST_HEADER_FIELD = 2;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Reads one Frame. Unknown fields are skipped, a repeated single field counts as its last occurrence, as protobuf
 * demands. A known field with a foreign wire type is refused: a peer that changed a type no longer speaks our protocol.
 * The payload is a view of `bytes`: copy what must outlive them.
 * @throws FrameError with what is wrong and at which byte; nothing else.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const reader = new FieldReader(bytes);
  let seqId: bigint | undefined;
  let logId: bigint | undefined;
  let service: number | undefined;
  let method: number | undefined;
  const headers: FrameHeader[] = [];
  let payloadEncoding: string | undefined;
  let payloadType: string | undefined;
  let payload: Uint8Array | undefined;
  let logIdNew: string | undefined;
  const outline = new ShellOutline();
  while (!reader.isAtEnd) {
    const at = reader.offset;
    const tag = reader.tag();
    switch (tag) {
      case TAG.seqId:
        seqId = reader.uint64('SeqID');
        break;
      case TAG.logId:
        logId = reader.uint64('LogID');
        break;
      case TAG.service:
        service = reader.int32('service');
        break;
      case TAG.method:
        method = reader.int32('method');
        break;
      case TAG.header:
        headers.push(decodeHeader(reader, at));
        break;
      case TAG.payloadEncoding:
        payloadEncoding = reader.string('payload_encoding');
        break;
      case TAG.payloadType:
        payloadType = reader.string('payload_type');
        break;
      case TAG.payload:
        payload = reader.bytes('payload');
        break;
      case TAG.logIdNew:
        logIdNew = reader.string('LogIDNew');
        break;
      default:
        skipUnknown(reader, tag, LAST_FRAME_FIELD, at);
    }
    outline.passed(tag, reader.offset);
  }
  if (seqId === undefined) throw missing('SeqID', bytes);
  if (logId === undefined) throw missing('LogID', bytes);
  if (service === undefined) throw missing('service', bytes);
  if (method === undefined) throw missing('method', bytes);
  const shell = method === METHOD.data ? outline.shellOf(reader) : undefined;
  return { seqId, logId, service, method, headers, payloadEncoding, payloadType, payload, logIdNew, shell };
}

function decodeHeader(reader: FieldReader, at: number): FrameHeader {
  const outer = reader.enter('header');
  let key: string | undefined;
  let value: string | undefined;
  while (!reader.isAtEnd) {
    const fieldAt = reader.offset;
    const tag = reader.tag();
    if (tag === TAG.key) key = reader.string('header key');
    else if (tag === TAG.value) value = reader.string('header value');
    else skipUnknown(reader, tag, LAST_HEADER_FIELD, fieldAt);
  }
  reader.leave(outer);
  if (key === undefined) throw new FrameError(`the header at byte ${at} has no key`);
  if (value === undefined) throw new FrameError(`the header at byte ${at} has no value`);
  return { key, value };
}

function skipUnknown(reader: FieldReader, tag: number, lastKnown: number, at: number): void {
  const field = tag >>> 3;
  if (field <= lastKnown) throw new FrameError(`field ${field} has wire type ${tag & 7} at byte ${at}`);
  reader.skip(tag);
}

function missing(field: string, bytes: Uint8Array): FrameError {
  return new FrameError(`required field ${field} is missing up to the end at byte ${bytes.length}`);
}

/**
 * Writes one Frame, fields in ascending order, each number in its shortest form. Required fields are always written,
 * optional ones when present, be they empty or not: what {@link decodeFrame} read comes back as the same bytes.
 * @throws RangeError for a number that its field cannot hold: a bug of the caller.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  checkRange(frame);
  const writer = new FieldWriter(frameSize(frame));
  writer.tag(TAG.seqId);
  writer.uint64(frame.seqId);
  writer.tag(TAG.logId);
  writer.uint64(frame.logId);
  writer.tag(TAG.service);
  writer.int32(frame.service);
  writer.tag(TAG.method);
  writer.int32(frame.method);
  for (const header of frame.headers) writeHeader(writer, header);
  writeOptional(writer, TAG.payloadEncoding, frame.payloadEncoding);
  writeOptional(writer, TAG.payloadType, frame.payloadType);
  if (frame.payload !== undefined) {
    writer.tag(TAG.payload);
    writer.payload(frame.payload);
  }
  writeOptional(writer, TAG.logIdNew, frame.logIdNew);
  return writer.bytes;
}

function writeHeader(writer: FieldWriter, header: FrameHeader): void {
  const keySize = utf8Size(header.key);
  const valueSize = utf8Size(header.value);
  writer.tag(TAG.header);
  writer.varint(delimitedSize(keySize) + delimitedSize(valueSize));
  writer.tag(TAG.key);
  writer.string(header.key, keySize);
  writer.tag(TAG.value);
  writer.string(header.value, valueSize);
}

function writeOptional(writer: FieldWriter, tag: number, text: string | undefined): void {
  if (text === undefined) return;
  writer.tag(tag);
  writer.string(text, utf8Size(text));
}

function frameSize(frame: Frame): number {
  let size = 4 + uint64Size(frame.seqId) + uint64Size(frame.logId) + int32Size(frame.service) + int32Size(frame.method);
  for (const { key, value } of frame.headers) {
    size += delimitedSize(delimitedSize(utf8Size(key)) + delimitedSize(utf8Size(value)));
  }
  size += optionalSize(frame.payloadEncoding) + optionalSize(frame.payloadType) + optionalSize(frame.logIdNew);
  if (frame.payload !== undefined) size += delimitedSize(frame.payload.length);
  return size;
}

function optionalSize(text: string | undefined): number {
  return text === undefined ? 0 : delimitedSize(utf8Size(text));
}

/** Tag, length and content of a length-delimited field. */
function delimitedSize(contentSize: number): number {
  return 1 + varintSize(contentSize) + contentSize;
}

function checkRange(frame: Frame): void {
  checkUint64('seqId', frame.seqId);
  checkUint64('logId', frame.logId);
  checkInt32('service', frame.service);
  checkInt32('method', frame.method);
}

function checkUint64(field: string, value: bigint): void {
  if (value < 0n || value > MAX_UINT64) throw new RangeError(`${field} must be in 0..2^64-1, got ${value}`);
}

function checkInt32(field: string, value: number): void {
  if ((value | 0) !== value) throw new RangeError(`${field} must be a 32-bit integer, got ${value}`);
}
