import type { Logger } from 'pino';
import { redact } from '../observe/index.js';

/** What must not happen at once: starts, reloads and stops wait for each other, in the order in which they were asked for. */
export class Turns {
  readonly #logger: Logger;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs the task when all before it have ended. One that fails is its caller's business, and keeps nobody waiting. */
  take<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#latest.then(task);
    this.#latest = result.catch((error: unknown) => {
      this.#logger.debug({ reason: redact(String(error)) }, '[feishu] a turn failed; its caller was told');
    });
    return result;
  }
}
