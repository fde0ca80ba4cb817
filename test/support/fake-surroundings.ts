import type { ResolveLimits, Surroundings } from '../../src/ports/index.js';

/** A machine's network as the test has it. */
export class FakeSurroundings implements Surroundings {
  interfaces: readonly string[] = ['eth0 10.0.0.5'];
  resolved: readonly string[] = ['1.1.1.1'];
  /** Questions get no answer until {@link answer}. */
  isHanging = false;
  isBroken = false;
  questions = 0;
  aborted = 0;
  readonly #waiting: ((resolved: readonly string[]) => void)[] = [];

  addresses(): readonly string[] {
    return this.interfaces;
  }

  resolve(_host: string, { signal }: ResolveLimits): Promise<readonly string[]> {
    this.questions += 1;
    if (this.isBroken) return Promise.reject(new Error('a bug in the resolver'));
    if (!this.isHanging) return Promise.resolve(this.resolved);
    signal.addEventListener('abort', () => void this.aborted++);
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  answer(resolved: readonly string[]): void {
    for (const resolve of this.#waiting.splice(0)) resolve(resolved);
  }
}
