import type { LmdbRoot } from './lmdb-open.js';

const FLUSH_MS = 1_000;

/** Flushes what was committed without a flush of its own, late and together. For durability `process`. */
export class LateFlush {
  readonly #root: LmdbRoot;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #underWay: Promise<void> | null = null;

  /** @param failed Told what a flush failed with: what was committed since the last one may not outlive the machine. */
  constructor(root: LmdbRoot, failed: (error: unknown) => void) {
    this.#root = root;
    this.#failed = failed;
  }

  /** Something was committed: it is flushed within a second. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#underWay ??= this.now().finally(() => {
        this.#underWay = null;
      });
    }, FLUSH_MS).unref();
  }

  async now(): Promise<void> {
    const { sync } = this.#root as unknown as { sync(done: (error?: unknown) => void): void };
    const error = await new Promise<unknown>((resolve) => sync.call(this.#root, resolve));
    if (error) this.#failed(error);
  }

  /** Flushes no more. Resolves when one that is under way has ended. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#underWay;
  }
}
