import { Recent, type RecentLimits } from '../ports/index.js';

/** What is known about an event that came before. */
export type Remembered<Flight> =
  /** It is under way. */
  | { readonly outcome: 'in_flight'; readonly flight: Flight }
  /** Its handler succeeded. `answer` is the JSON that went into the ack, null if there was none or it is forgotten. */
  | { readonly outcome: 'handled'; readonly answer: string | null }
  /** Its handler ran this many times and failed each time. */
  | { readonly outcome: 'failed'; readonly attempts: number };

export const DEDUPLICATION_DEFAULTS: RecentLimits = Object.freeze({
  // Eight hours of three and a half events a second. An id costs some 60 bytes, so this is 6 MB when full, and as much
  // again for the content of messages.
  maxCount: 100_000,
  // The platform pushes an event again after 15 s, 5 min, 1 h and 6 h: 7 h 05 m 15 s after the first push, plus up to
  // 3 s of waiting for the ack at each of the five. Whatever is shorter lets the last repeat through as news
  // (2 h and 5 min were tried in the field, F13); the rest of the 8 h is slack for queues on the platform's side.
  maxAgeMs: 8 * 60 * 60 * 1_000,
});

/**
 * A callback is not pushed again, but a copy of it may follow at once, over a second connection say. Its answer is
 * kept for that short while only, and only a small one: 1,000 of 4 KiB at most.
 */
const ANSWER_LIMITS: RecentLimits = { maxCount: 1_000, maxAgeMs: 60_000 };
const ANSWER_MAX_LENGTH = 4_096;

/** What a key leads to: its flight, the runs that failed, or that it was handled. */
type Memory<Flight> = Flight | number | typeof HANDLED;
const HANDLED = true;

/**
 * Recognises events by their own id, and messages by theirs: catch-up finds a message in history, where it has no event
 * id. In memory: a restart forgets. One per app, since apps share message ids but not
 * events. The frame's `message_id` is no key: the platform may push an event again under a new one.
 *
 * What is under way stands in the same two maps as what is over: an event is looked up once and written twice, and nothing
 * of it is deleted.
 * @typeParam Flight What stands for an event that is under way.
 */
export class Deduplication<Flight extends object> {
  readonly #events: Recent<Memory<Flight>>;
  readonly #contents: Recent<Flight | typeof HANDLED>;
  readonly #answers = new Recent<string>(ANSWER_LIMITS);

  constructor(limits: RecentLimits = DEDUPLICATION_DEFAULTS) {
    this.#events = new Recent(limits);
    this.#contents = new Recent(limits);
  }

  /** Events known, handled and failed. */
  get size(): number {
    return this.#events.size;
  }

  recall(id: string, now: number, contentKeys: readonly string[] = []): Remembered<Flight> | null {
    const known = this.#events.get(id, now);
    if (known === HANDLED) return { outcome: 'handled', answer: this.#answers.get(id, now) ?? null };
    if (typeof known === 'object') return { outcome: 'in_flight', flight: known };
    let isHandled = false;
    for (const key of contentKeys) {
      const same = this.#contents.get(key, now);
      if (typeof same === 'object') return { outcome: 'in_flight', flight: same };
      isHandled ||= same === HANDLED;
    }
    if (isHandled) return { outcome: 'handled', answer: null };
    return known === undefined ? null : { outcome: 'failed', attempts: known };
  }

  /** Whether an event with this content key was handled, or is under way. */
  knowsContent(key: string, now: number): boolean {
    return this.#contents.get(key, now) !== undefined;
  }

  /** It is under way until it was handled or has failed. */
  begun(id: string, contentKeys: readonly string[], flight: Flight): void {
    this.#events.hold(id, flight);
    for (const key of contentKeys) this.#contents.hold(key, flight);
  }

  /** From now on the event is a duplicate, and so is every other with one of these content keys. */
  handled(id: string, answer: string | null, now: number, contentKeys: readonly string[] = []): void {
    this.#events.set(id, HANDLED, now);
    for (const key of contentKeys) this.#contents.set(key, HANDLED, now);
    if (answer !== null && answer.length <= ANSWER_MAX_LENGTH) this.#answers.set(id, answer, now);
  }

  /** The event is to run again when it comes again. Once handled is handled for good: a failure after that changes nothing. */
  failed(id: string, attempts: number, now: number, contentKeys: readonly string[] = []): void {
    if (this.#events.get(id, now) !== HANDLED) {
      if (attempts > 0) this.#events.set(id, attempts, now);
      else this.#events.delete(id);
    }
    for (const key of contentKeys) if (this.#contents.get(key, now) !== HANDLED) this.#contents.delete(key);
  }
}
