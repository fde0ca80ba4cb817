import { FrameError } from './frame-error.js';

/** How a protobuf field is laid out; the lower three bits of its tag. */
export const WIRE_TYPE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** Depth of unknown groups that is skipped; protobuf's own decoders stop at 100 as well. */
const MAX_GROUP_DEPTH = 100;
/** Longest string that is built from char codes; from there on the native decoder is faster. */
const SHORT_STRING_BYTES = 7;

// A 64-bit number is put together here: each operation on a bigint makes another one.
const wide = new DataView(new ArrayBuffer(8));

// `ignoreBOM` keeps a leading U+FEFF: an ack repeats the header byte for byte.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf fields one after another, never beyond its limit and never allocating by a length it has not checked.
 * All of its errors are {@link FrameError}.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  #limit: number;
  #offset = 0;
  // The last varint in three parts that fit a small integer: bits 0-27, 28-55 and 56-63. No bigint until one is needed.
  #low = 0;
  #middle = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#limit = bytes.length;
  }

  /** Offset of the next byte, for error messages. */
  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#limit;
  }

  /** The tag of the next field: field number times 8 plus its {@link WIRE_TYPE}. */
  tag(): number {
    const at = this.#offset;
    this.#varint('tag');
    if (this.#high !== 0 || this.#middle > 0xf) throw new FrameError(`tag over 32 bits at byte ${at}`);
    const tag = this.#middle * 0x1000_0000 + this.#low;
    if (tag < 8) throw new FrameError(`field number 0 at byte ${at}`);
    return tag;
  }

  /** The low 32 bits, signed, as every protobuf decoder reads an int32. */
  int32(what: string): number {
    this.#varint(what);
    return this.#low | (this.#middle << 28);
  }

  uint64(what: string): bigint {
    this.#varint(what);
    // Below 2^53 the double is exact, and one conversion is cheaper than three.
    if (this.#high === 0 && this.#middle < 0x200_0000) return BigInt(this.#middle * 0x1000_0000 + this.#low);
    wide.setUint32(0, (this.#high << 24) | (this.#middle >>> 4));
    wide.setUint32(4, (this.#middle << 28) | this.#low);
    return wide.getBigUint64(0);
  }

  /** A view, not a copy, and a plain Uint8Array even if the input is a Buffer, whose `slice` would alias. */
  bytes(what: string): Uint8Array {
    const length = this.#length(what);
    const view = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, length);
    this.#offset += length;
    return view;
  }

  string(what: string): string {
    const length = this.#length(what);
    const start = this.#offset;
    const end = start + length;
    this.#offset = end;
    if (length <= SHORT_STRING_BYTES) {
      let text = '';
      let at = start;
      for (; at < end; at++) {
        const byte = this.#bytes[at] as number;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) return text;
    }
    const text = this.#bytes.toString('utf8', start, end);
    // It puts this character where it finds no UTF-8. The strict decoder, which takes twice as long, tells such a one from
    // one that was sent.
    if (!text.includes('\ufffd')) return text;
    try {
      return utf8.decode(this.#bytes.subarray(start, end));
    } catch (cause) {
      throw new FrameError(`${what} is not UTF-8 in the ${length} bytes from byte ${start}`, { cause });
    }
  }

  /** These bytes, one character each, wherever the reader stands. */
  latin1(start: number, end: number): string {
    return start === end ? '' : this.#bytes.toString('latin1', start, end);
  }

  /** Narrows the reader to an embedded message; hand the result to {@link leave}. */
  enter(what: string): number {
    const length = this.#length(what);
    const outer = this.#limit;
    this.#limit = this.#offset + length;
    return outer;
  }

  leave(outer: number): void {
    this.#limit = outer;
  }

  /** Steps over an unknown field whose tag has just been read. */
  skip(tag: number): void {
    const groups: number[] = [];
    let current = tag;
    for (;;) {
      this.#skipOne(current, groups);
      if (groups.length === 0) return;
      if (this.isAtEnd) throw new FrameError(`group ${groups.at(-1)} has no end before byte ${this.#offset}`);
      current = this.tag();
    }
  }

  #skipOne(tag: number, groups: number[]): void {
    const field = tag >>> 3;
    switch (tag & 7) {
      case WIRE_TYPE.varint:
        this.#varint(`field ${field}`);
        return;
      case WIRE_TYPE.fixed64:
        this.#advance(8, field);
        return;
      case WIRE_TYPE.bytes:
        this.#advance(this.#length(`field ${field}`), field);
        return;
      case WIRE_TYPE.fixed32:
        this.#advance(4, field);
        return;
      case WIRE_TYPE.groupStart:
        if (groups.length === MAX_GROUP_DEPTH) {
          throw new FrameError(`groups nested deeper than ${MAX_GROUP_DEPTH} at byte ${this.#offset}`);
        }
        groups.push(field);
        return;
      case WIRE_TYPE.groupEnd:
        if (groups.pop() !== field) throw new FrameError(`stray end of group ${field} before byte ${this.#offset}`);
        return;
      default:
        throw new FrameError(`wire type ${tag & 7} of field ${field} does not exist, before byte ${this.#offset}`);
    }
  }

  #advance(count: number, field: number): void {
    if (count > this.#limit - this.#offset) throw new FrameError(`field ${field} is cut off at byte ${this.#limit}`);
    this.#offset += count;
  }

  #length(what: string): number {
    const at = this.#offset;
    this.#varint(what);
    const length = this.#high * 2 ** 56 + this.#middle * 0x1000_0000 + this.#low;
    const left = this.#limit - this.#offset;
    if (length > left) throw new FrameError(`${what} at byte ${at} claims ${length} bytes, ${left} are left`);
    return length;
  }

  #varint(what: string): void {
    const first = this.#offset < this.#limit ? (this.#bytes[this.#offset] as number) : 0x80;
    if (first < 0x80) {
      this.#offset++;
      this.#low = first;
      this.#middle = 0;
      this.#high = 0;
      return;
    }
    this.#longVarint(what);
  }

  #longVarint(what: string): void {
    const start = this.#offset;
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (start + index >= this.#limit) throw new FrameError(`${what} is cut off at byte ${this.#limit}`);
      const byte = this.#bytes[start + index] as number;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index < 8) middle |= bits << (7 * (index - 4));
      else high |= bits << (7 * (index - 8));
      if (byte > 0x7f) continue;
      if (high > 0xff) throw new FrameError(`${what} at byte ${start} is over 64 bits`);
      this.#offset = start + index + 1;
      this.#low = low;
      this.#middle = middle;
      this.#high = high;
      return;
    }
    throw new FrameError(`${what} at byte ${start} has more than 10 bytes`);
  }
}
