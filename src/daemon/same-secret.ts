import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two texts are the same secret, in a time that tells nothing of either: digests have one length, whatever the
 * texts hold, and nobody can aim at one.
 */
export function isSameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(wanted));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
