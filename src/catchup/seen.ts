import { Fingerprint } from '../ports/index.js';

/** Four hours of two messages a second. */
const MAX_COUNT = 30_000;
const FIRST_ROOM = 256;

/**
 * Ids of the latest messages that reached this process, repeats included, whatever became of them: delivery forgets what its handler refused,
 * and knows an edited message by its revision.
 *
 * Each message is noted, and few are ever asked for: those that history shows after an outage, or in a comparison. So they
 * are noted one behind the other, as {@link Fingerprint}, and to ask looks through them all, which is some 20 µs.
 */
export class Seen {
  readonly #id = new Fingerprint();
  /** Halves of fingerprints, low and high in turn; at its largest the oldest is written over. */
  #halves = new Int32Array(FIRST_ROOM * 2);
  /** Where the next one goes. */
  #end = 0;
  #isFull = false;

  note(messageId: string): void {
    this.#id.of(messageId);
    if (this.#end === this.#halves.length) this.#makeRoom();
    this.#halves[this.#end] = this.#id.low;
    this.#halves[this.#end + 1] = this.#id.high;
    this.#end += 2;
  }

  has(messageId: string): boolean {
    this.#id.of(messageId);
    const { low, high } = this.#id;
    const halves = this.#halves;
    const end = this.#isFull ? halves.length : this.#end;
    for (let at = 0; at < end; at += 2) if (halves[at] === low && halves[at + 1] === high) return true;
    return false;
  }

  #makeRoom(): void {
    if (this.#end === MAX_COUNT * 2) {
      this.#isFull = true;
      this.#end = 0;
      return;
    }
    const larger = new Int32Array(Math.min(this.#end * 2, MAX_COUNT * 2));
    larger.set(this.#halves);
    this.#halves = larger;
  }
}
