import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Durability } from '../../src/ports/index.js';

const SCRIPT = fileURLToPath(new URL('./store-writer.mjs', import.meta.url));

/** A process of store-writer.mjs. */
export class StoreProcess {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #isOver = false;

  /** @param command What to run it under, such as `unshare`. */
  constructor(directory: string, durability: Durability, commitsAtOnce: number, command: readonly string[] = []) {
    const [first = process.execPath, ...rest] = [...command, process.execPath];
    this.child = spawn(first, [...rest, SCRIPT, directory, durability, String(commitsAtOnce)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('The process has no output');
    const reader = createInterface({ input: stdout });
    reader.on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
    reader.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Resolves once so many lines were printed, or none will be any more. */
  async printed(count: number): Promise<readonly string[]> {
    while (this.lines.length < count && !this.#isOver) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.lines;
  }

  /** Ends it, and waits until it has and all it printed was read. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill(signal);
      await exit;
    }
    await this.printed(Number.POSITIVE_INFINITY);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
