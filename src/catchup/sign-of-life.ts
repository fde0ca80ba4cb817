import type { Clock } from '../ports/index.js';
import type { Notes } from './notes.js';
import type { Presence } from './presence.js';

export interface SignOfLifeParts {
  readonly clock: Clock;
  readonly notes: Notes;
  readonly presence: Presence;
}

/** How often it is written while a connection is proven. */
const BEAT_MS = 60_000;
/** The platform allows an app no more of them. */
const MOST_CONNECTIONS = 50;

/** That this process lives and is connected, written for the next one: from it that knows what may have passed it by. */
export class SignOfLife {
  readonly #parts: SignOfLifeParts;
  #dueAt = 0;
  #isFirst = true;
  #isUnclean = false;

  constructor(parts: SignOfLifeParts) {
    this.#parts = parts;
  }

  /** When the next one is written, monotonic milliseconds. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** No process before us has left one. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /** The process before us did not end by a stop, and nobody has {@link settle}d that. */
  get isUnclean(): boolean {
    return this.#isUnclean;
  }

  /**
   * Takes up what the process before us left.
   * @returns How many connections it left behind unclosed; null if it ended by a stop, or there was none.
   */
  restore(): number | null {
    const { clock, notes, presence } = this.#parts;
    this.#dueAt = clock.now() + BEAT_MS;
    const life = readLife(notes.read('life').get(''));
    this.#isFirst = life === null;
    presence.heardWallAt = life?.provenWallAt ?? null;
    this.#isUnclean = life !== null && !life.isClean;
    return life === null || life.isClean ? null : life.connections;
  }

  /** What an unclean end leaves to be done is done. */
  settle(): void {
    this.#isUnclean = false;
  }

  tick(now: number): void {
    if (now < this.#dueAt) return;
    this.#dueAt = now + BEAT_MS;
    if (this.#parts.presence.isServed) this.note(false);
  }

  /** @param isClean Whether it is the last one. */
  note(isClean: boolean): void {
    const { heardWallAt, connections } = this.#parts.presence;
    this.#parts.notes.set('life', { provenWallAt: heardWallAt, isClean, connections });
  }
}

function readLife(value: unknown) {
  const { provenWallAt, isClean, connections } = (value ?? {}) as Record<string, unknown>;
  if (typeof provenWallAt !== 'number') return null;
  return {
    provenWallAt,
    isClean: isClean === true,
    connections: typeof connections === 'number' ? Math.min(connections, MOST_CONNECTIONS) : 0,
  };
}
