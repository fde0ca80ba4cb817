import { type Ids, idsOf } from './ids.js';
import type { EntryHeader } from './journal-entry.js';
import type { InLine } from './line.js';
import type { Place, Sheet } from './sheet.js';
import type { Work } from './work.js';

/** An event that the journal has and nobody has finished. What changes is the business of the journal's way. */
export class Unfinished implements Place, InLine<Unfinished> {
  /** Its place in the journal: events run in this order where they keep one. */
  readonly seq: number;
  sheet: Sheet | null = null;
  place = 0;
  /** Its slot in the {@link UnfinishedSet}, and its neighbours there. */
  slot = -1;
  earlier: Unfinished | null = null;
  later: Unfinished | null = null;
  /** What its way makes of it. */
  work: Work | null = null;
  readonly header: EntryHeader;
  readonly payloadBytes: number;
  readonly ids: Ids;
  /** False until it is durable. */
  isDurable: boolean;
  /** Found by a start, with what that implies: its trace is over, and its event is read back from the store. */
  readonly isRecovered: boolean;
  /** Failures that count, those of this life and of earlier ones. */
  failures: number;
  /** Runs begun. */
  runs: number;
  /** Failures in a row that did not count: their backoff goes by these. */
  postponements = 0;
  /** The last process died while it ran, or may have. */
  readonly suspicion: Suspicion;

  /** @param found What an earlier process left of its runs; null for one that comes now, which is not durable yet. */
  constructor(seq: number, header: EntryHeader, payloadBytes: number, found: Found | null) {
    this.seq = seq;
    this.header = header;
    this.payloadBytes = payloadBytes;
    this.ids = idsOf(header.eventId, header.contentKeys);
    this.isDurable = found !== null;
    this.isRecovered = found !== null;
    this.failures = found === null ? 0 : found.failures;
    this.runs = found === null ? 0 : found.runs;
    this.suspicion = found === null ? 'none' : found.suspicion;
  }
}

/** What a start finds of an event's runs. */
export interface Found {
  readonly failures: number;
  readonly runs: number;
  readonly suspicion: Suspicion;
}

/**
 * `none`: nothing died with it. `present`: it was in the journal of a process that ended without a word; whether it ran
 * then is not known. `marked`: it was marked as begun, and then the process died.
 */
export type Suspicion = 'none' | 'present' | 'marked';
