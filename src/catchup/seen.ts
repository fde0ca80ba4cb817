/** How far a message has come: it reached us, or it is safe with delivery. */
type Stage = 'arrived' | 'taken';

/** Four hours of two messages a second at least, and eight at most; an id costs some 150 bytes. */
const GENERATION = 30_000;

/**
 * Ids of the latest messages that reached this process. Delivery's own memory is longer and outlives the process, but
 * knows a message by its id only where there is a journal. Two generations, of which the older one is let go as a whole:
 * to find the oldest id of one large Map takes as long as a dozen events.
 */
export class Seen {
  #young = new Map<string, Stage>();
  #old: ReadonlyMap<string, Stage> = new Map();

  note(messageId: string, stage: Stage): void {
    if (stage === 'arrived' && this.isTaken(messageId)) return;
    this.#young.set(messageId, stage);
    if (this.#young.size < GENERATION) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Whether it reached us, whatever became of it since. */
  has(messageId: string): boolean {
    return this.#stageOf(messageId) !== undefined;
  }

  /** Whether nothing more is to be done for it. */
  isTaken(messageId: string): boolean {
    return this.#stageOf(messageId) === 'taken';
  }

  #stageOf(messageId: string): Stage | undefined {
    return this.#young.get(messageId) ?? this.#old.get(messageId);
  }
}
