/** Bytes that are asked for at a time; what is larger than a part of it has memory of its own. */
const SLAB_BYTES = 65_536;
const SHARED_MAX_BYTES = 8_192;

/**
 * Memory for many small pieces that live for about as long: one buffer for all of them costs a fraction of one each, most
 * of which is the collector's. A slab lives until its last piece is let go of.
 */
export class Slab {
  #bytes = Buffer.alloc(0);
  #used = 0;

  /** Uninitialised bytes that nobody else has. */
  take(length: number): Buffer {
    if (length > SHARED_MAX_BYTES) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += length;
    return this.#bytes.subarray(from, this.#used);
  }
}
