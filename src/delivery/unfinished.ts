import type { EntryHeader } from './journal-entry.js';

/** An event that the journal has and nobody has finished. What changes is the business of the journal's way. */
export interface Unfinished {
  /** Its place in the journal: events run in this order where they keep one. */
  readonly seq: number;
  readonly header: EntryHeader;
  readonly payloadBytes: number;
  /** All that it is known by: its id first. */
  readonly keys: readonly string[];
  /** False until it is durable. */
  isDurable: boolean;
  /** Found by a start, with what that implies: its trace is over, and its event is read back from the store. */
  readonly isRecovered: boolean;
  /** Failures that count, those of this life and of earlier ones. */
  failures: number;
  /** Runs begun. */
  runs: number;
  /** Failures in a row that did not count: their backoff goes by these. */
  postponements: number;
  /** The last process died while it ran, or may have. */
  readonly suspicion: Suspicion;
}

/**
 * `none`: nothing died with it. `present`: it was in the journal of a process that ended without a word; whether it ran
 * then is not known. `marked`: it was marked as begun, and then the process died.
 */
export type Suspicion = 'none' | 'present' | 'marked';

/** All that an event is known by, its own id first, apart from all content keys. */
export function keysOf(eventId: string, contentKeys: readonly string[]): readonly string[] {
  return [`id:${eventId}`, ...contentKeys];
}
