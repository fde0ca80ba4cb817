import { limited } from './api.js';
import {
  CANARIES_TO_PROVE,
  type Canary,
  type CanarySchedule,
  checkCanarySchedule,
  type Flock,
  NO_FLOCK,
} from './canary.js';
import type { Ground } from './ground.js';
import type { SeenEvent } from './lookout-parts.js';
import type { Presence } from './presence.js';

export interface CanaryWatchParts {
  readonly ground: Ground;
  readonly presence: Presence;
  readonly canary: Canary;
  readonly schedule: CanarySchedule;
  /** How long a new connection settles before the first canary, in milliseconds. */
  readonly settleMs: number;
  /** Canaries that were caused did not come. */
  readonly proven: (detail: string) => void;
  /** {@link CanaryWatch.dueAt} may have changed. */
  readonly rescheduled: () => void;
}

interface Came {
  readonly event: SeenEvent;
  readonly at: number;
}

/** Events that came while a canary is being caused, kept at most. */
const MAX_RECENT = 100;

/** Sends canaries up, and sees whether they come down. */
export class CanaryWatch {
  readonly #parts: CanaryWatchParts;
  readonly #schedule: Required<CanarySchedule>;
  #flock: Flock = NO_FLOCK;
  /** When the next one is due, or the one that is out should be here; monotonic milliseconds, null: never. */
  #dueAt: number | null = null;
  /** Events that came while a canary was being caused: it may be quicker than the answer that names it. Null: none is. */
  #recent: Came[] | null = null;

  /** @throws RangeError for a schedule out of bounds. */
  constructor(parts: CanaryWatchParts) {
    this.#parts = parts;
    this.#schedule = checkCanarySchedule(parts.schedule);
  }

  get dueAt(): number | null {
    return this.#dueAt;
  }

  /** How many did not come, in a row. */
  get missed(): number {
    return this.#flock.missed;
  }

  gained(now: number): void {
    this.#dueAt = now + this.#parts.settleMs;
  }

  lost(): void {
    this.#flock = { ...this.#flock, out: null };
    this.#dueAt = null;
  }

  forget(): void {
    this.#flock = NO_FLOCK;
    this.#dueAt = null;
  }

  /** The time of the one that is out is over, or it is time for the next. */
  turn(now: number): void {
    const { ground, proven } = this.#parts;
    const { everyMs } = this.#schedule;
    const { out } = this.#flock;
    if (out === null) {
      this.#dueAt = now + ground.jittered(everyMs);
      ground.launch((signal) => this.#cause(signal));
      return;
    }
    const missed = this.#flock.missed + 1;
    this.#flock = { out: null, missed };
    // The next one soon: one alone proves nothing.
    this.#dueAt = missed < CANARIES_TO_PROVE ? now : now + ground.jittered(everyMs);
    ground.tell({ type: 'canary_missing', missed, waitedMs: now - out.causedAt });
    if (missed >= CANARIES_TO_PROVE) proven(`${missed} canaries in a row did not come`);
  }

  arrived(event: SeenEvent, now: number): void {
    const { out } = this.#flock;
    if (out !== null && this.#sees(event, out.marker)) this.#came(now);
    if (this.#recent === null) return;
    this.#recent.push({ event, at: now });
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
  }

  async #cause(signal: AbortSignal): Promise<void> {
    const { canary, ground, presence, rescheduled } = this.#parts;
    const { clock } = ground;
    const { waitMs } = this.#schedule;
    const limit = new AbortController();
    const abort = () => limit.abort();
    signal.addEventListener('abort', abort, { once: true });
    const servedSince = presence.served;
    const recent: Came[] = [];
    this.#recent = recent;
    const causedAt = clock.now();
    try {
      const marker = await limited(clock, canary.cause(limit.signal), waitMs, limit.signal);
      // A connection that came or went meanwhile: nothing could be said about either.
      if (signal.aborted || presence.served !== servedSince) return;
      this.#flock = { ...this.#flock, out: { marker, causedAt } };
      this.#dueAt = causedAt + waitMs;
      const early = recent.find(({ event }) => this.#sees(event, marker));
      if (early !== undefined) this.#came(early.at);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) ground.tell({ type: 'canary_failed', detail });
    } finally {
      // Whoever causes it may listen, and let go.
      limit.abort();
      signal.removeEventListener('abort', abort);
      // Unless another one is being caused by now.
      if (this.#recent === recent) this.#recent = null;
    }
    rescheduled();
  }

  #sees(event: SeenEvent, marker: string): boolean {
    try {
      return this.#parts.canary.sees(event, marker);
    } catch {
      // A canary that breaks on a foreign event has not seen itself in it; that it is missing will be told.
      return false;
    }
  }

  #came(at: number): void {
    const { out } = this.#flock;
    if (out === null) return;
    const { ground } = this.#parts;
    this.#flock = NO_FLOCK;
    this.#dueAt = out.causedAt + ground.jittered(this.#schedule.everyMs);
    ground.tell({ type: 'canary_seen', roundTripMs: Math.max(0, at - out.causedAt) });
  }
}
