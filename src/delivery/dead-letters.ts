import type { Store, StoreChange } from '../ports/index.js';
import type { Journal } from './journal.js';
import { decoded, type Entry, EntryError } from './journal-entry.js';
import { textKey } from './journal-key.js';
import { TABLES } from './journal-tables.js';
import type { DeadLetterReason, Source } from './report.js';
import type { Reporter } from './reporter.js';

/** An event that nobody handled and that waits for a human's decision. Plain data. */
export interface DeadLetter {
  readonly eventId: string;
  readonly eventType: string;
  readonly reason: DeadLetterReason;
  /** Failures that counted. */
  readonly attempts: number;
  /** What went wrong last, one bounded line. */
  readonly detail: string;
  readonly source: Source;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  /** When it became a dead letter, epoch milliseconds. */
  readonly diedAt: number;
  readonly payloadBytes: number;
}

/** Some of the dead letters, and where the others begin. */
export interface DeadLetterPage {
  /** Oldest first. */
  readonly letters: readonly DeadLetter[];
  /** `after` of the next page; null on the last. */
  readonly next: string | null;
}

/** A dead letter with the whole event, as the platform sent it. */
export interface OpenedDeadLetter extends DeadLetter {
  readonly envelope: Readonly<Record<string, unknown>>;
}

/** Where dead letters lie, while the journal is open. */
export interface DeadLetterParts {
  readonly store: Pick<Store, 'get' | 'range' | 'commit'>;
  readonly journal: Pick<Journal, 'deadLetterCount' | 'setLetterAside' | 'changeDeadLetterCount'>;
  readonly reporter: Pick<Reporter, 'tell'>;
  /** Takes the entry into the journal again, together with these changes. Rejects if the journal does not take it. */
  readonly revive: (entry: Entry, alongside: readonly StoreChange[]) => Promise<void>;
}

/** The queue takes no event now, or the pipeline stops. The dead letter stays one; later it may go. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
}

const PAGE_MAX = 1_000;
const PAGE_DEFAULT = 100;

/**
 * The events that were given up. Everything is by event id.
 * @see Pipeline.deadLetters, which gives this and throws while no journal is open
 */
export class DeadLetters {
  readonly #parts: DeadLetterParts;
  readonly #busy = new Set<string>();

  constructor(parts: DeadLetterParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#parts.journal.deadLetterCount;
  }

  /**
   * @param limit Letters at most, 1 to 1,000. Default 100.
   * @param after `next` of the page before. Default: from the oldest on.
   */
  list({ limit = PAGE_DEFAULT, after = null }: { limit?: number; after?: string | null } = {}): DeadLetterPage {
    const count = Math.min(PAGE_MAX, Math.max(1, Math.floor(limit)));
    const from = after === null ? {} : { from: `${after}.` };
    const rows = [...this.#parts.store.range(TABLES.deadLetters, { ...from, limit: count + 1 })];
    const letters: DeadLetter[] = [];
    for (const [key, bytes] of rows.slice(0, count)) {
      const letter = this.#letterOf(key, bytes);
      if (letter !== null) letters.push(letter.letter);
    }
    return { letters, next: rows.length > count ? (rows[count - 1]?.[0] ?? null) : null };
  }

  /** The latest, newest first. @param limit Letters at most, 1 to 1,000. */
  latest(limit: number): readonly DeadLetter[] {
    const count = Math.min(PAGE_MAX, Math.max(1, Math.floor(limit)));
    const rows = [...this.#parts.store.range(TABLES.deadLetters, { limit: count, isReversed: true })];
    return rows.flatMap(([key, bytes]) => this.#letterOf(key, bytes)?.letter ?? []);
  }

  /** Null if there is none of this id. */
  show(eventId: string): OpenedDeadLetter | null {
    const found = this.#find(eventId);
    if (found === null) return null;
    const envelope = JSON.parse(new TextDecoder().decode(found.entry.payload)) as Record<string, unknown>;
    return { ...found.letter, envelope };
  }

  /**
   * Sends it on its way again, behind what waits in its lane, with all its attempts and whatever its age.
   * @returns False if there is none of this id.
   * @throws StoreError if the journal cannot take it; ReplayRefused if the pipeline does not. It is a dead letter still,
   *   then.
   */
  replay(eventId: string): Promise<boolean> {
    return this.#settle(eventId, 'replayed', ({ entry, removal }) => {
      const { death: _death, ...header } = entry.header;
      return this.#parts.revive({ header: { ...header, isReplayed: true }, payload: entry.payload }, removal);
    });
  }

  /**
   * Throws it away.
   * @returns False if there is none of this id.
   * @throws StoreError if the journal cannot remove it.
   */
  drop(eventId: string): Promise<boolean> {
    return this.#settle(eventId, 'dropped', ({ removal }) => this.#parts.store.commit(removal));
  }

  async #settle(eventId: string, how: 'replayed' | 'dropped', settle: (found: Found) => Promise<void>) {
    // Two who settle one letter at once: the second finds none.
    if (this.#busy.has(eventId)) return false;
    const found = this.#find(eventId);
    if (found === null) return false;
    this.#busy.add(eventId);
    try {
      await settle(found);
    } finally {
      this.#busy.delete(eventId);
    }
    const { journal, reporter } = this.#parts;
    reporter.tell({ type: 'dead_letter_settled', eventId, how });
    journal.changeDeadLetterCount(-1);
    return true;
  }

  #find(eventId: string): Found | null {
    const { store } = this.#parts;
    const idRow = textKey(eventId);
    const key = store.get(TABLES.deadLetterIds, idRow);
    if (key === null) return null;
    const letterKey = Buffer.from(key).toString('utf8');
    const bytes = store.get(TABLES.deadLetters, letterKey);
    const found = bytes === null ? null : this.#letterOf(letterKey, bytes);
    if (found === null) return null;
    const removal = [
      { table: TABLES.deadLetters, key: letterKey, value: null },
      { table: TABLES.deadLetterIds, key: idRow, value: null },
    ];
    return { ...found, removal };
  }

  #letterOf(key: string, bytes: Uint8Array): Omit<Found, 'removal'> | null {
    const entry = decoded(bytes);
    const death = entry instanceof EntryError ? undefined : entry.header.death;
    if (entry instanceof EntryError || death === undefined) {
      this.#parts.journal.setLetterAside(key, bytes, entry instanceof EntryError ? entry.message : 'it did not die');
      return null;
    }
    const { eventId, eventType, source, arrivedWallAt } = entry.header;
    const { reason, attempts, detail, wallAt } = death;
    const payloadBytes = entry.payload.length;
    return {
      entry,
      letter: {
        eventId,
        eventType,
        reason,
        attempts,
        detail,
        source,
        arrivedAt: arrivedWallAt,
        diedAt: wallAt,
        payloadBytes,
      },
    };
  }
}

interface Found {
  readonly entry: Entry;
  readonly letter: DeadLetter;
  readonly removal: readonly StoreChange[];
}
