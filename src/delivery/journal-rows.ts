import type { StoreChange } from '../ports/index.js';
import type { DurableDeduplication } from './durable-deduplication.js';
import type { Ids } from './ids.js';
import { type Entering, type Place, type Sheet, SheetWriter } from './sheet.js';

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

  private constructor(
    entering: Entering | null,
    bytes: Uint8Array,
    ended: Place | null,
    ids: Ids,
    changes: readonly StoreChange[],
  ) {
    this.entering = entering;
    this.bytes = bytes;
    this.ended = ended;
    this.ids = ids;
    this.changes = changes;
  }

  /** @param bytes The encoded entry. */
  static toEnter(entering: Entering, bytes: Uint8Array, alongside = NO_CHANGES): Ask {
    return new Ask(entering, bytes, null, NO_IDS, alongside);
  }

  /** @param ended Null for what was never in the journal. @param ids What becomes known with it. */
  static toEnd(ended: Place | null, ids: Ids, alongside = NO_CHANGES): Ask {
    return new Ask(null, NO_BYTES, ended, ids, alongside);
  }

  static toChange(changes: readonly StoreChange[]): Ask {
    return new Ask(null, NO_BYTES, null, NO_IDS, changes);
  }
}

/**
 * The rows of a commit: those who share one share rows as well. Events that came lie on sheets, ids that became known
 * stand in rows of ids, and of the sheets that events have left each is told of once.
 */
export class JournalRows {
  readonly #deduplication: DurableDeduplication;

  constructor(deduplication: DurableDeduplication) {
    this.#deduplication = deduplication;
  }

  /** @param at Journal time. */
  changesOf(asks: readonly Ask[], at: number): readonly StoreChange[] {
    const changes: StoreChange[] = [];
    const sheets = new SheetWriter(changes);
    const left = new Set<Sheet>();
    const known: number[] = [];
    for (const ask of asks) {
      for (const change of ask.changes) changes.push(change);
      for (const half of ask.ids) known.push(half);
      if (ask.entering !== null) sheets.add(ask.entering, ask.bytes);
      const sheet = ask.ended?.sheet;
      if (!sheet) continue;
      sheet.finish(ask.ended.place);
      left.add(sheet);
    }
    sheets.end();
    for (const sheet of left) for (const change of sheet.changes()) changes.push(change);
    for (const row of this.#deduplication.rowsOf(known, at)) changes.push(row);
    return changes;
  }
}
