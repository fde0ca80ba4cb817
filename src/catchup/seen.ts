import { Recent } from '../ports/index.js';

/** Four hours of two messages a second. */
const MAX_COUNT = 30_000;

/**
 * Ids of the latest messages that reached this process, whatever became of them: delivery forgets what its handler refused,
 * and knows an edited message by its revision.
 */
export class Seen {
  // The latest, however old they are: so all are of one age.
  readonly #ids = new Recent<true>({ maxCount: MAX_COUNT, maxAgeMs: Number.POSITIVE_INFINITY });

  note(messageId: string): void {
    this.#ids.set(messageId, true, 0);
  }

  has(messageId: string): boolean {
    return this.#ids.get(messageId, 0) === true;
  }
}
