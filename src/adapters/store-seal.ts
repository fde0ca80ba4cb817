import { crc32 } from 'node:zlib';
import { Slab } from '../ports/index.js';

const slab = new Slab();

/** Bytes that the seal takes before a value. */
export const SEAL_BYTES = 4;

/**
 * A value as it is stored: after a CRC-32 of itself and its key. LMDB checks nothing it reads, so without it a page that
 * a broken disk or a stray tool changed would be believed.
 */
export function sealed(key: Uint8Array, value: Uint8Array): Buffer {
  const stored = slab.take(SEAL_BYTES + value.length);
  stored.writeUInt32LE(sealOf(key, value), 0);
  stored.set(value, SEAL_BYTES);
  return stored;
}

/** The value, in bytes of its own, or null where the seal is broken. */
export function unsealed(key: Uint8Array, stored: Uint8Array): Uint8Array | null {
  return isSealIntact(key, stored) ? Uint8Array.prototype.slice.call(new Uint8Array(stored), SEAL_BYTES) : null;
}

export function isSealIntact(key: Uint8Array, stored: Uint8Array): boolean {
  if (stored.length < SEAL_BYTES) return false;
  const seal = new DataView(stored.buffer, stored.byteOffset, SEAL_BYTES).getUint32(0, true);
  return sealOf(key, stored.subarray(SEAL_BYTES)) === seal;
}

/** The key comes last: of an empty value, `crc32` may forget what it was given to begin with. */
function sealOf(key: Uint8Array, value: Uint8Array): number {
  return crc32(key, crc32(value));
}
