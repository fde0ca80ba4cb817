import type { Writable } from 'node:stream';

/**
 * Joins all that one turn of the event loop writes to a stream into one system call: a turn that reads sixty events writes
 * their sixty acks. A call for each was a third of what an event cost. Nothing waits longer than for the code of this very
 * turn, its promises included: the loop looks at nothing else before.
 */
export class TurnCork {
  readonly #stream: Writable;
  #isCorked = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** What is written from now on leaves at the end of this turn, together. */
  hold(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(this.#released);
  }

  /** What waits for the end of this turn leaves now. */
  release(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream.uncork();
  }

  readonly #released = (): void => this.release();
}
