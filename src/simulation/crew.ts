import type { FeishuEvent, HandlerContext } from '../connector-parts.js';
import type { Clock } from '../ports/index.js';
import type { Dice } from './dice.js';

/** One run of a handler. Monotonic milliseconds. */
export interface HandlerRun {
  readonly eventId: string;
  readonly eventType: string;
  readonly startedAt: number;
  /** When the same event had been handled before this run began; null if it had not. */
  readonly handledBeforeAt: number | null;
  /** When another run of the same event began that was still on; null if there was none. */
  readonly besideSince: number | null;
}

interface Known {
  /** The first time, for acknowledgements, and the latest, for how long it is remembered. */
  firstHandledAt: number | null;
  handledAt: number | null;
  readonly running: Set<number>;
}

/** The handlers: they succeed, fail, take their time and hang, as chance has it, and write down what they did. */
export class Crew {
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #isMoody: boolean;
  readonly #memoryMs: number;
  readonly #known = new Map<string, Known>();
  /** Runs since they were last looked at, see {@link takeRuns}. */
  #fresh: HandlerRun[] = [];
  #handledCount = 0;
  #failedCount = 0;
  readonly #onRun: () => void;

  /** @param memoryMs How long it remembers what it handled. */
  constructor(clock: Clock, dice: Dice, isMoody: boolean, memoryMs: number, onRun: () => void) {
    this.#clock = clock;
    this.#dice = dice;
    this.#isMoody = isMoody;
    this.#memoryMs = memoryMs;
    this.#onRun = onRun;
  }

  /** Events that were handled, each counted once as long as it is remembered. */
  get handledCount(): number {
    return this.#handledCount;
  }

  /** Runs that threw, or were aborted. */
  get failedCount(): number {
    return this.#failedCount;
  }

  /** When this event was handled first; null if it was not, or so long ago that it is forgotten. */
  handledAt(eventId: string): number | null {
    return this.#known.get(eventId)?.firstHandledAt ?? null;
  }

  /** The runs that began since the last call. */
  takeRuns(): readonly HandlerRun[] {
    if (this.#fresh.length === 0) return this.#fresh;
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  readonly handle = async (
    { id, type }: Pick<FeishuEvent, 'id' | 'type'>,
    { signal }: Pick<HandlerContext, 'signal'>,
  ) => {
    const known = this.#knownOf(id);
    const startedAt = this.#clock.now();
    const [besideSince = null] = known.running;
    this.#fresh.push({ eventId: id, eventType: type, startedAt, handledBeforeAt: known.handledAt, besideSince });
    this.#onRun();
    known.running.add(startedAt);
    try {
      await this.#work(signal);
      known.handledAt = this.#clock.now();
      if (known.firstHandledAt === null) this.#handledCount++;
      known.firstHandledAt ??= known.handledAt;
      return { toast: { type: 'success' } };
    } catch (error) {
      this.#failedCount++;
      throw error;
    } finally {
      known.running.delete(startedAt);
    }
  };

  async #work(signal: AbortSignal): Promise<void> {
    const dice = this.#dice;
    const mood = this.#isMoody ? dice.between(0, 1) : 0;
    if (mood < 0.8) return this.#sleep(dice.magnitude(1, 400));
    if (mood < 0.9) return this.#sleep(dice.magnitude(500, 90_000));
    if (mood < 0.96) {
      await this.#sleep(dice.magnitude(1, 5_000));
      throw new Error('the handler has a bad day');
    }
    // One that listens to its signal, and one that never settles whatever happens.
    if (mood < 0.99) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return new Promise(() => {});
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.timer(delayMs, resolve);
    });
  }

  #knownOf(id: string): Known {
    const found = this.#known.get(id);
    if (found !== undefined) return found;
    const known: Known = { firstHandledAt: null, handledAt: null, running: new Set() };
    this.#known.set(id, known);
    if (this.#known.size % 1_000 === 0) this.#forget();
    return known;
  }

  #forget(): void {
    const before = this.#clock.now() - this.#memoryMs;
    for (const [id, { handledAt }] of this.#known) if (handledAt !== null && handledAt < before) this.#known.delete(id);
  }
}
