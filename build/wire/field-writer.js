const encoder = new TextEncoder();
const LOW_32_BITS = 0xffffffffn;
/** Up to here a loop over the characters beats the call into the runtime; headers are that short. */
const SHORT_TEXT_LENGTH = 64;
/** Bytes that a varint takes: an unsigned number below 2^32. */
export function varintSize(value) {
    let size = 1;
    for (let rest = value; rest > 0x7f; rest >>>= 7)
        size++;
    return size;
}
/** Bytes that an int32 takes: a negative one is sign-extended to 64 bits, ten bytes. */
export function int32Size(value) {
    return value < 0 ? 10 : varintSize(value);
}
export function uint64Size(value) {
    let size = 1;
    for (let rest = value >> 7n; rest > 0n; rest >>= 7n)
        size++;
    return size;
}
/** Bytes of a text in UTF-8. A lone surrogate counts as U+FFFD, which is what is written for it. */
export function utf8Size(text) {
    const { length } = text;
    if (length > SHORT_TEXT_LENGTH)
        return Buffer.byteLength(text, 'utf8');
    for (let index = 0; index < length; index++) {
        if (text.charCodeAt(index) > 0x7f)
            return Buffer.byteLength(text, 'utf8');
    }
    return length;
}
/** Writes protobuf fields into a buffer whose size was computed first: one allocation a Frame. */
export class FieldWriter {
    bytes;
    #offset = 0;
    constructor(size) {
        this.bytes = new Uint8Array(size);
    }
    /** One raw byte; every tag of a Frame is one. */
    tag(tag) {
        this.bytes[this.#offset++] = tag;
    }
    /** An unsigned number below 2^32. */
    varint(value) {
        let rest = value;
        while (rest > 0x7f) {
            this.bytes[this.#offset++] = (rest & 0x7f) | 0x80;
            rest >>>= 7;
        }
        this.bytes[this.#offset++] = rest;
    }
    int32(value) {
        if (value < 0)
            this.uint64(BigInt.asUintN(64, BigInt(value)));
        else
            this.varint(value);
    }
    uint64(value) {
        let rest = value;
        while (rest > LOW_32_BITS) {
            this.bytes[this.#offset++] = Number(rest & 0x7fn) | 0x80;
            rest >>= 7n;
        }
        this.varint(Number(rest));
    }
    /** Length and text; `size` is its {@link utf8Size}. */
    string(text, size) {
        this.varint(size);
        const { bytes } = this;
        const start = this.#offset;
        if (size === text.length && size <= SHORT_TEXT_LENGTH) {
            for (let index = 0; index < size; index++)
                bytes[start + index] = text.charCodeAt(index);
        }
        else {
            encoder.encodeInto(text, bytes.subarray(start));
        }
        this.#offset = start + size;
    }
    /** Length and bytes. */
    payload(payload) {
        this.varint(payload.length);
        this.bytes.set(payload, this.#offset);
        this.#offset += payload.length;
    }
}
