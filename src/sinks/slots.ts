/** A bound on how many do something at a time; who comes later waits, first come first served. */
export class Slots {
  readonly #capacity: number;
  readonly #onChange: (count: number, capacity: number) => void;
  readonly #queue = new Set<() => void>();
  #taken = 0;

  constructor(capacity: number, onChange: (count: number, capacity: number) => void) {
    this.#capacity = capacity;
    this.#onChange = onChange;
  }

  /**
   * Runs `task` as soon as there is a slot.
   * @throws The signal's reason if that aborts while it waits; `task` has not run then. Else what `task` throws.
   */
  async run<Result>(signal: AbortSignal, task: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    if (this.#taken >= this.#capacity) await this.#turn(signal);
    else this.#take();
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  /** Resolves with a slot taken: whoever leaves hands over its own, so nobody can come between. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', abandon);
        resolve();
      };
      const abandon = (): void => {
        this.#queue.delete(enter);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.#queue.add(enter);
    });
  }

  #take(): void {
    this.#taken += 1;
    this.#onChange(this.#taken, this.#capacity);
  }

  #release(): void {
    const [next] = this.#queue;
    if (next !== undefined) {
      this.#queue.delete(next);
      next();
      return;
    }
    this.#taken -= 1;
    this.#onChange(this.#taken, this.#capacity);
  }
}
