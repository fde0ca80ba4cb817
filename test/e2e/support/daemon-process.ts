import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.js';

/** The built program, as users start it; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const LOG_CHARACTERS_KEPT = 4_000;

/** A daemon in a process of its own: one that can be killed, or whose event loop may block, without harm to the test. */
export class DaemonProcess {
  /** `host:port` of its HTTP surface, the same after every start. */
  readonly address: string;
  readonly #configFile: string;
  #child: ChildProcess | null = null;
  #log = '';

  constructor(configFile: string, address: string) {
    this.#configFile = configFile;
    this.address = address;
  }

  /** Starts it, and waits until its apps are connected. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, 'run', '--json', '--config', this.#configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH },
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS_KEPT);
    });
    this.#child = child;
    await eventually(() => this.#isReady(), `${this.address} getting ready`, { deadlineMs: 30_000, pauseMs: 50 });
  }

  /** As the kernel does when memory runs out: no word to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async #isReady(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error(`the daemon at ${this.address} ended: ${this.#log}`);
    try {
      const answer = await fetch(`http://${this.address}/readyz`, { signal: AbortSignal.timeout(1_000) });
      return answer.status === 200;
    } catch {
      return false; // not listening yet
    }
  }
}
