import { encodeEntry } from '../../../src/delivery/journal-entry.js';
import type { Slab } from '../../../src/ports/index.js';

const HEADER = {
  eventId: 'e',
  eventType: 't',
  source: 'push',
  arrivedWallAt: 1,
  laneKey: null,
  contentKeys: [],
  traceparent: null,
  isReplayed: false,
} as const;
const LEAST_BYTES = encodeEntry({ header: HEADER, payload: new Uint8Array() }).length;

/** An encoded entry of so many bytes, 60 or more. */
export function entryBytes(size: number, slab: Slab): Uint8Array {
  return encodeEntry({ header: HEADER, payload: new Uint8Array(size - LEAST_BYTES) }, slab);
}
