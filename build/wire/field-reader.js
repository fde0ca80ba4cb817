import { FrameError } from './frame-error.js';
/** How a protobuf field is laid out; the lower three bits of its tag. */
export const WIRE_TYPE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 };
/** Depth of unknown groups that is skipped; protobuf's own decoders stop at 100 as well. */
const MAX_GROUP_DEPTH = 100;
/** Longest string that is built from char codes; beyond it the native decoder is faster. */
const SHORT_STRING_BYTES = 64;
// `ignoreBOM` keeps a leading U+FEFF: an ack repeats the header byte for byte.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/**
 * Reads protobuf fields one after another, never beyond its limit and never allocating by a length it has not checked.
 * All of its errors are {@link FrameError}.
 */
export class FieldReader {
    #bytes;
    #limit;
    #offset = 0;
    // The last varint in three parts that fit a small integer: bits 0-27, 28-55 and 56-63. No bigint until one is needed.
    #low = 0;
    #middle = 0;
    #high = 0;
    constructor(bytes) {
        this.#bytes = bytes;
        this.#limit = bytes.length;
    }
    /** Offset of the next byte, for error messages. */
    get offset() {
        return this.#offset;
    }
    get isAtEnd() {
        return this.#offset >= this.#limit;
    }
    /** The tag of the next field: field number times 8 plus its {@link WIRE_TYPE}. */
    tag() {
        const at = this.#offset;
        this.#varint('tag');
        if (this.#high !== 0 || this.#middle > 0xf)
            throw new FrameError(`tag over 32 bits at byte ${at}`);
        const tag = this.#middle * 0x1000_0000 + this.#low;
        if (tag < 8)
            throw new FrameError(`field number 0 at byte ${at}`);
        return tag;
    }
    /** The low 32 bits, signed, as every protobuf decoder reads an int32. */
    int32(what) {
        this.#varint(what);
        return this.#low | (this.#middle << 28);
    }
    uint64(what) {
        this.#varint(what);
        // Below 2^53 the double is exact, and one conversion is cheaper than three.
        if (this.#high === 0 && this.#middle < 0x200_0000)
            return BigInt(this.#middle * 0x1000_0000 + this.#low);
        return (BigInt(this.#high) << 56n) | (BigInt(this.#middle) << 28n) | BigInt(this.#low);
    }
    /** A view, not a copy, and a plain Uint8Array even if the input is a Buffer, whose `slice` would alias. */
    bytes(what) {
        const length = this.#length(what);
        const view = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, length);
        this.#offset += length;
        return view;
    }
    string(what) {
        const length = this.#length(what);
        const start = this.#offset;
        const end = start + length;
        this.#offset = end;
        if (length <= SHORT_STRING_BYTES) {
            let text = '';
            let at = start;
            for (; at < end; at++) {
                const byte = this.#bytes[at];
                if (byte > 0x7f)
                    break;
                text += String.fromCharCode(byte);
            }
            if (at === end)
                return text;
        }
        try {
            return utf8.decode(this.#bytes.subarray(start, end));
        }
        catch (cause) {
            throw new FrameError(`${what} is not UTF-8 in the ${length} bytes from byte ${start}`, { cause });
        }
    }
    /** Narrows the reader to an embedded message; hand the result to {@link leave}. */
    enter(what) {
        const length = this.#length(what);
        const outer = this.#limit;
        this.#limit = this.#offset + length;
        return outer;
    }
    leave(outer) {
        this.#limit = outer;
    }
    /** Steps over an unknown field whose tag has just been read. */
    skip(tag) {
        const groups = [];
        let current = tag;
        for (;;) {
            this.#skipOne(current, groups);
            if (groups.length === 0)
                return;
            if (this.isAtEnd)
                throw new FrameError(`group ${groups.at(-1)} has no end before byte ${this.#offset}`);
            current = this.tag();
        }
    }
    #skipOne(tag, groups) {
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
                if (groups.pop() !== field)
                    throw new FrameError(`stray end of group ${field} before byte ${this.#offset}`);
                return;
            default:
                throw new FrameError(`wire type ${tag & 7} of field ${field} does not exist, before byte ${this.#offset}`);
        }
    }
    #advance(count, field) {
        if (count > this.#limit - this.#offset)
            throw new FrameError(`field ${field} is cut off at byte ${this.#limit}`);
        this.#offset += count;
    }
    #length(what) {
        const at = this.#offset;
        this.#varint(what);
        const length = this.#high * 2 ** 56 + this.#middle * 0x1000_0000 + this.#low;
        const left = this.#limit - this.#offset;
        if (length > left)
            throw new FrameError(`${what} at byte ${at} claims ${length} bytes, ${left} are left`);
        return length;
    }
    #varint(what) {
        const first = this.#offset < this.#limit ? this.#bytes[this.#offset] : 0x80;
        if (first < 0x80) {
            this.#offset++;
            this.#low = first;
            this.#middle = 0;
            this.#high = 0;
            return;
        }
        this.#longVarint(what);
    }
    #longVarint(what) {
        const start = this.#offset;
        let low = 0;
        let middle = 0;
        let high = 0;
        for (let index = 0; index < 10; index++) {
            if (start + index >= this.#limit)
                throw new FrameError(`${what} is cut off at byte ${this.#limit}`);
            const byte = this.#bytes[start + index];
            const bits = byte & 0x7f;
            if (index < 4)
                low |= bits << (7 * index);
            else if (index < 8)
                middle |= bits << (7 * (index - 4));
            else
                high |= bits << (7 * (index - 8));
            if (byte > 0x7f)
                continue;
            if (high > 0xff)
                throw new FrameError(`${what} at byte ${start} is over 64 bits`);
            this.#offset = start + index + 1;
            this.#low = low;
            this.#middle = middle;
            this.#high = high;
            return;
        }
        throw new FrameError(`${what} at byte ${start} has more than 10 bytes`);
    }
}
