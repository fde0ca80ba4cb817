import type { StoreChange } from '../ports/index.js';
import type { DurableDeduplication } from './durable-deduplication.js';
import type { Ids } from './ids.js';
import { type Entering, type Place, type Sheet, SheetWriter } from './sheet.js';
import type { Unfinished } from './unfinished.js';

const NO_IDS: Ids = Object.freeze([]);
const NO_CHANGES: readonly StoreChange[] = Object.freeze([]);
const NO_BYTES = new Uint8Array();

/**
 * What is asked of a commit: for an event that comes, for one that has ended, or whatever else. A class for the reason that
 * `Change` is one.
 */
export class Ask {
  readonly entering: Entering | null;
  readonly bytes: Uint8Array;
  readonly ended: Place | null;
  readonly ids: Ids;
  readonly changes: readonly StoreChange[];
  /** Whose runs these changes tell of, and nobody wants to know once it has ended; null for all others. */
  readonly about: Unfinished | null;

  private constructor(
    entering: Entering | null,
    bytes: Uint8Array,
    ended: Place | null,
    ids: Ids,
    changes: readonly StoreChange[],
    about: Unfinished | null,
  ) {
    this.entering = entering;
    this.bytes = bytes;
    this.ended = ended;
    this.ids = ids;
    this.changes = changes;
    this.about = about;
  }

  /** @param bytes The encoded entry. */
  static toEnter(entering: Entering, bytes: Uint8Array, alongside = NO_CHANGES): Ask {
    return new Ask(entering, bytes, null, NO_IDS, alongside, null);
  }

  /** @param ended Null for what was never in the journal. @param ids What becomes known with it. */
  static toEnd(ended: Place | null, ids: Ids, alongside = NO_CHANGES): Ask {
    return new Ask(null, NO_BYTES, ended, ids, alongside, null);
  }

  static toChange(changes: readonly StoreChange[]): Ask {
    return new Ask(null, NO_BYTES, null, NO_IDS, changes, null);
  }

  /** What became of an event's runs so far. */
  static toTell(about: Unfinished, changes: readonly StoreChange[]): Ask {
    return new Ask(null, NO_BYTES, null, NO_IDS, changes, about);
  }
}

/**
 * The rows of a commit: those who share one share rows as well. Events that came lie on sheets, ids that became known
 * stand in rows of ids, and of the sheets that events have left each is told of once.
 */
export class JournalRows {
  readonly #deduplication: DurableDeduplication;
  readonly #isUnfinished: (unfinished: Unfinished) => boolean;

  constructor(deduplication: DurableDeduplication, isUnfinished: (unfinished: Unfinished) => boolean) {
    this.#deduplication = deduplication;
    this.#isUnfinished = isUnfinished;
  }

  /** @param at Journal time. */
  changesOf(asks: readonly Ask[], at: number): readonly StoreChange[] {
    const changes: StoreChange[] = [];
    const sheets = new SheetWriter(changes);
    const ended = new Map<Sheet, number>();
    const known: number[] = [];
    for (const ask of asks) {
      if (ask.about !== null && !this.#isUnfinished(ask.about)) continue;
      for (const change of ask.changes) changes.push(change);
      for (const half of ask.ids) known.push(half);
      if (ask.entering !== null) sheets.add(ask.entering, ask.bytes);
      const sheet = ask.ended?.sheet;
      if (sheet) ended.set(sheet, (ended.get(sheet) ?? 0) | (1 << ask.ended.place));
    }
    sheets.end();
    for (const [sheet, places] of ended) for (const change of sheet.changesFor(places)) changes.push(change);
    for (const row of this.#deduplication.rowsOf(known, at)) changes.push(row);
    return changes;
  }

  /** What these asked for is in the store. */
  done(asks: readonly Ask[]): void {
    for (const { ended } of asks) ended?.sheet?.finish(ended.place);
  }
}
