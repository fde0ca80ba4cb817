import type { Logger } from 'pino';
import type { CliFace } from '../face.js';

/**
 * What SIGHUP means over the life of `run`, in which it never kills: while the daemon starts it is remembered, while it runs
 * it reloads, and while it stops it is told to be of no use. Reloads come one after the other, each with its own reading of
 * the file, and however many are asked for during one, one follows: the last file that was written is the one in force.
 */
export class Reloads {
  readonly #logger: Logger;
  readonly #endListening: () => void;
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #reload: () => Promise<void> = async () => {};
  #isAsked = false;
  #isUnderWay = false;

  constructor(face: Pick<CliFace, 'onSignal'>, logger: Logger) {
    this.#logger = logger;
    this.#endListening = face.onSignal('SIGHUP', () => this.#ask());
  }

  /** @param reload Reads the configuration and has the daemon take it over. Never rejects. */
  begin(reload: () => Promise<void>): void {
    this.#phase = 'running';
    this.#reload = reload;
    void this.#run();
  }

  /** From now on nothing is begun any more. */
  stop(): void {
    this.#phase = 'stopping';
    this.#isAsked = false;
  }

  /** The last thing of all: from now on SIGHUP kills. */
  dispose(): void {
    this.stop();
    this.#endListening();
  }

  #ask(): void {
    if (this.#phase === 'stopping') {
      this.#logger.info('[feishu] SIGHUP: nothing is reloaded, as the daemon stops');
      return;
    }
    if (this.#phase === 'starting')
      this.#logger.info('[feishu] SIGHUP: the configuration is read again as soon as the daemon has started');
    this.#isAsked = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isUnderWay || this.#phase !== 'running') return;
    this.#isUnderWay = true;
    while (this.#isAsked) {
      this.#isAsked = false;
      await this.#reload();
    }
    this.#isUnderWay = false;
  }
}
