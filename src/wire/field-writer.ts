const encoder = new TextEncoder();
// A 64-bit number is taken apart here: each operation on a bigint makes another one, and a shift per byte ten of them.
const wide = new DataView(new ArrayBuffer(8));
/** Up to here a loop over the characters beats the call into the runtime; headers are that short. */
const SHORT_TEXT_LENGTH = 64;

/** Bytes that a varint takes: an unsigned number below 2^32. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) size++;
  return size;
}

/** Bytes that an int32 takes: a negative one is sign-extended to 64 bits, ten bytes. */
export function int32Size(value: number): number {
  return value < 0 ? 10 : varintSize(value);
}

export function uint64Size(value: bigint): number {
  wide.setBigUint64(0, value);
  const high = wide.getUint32(0);
  const low = wide.getUint32(4);
  // Four groups of seven bits are in the low half alone, and the fifth lies across.
  if (high === 0) return varintSize(low);
  return high < 8 ? 5 : 5 + varintSize(high >>> 3);
}

/** Bytes of a text in UTF-8. A lone surrogate counts as U+FFFD, which is what is written for it. */
export function utf8Size(text: string): number {
  const { length } = text;
  if (length > SHORT_TEXT_LENGTH) return Buffer.byteLength(text, 'utf8');
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text, 'utf8');
  }
  return length;
}

/** Writes protobuf fields into a buffer whose size was computed first: one allocation a Frame. */
export class FieldWriter {
  readonly bytes: Uint8Array;
  #offset = 0;

  constructor(size: number) {
    // From Node's pool: to allocate memory of its own for each ack takes as long as to write one.
    const { buffer, byteOffset } = Buffer.allocUnsafe(size);
    this.bytes = new Uint8Array(buffer, byteOffset, size);
  }

  /** One raw byte; every tag of a Frame is one. */
  tag(tag: number): void {
    this.bytes[this.#offset++] = tag;
  }

  /** An unsigned number below 2^32. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.#offset++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.#offset++] = rest;
  }

  int32(value: number): void {
    if (value < 0) this.uint64(BigInt.asUintN(64, BigInt(value)));
    else this.varint(value);
  }

  uint64(value: bigint): void {
    wide.setBigUint64(0, value);
    const high = wide.getUint32(0);
    let low = wide.getUint32(4);
    if (high === 0) {
      this.varint(low);
      return;
    }
    // Four groups of seven bits are in the low half alone, and the fifth lies across.
    for (let group = 0; group < 4; group += 1, low >>>= 7) this.bytes[this.#offset++] = (low & 0x7f) | 0x80;
    const across = ((high & 0x7) << 4) | low;
    const rest = high >>> 3;
    this.bytes[this.#offset++] = rest > 0 ? across | 0x80 : across;
    if (rest > 0) this.varint(rest);
  }

  /** Length and text; `size` is its {@link utf8Size}. */
  string(text: string, size: number): void {
    this.varint(size);
    const { bytes } = this;
    const start = this.#offset;
    if (size === text.length && size <= SHORT_TEXT_LENGTH) {
      for (let index = 0; index < size; index++) bytes[start + index] = text.charCodeAt(index);
    } else {
      encoder.encodeInto(text, bytes.subarray(start));
    }
    this.#offset = start + size;
  }

  /** Length and bytes. */
  payload(payload: Uint8Array): void {
    this.varint(payload.length);
    this.bytes.set(payload, this.#offset);
    this.#offset += payload.length;
  }
}
