import { Fingerprint } from '../ports/index.js';

/**
 * What an event is known by, its own id first, then its content keys: as fingerprints, two int32 for each, the lower half
 * and the upper one. Plain numbers in one list, since they are held for as long as an event is, thousands at a time.
 */
export type Ids = readonly number[];

/** Tells the id of an event from a content key that reads the same. */
const OF_EVENT = 0x6576_656e;

const fingerprint = new Fingerprint();

/** @param eventId Null for what is only looked for by its content. */
export function idsOf(eventId: string | null, contentKeys: readonly string[]): Ids {
  const ids = new Array<number>(2 * contentKeys.length + (eventId === null ? 0 : 2));
  let at = 0;
  if (eventId !== null) {
    fingerprint.of(eventId);
    ids[at++] = fingerprint.low ^ OF_EVENT;
    ids[at++] = fingerprint.high;
  }
  for (const key of contentKeys) {
    fingerprint.of(key);
    ids[at++] = fingerprint.low;
    ids[at++] = fingerprint.high;
  }
  return ids;
}
