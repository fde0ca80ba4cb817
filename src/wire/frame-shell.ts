import type { FieldReader } from './field-reader.js';
import { TAG } from './tag.js';

/**
 * The bytes of a received data frame but for its payload: an ack repeats them, with what is new put in between. One
 * character a byte (Latin-1), as a text of a few hundred is made, kept and let go at a fraction of what a buffer costs.
 */
export interface FrameShell {
  /** Up to the end of the last header. */
  readonly head: string;
  /** From there to the payload. */
  readonly middle: string;
  /** What follows the payload. */
  readonly tail: string;
}

/** Where the parts of a frame lie, while it is read. */
export class ShellOutline {
  #lastTag = 0;
  #isUsual = true;
  #headEnd = 0;
  #middleEnd = 0;
  #tailStart = 0;

  /** A field was read, up to this byte. */
  passed(tag: number, end: number): void {
    const isRepeated = tag === this.#lastTag && tag !== TAG.header;
    if (tag < this.#lastTag || isRepeated || tag > TAG.logIdNew) this.#isUsual = false;
    this.#lastTag = tag;
    if (tag <= TAG.header) this.#headEnd = end;
    if (tag < TAG.payload) this.#middleEnd = end;
    if (tag <= TAG.payload) this.#tailStart = end;
  }

  /** Undefined where fields of the frame are unknown, repeated or not in ascending order: there is no telling what goes where. */
  shellOf(reader: FieldReader): FrameShell | undefined {
    if (!this.#isUsual) return undefined;
    return {
      head: reader.latin1(0, this.#headEnd),
      middle: reader.latin1(this.#headEnd, this.#middleEnd),
      tail: reader.latin1(this.#tailStart, reader.offset),
    };
  }
}

/** A length-delimited field as it stands in a {@link FrameShell}, of a content that is one character a byte as well. */
export function latin1Field(tag: number, content: string): string {
  let field = String.fromCharCode(tag);
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) field += String.fromCharCode((rest & 0x7f) | 0x80);
  return field + String.fromCharCode(rest) + content;
}
