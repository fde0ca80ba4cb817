// Reads the WebSocket frames of a client from the bytes of its socket, as plainly as possible: whole masked frames below
// 64 KiB, of which acks are a few hundred bytes.

export const OPCODE = { binary: 2, close: 8, ping: 9, pong: 10 };

const WHOLE = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

export class ClientLine {
  #rest = Buffer.alloc(0);

  /**
   * Calls `take(opcode, payload)` for each frame that these bytes complete. The payload is good for that call alone.
   * @throws Error for a frame that no client of this bench sends.
   */
  read(chunk, take) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1] & 0x7f;
      if ((bytes[at] & WHOLE) === 0 || (bytes[at + 1] & MASKED) === 0 || short === 127) {
        throw new Error(`a WebSocket frame that is fragmented, unmasked or huge: ${bytes.toString('hex', at, at + 2)}`);
      }
      const headBytes = short === 126 ? 4 : 2;
      if (bytes.length - at < headBytes) break;
      const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
      const start = at + headBytes + MASK_BYTES;
      if (bytes.length < start + length) break;
      unmask(bytes, start, length);
      take(bytes[at] & 0x0f, bytes.subarray(start, start + length));
      at = start + length;
    }
    this.#rest = bytes.subarray(at);
  }
}

function unmask(bytes, start, length) {
  for (let index = 0; index < length; index += 1) bytes[start + index] ^= bytes[start - MASK_BYTES + (index & 3)];
}
