import type { Unfinished } from './unfinished.js';

/** All unfinished events, by number and by key. */
export class UnfinishedSet {
  readonly #bySeq = new Map<number, Unfinished>();
  readonly #byKey = new Map<string, Unfinished>();
  // The oldest has at least this number. Asking the Map for its first one would walk over all that were deleted before
  // it, again and again; numbers only grow, so this cursor passes each of them once.
  #oldestSeq = 0;
  #lastSeq = 0;

  get size(): number {
    return this.#bySeq.size;
  }

  get(seq: number): Unfinished | null {
    return this.#bySeq.get(seq) ?? null;
  }

  /** The one that any of these keys belongs to. */
  find(keys: readonly string[]): Unfinished | null {
    for (const key of keys) {
      const found = this.#byKey.get(key);
      if (found !== undefined) return found;
    }
    return null;
  }

  add(unfinished: Unfinished): void {
    if (this.#bySeq.size === 0) this.#oldestSeq = unfinished.seq;
    this.#bySeq.set(unfinished.seq, unfinished);
    for (const key of unfinished.keys) if (!this.#byKey.has(key)) this.#byKey.set(key, unfinished);
    this.#lastSeq = Math.max(this.#lastSeq, unfinished.seq);
  }

  delete(unfinished: Unfinished): boolean {
    if (!this.#bySeq.delete(unfinished.seq)) return false;
    for (const key of unfinished.keys) if (this.#byKey.get(key) === unfinished) this.#byKey.delete(key);
    return true;
  }

  clear(): void {
    this.#bySeq.clear();
    this.#byKey.clear();
  }

  oldest(): Unfinished | null {
    if (this.#bySeq.size === 0) return null;
    while (this.#oldestSeq < this.#lastSeq && !this.#bySeq.has(this.#oldestSeq)) this.#oldestSeq += 1;
    return this.#bySeq.get(this.#oldestSeq) ?? null;
  }
}
