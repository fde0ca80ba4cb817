import type { Store, StoreChange } from '../ports/index.js';
import { Change } from './change.js';
import { piecesOf } from './journal-entry.js';
import { numberKey, numberOfKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';

/**
 * A row of entries as long as this, with its seal and the header of its first page, fills four pages of a disk. Longer ones
 * would save little more, and keep more room from others while one event of theirs waits for its retry.
 */
const SHEET_BYTES = 4 * 4_096 - 28;

/** Entries of a sheet at most: as many as bits mark. */
export const SHEET_ENTRIES = 32;

/**
 * A row of entries, which came one behind the other and were written by one commit. It is written once and removed once;
 * what is finished before that is marked in a row of its own, under the same key.
 */
export class Sheet {
  readonly row: string;
  /** A bit for each entry. */
  readonly #all: number;
  /** For each that is finished, as far as the store knows. */
  #finished: number;
  #isMarked: boolean;

  /** @param marks Of those that were found finished; null for none. */
  constructor(row: string, count: number, marks: number | null) {
    this.row = row;
    this.#all = (-1 >>> (SHEET_ENTRIES - count)) | 0;
    this.#finished = marks ?? 0;
    this.#isMarked = marks !== null;
  }

  isFinished(place: number): boolean {
    return (this.#finished & (1 << place)) !== 0;
  }

  /** What makes the store know that these are finished as well; a bit for each place. */
  changesFor(ended: number): readonly StoreChange[] {
    const finished = this.#finished | ended;
    if (finished !== this.#all) return [new Change(TABLES.marks, this.row, encodeMarks(finished))];
    const removal = new Change(TABLES.entries, this.row, null);
    return this.#isMarked ? [removal, new Change(TABLES.marks, this.row, null)] : [removal];
  }

  /** The store knows that this one is finished. */
  finish(place: number): void {
    this.#finished |= 1 << place;
    this.#isMarked = true;
  }
}

/** Where an entry stands in the journal. */
export interface Place {
  /** Null until a commit has written it, or is about to. */
  sheet: Sheet | null;
  /** From 0 on. */
  place: number;
}

/** An entry on its way to the disk. */
export interface Entering extends Place {
  readonly seq: number;
}

/**
 * Puts entries on sheets. Those of one commit lie one behind the other in a slab, most of the time: then that part of it
 * is the row, and no byte is moved.
 */
export class SheetWriter {
  readonly #changes: StoreChange[];
  #entries: Entering[] = [];
  #bytes: Uint8Array = new Uint8Array();

  /** @param changes What it writes is put there. */
  constructor(changes: StoreChange[]) {
    this.#changes = changes;
  }

  add(entry: Entering, bytes: Uint8Array): void {
    if (this.#isNext(entry, bytes)) {
      this.#bytes = new Uint8Array(bytes.buffer, this.#bytes.byteOffset, this.#bytes.length + bytes.length);
    } else {
      this.end();
      this.#bytes = bytes;
    }
    this.#entries.push(entry);
  }

  /** Writes the last one. */
  end(): void {
    const [first] = this.#entries;
    if (first === undefined) return;
    const sheet = new Sheet(numberKey(first.seq), this.#entries.length, null);
    for (const [place, entry] of this.#entries.entries()) {
      entry.sheet = sheet;
      entry.place = place;
    }
    this.#changes.push(new Change(TABLES.entries, sheet.row, this.#bytes));
    this.#entries = [];
  }

  #isNext({ seq }: Entering, bytes: Uint8Array): boolean {
    const last = this.#entries.at(-1);
    const { buffer, byteOffset, length } = this.#bytes;
    return (
      last !== undefined &&
      seq === last.seq + 1 &&
      bytes.buffer === buffer &&
      bytes.byteOffset === byteOffset + length &&
      length + bytes.length <= SHEET_BYTES &&
      this.#entries.length < SHEET_ENTRIES
    );
  }
}

/** An entry as it was found. */
export interface FoundEntry extends Place {
  /** NaN if its sheet has no number. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** All entries of a store that are not finished, in order. */
export function* entriesIn(store: Pick<Store, 'get' | 'range' | 'count'>): Generator<FoundEntry> {
  const hasMarks = store.count(TABLES.marks) > 0;
  for (const [row, bytes] of store.range(TABLES.entries)) {
    const pieces = piecesOf(bytes, SHEET_ENTRIES);
    const marks = hasMarks ? store.get(TABLES.marks, row) : null;
    const sheet = new Sheet(row, pieces.length, marks === null ? null : marksIn(marks, pieces.length));
    const firstSeq = numberOfKey(row);
    for (const [place, piece] of pieces.entries()) {
      if (!sheet.isFinished(place)) yield { sheet, place, seq: firstSeq + place, bytes: piece };
    }
  }
}

/** The highest number that an entry has, 0 if there is none. Rows of others' making may lie behind it. */
export function lastSeqIn(store: Pick<Store, 'range'>): number {
  for (const [row, bytes] of store.range(TABLES.entries, { isReversed: true })) {
    const firstSeq = numberOfKey(row);
    if (!Number.isNaN(firstSeq)) return firstSeq + piecesOf(bytes, SHEET_ENTRIES).length - 1;
  }
  return 0;
}

/** A row of marks that says nothing of any sheet. */
export interface StrayMarks {
  readonly row: string;
  readonly bytes: Uint8Array;
  readonly why: string;
}

/** All of them in a store: to a sheet that is written under such a key later they would be a lie. */
export function* strayMarksIn(store: Pick<Store, 'get' | 'range'>): Generator<StrayMarks> {
  for (const [row, bytes] of store.range(TABLES.marks)) {
    const sheet = store.get(TABLES.entries, row);
    if (sheet === null) yield { row, bytes, why: 'there is no such sheet' };
    else if (marksIn(bytes, piecesOf(sheet, SHEET_ENTRIES).length) === null) {
      yield { row, bytes, why: 'they are no marks of that sheet' };
    }
  }
}

function encodeMarks(marks: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(marks);
  return bytes;
}

/** Null for bytes that are no marks of so many entries. They count as none: what is not known to be finished runs. */
function marksIn(bytes: Uint8Array, count: number): number | null {
  if (bytes.length !== 4) return null;
  const marks = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readInt32LE();
  const isBeyond = count < SHEET_ENTRIES && marks >>> count !== 0;
  return isBeyond ? null : marks;
}
