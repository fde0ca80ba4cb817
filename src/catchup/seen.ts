/** Four hours of two messages a second at least, and eight at most; an id costs some 150 bytes. */
const GENERATION = 30_000;

/**
 * Ids of the latest messages that reached this process, whatever became of them: delivery forgets what its handler refused,
 * and knows an edited message by its revision. Two generations, of which the older one is let go as a whole: to find the
 * oldest id of one large Map takes as long as a dozen events.
 */
export class Seen {
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  note(messageId: string): void {
    this.#young.add(messageId);
    if (this.#young.size < GENERATION) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  has(messageId: string): boolean {
    return this.#young.has(messageId) || this.#old.has(messageId);
  }
}
