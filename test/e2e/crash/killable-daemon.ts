import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.js';

/** The built program, as users start it; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const LOG_CHARACTERS_KEPT = 8_000;

/** A daemon that is started and killed again and again, on the same configuration. */
export class KillableDaemon {
  readonly #configFile: string;
  readonly #address: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #log = '';

  constructor(configFile: string, address: string, environment: Readonly<Record<string, string>>) {
    this.#configFile = configFile;
    this.#address = address;
    this.#environment = environment;
  }

  /** What it said last, over all of its lives. */
  get log(): string {
    return this.#log;
  }

  /** Starts it and waits for nothing. @returns Its process id. */
  spawn(): number {
    const child = spawn(process.execPath, [MAIN, 'run', '--json', '--config', this.#configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, ...this.#environment },
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS_KEPT);
    });
    this.#child = child;
    if (child.pid === undefined) throw new Error(`the daemon could not be started from ${MAIN}: is it built?`);
    return child.pid;
  }

  /** Waits until its app is connected. */
  ready(): Promise<void> {
    return eventually(() => this.#isReady(), `the daemon getting ready; it said ${this.#log}`, {
      deadlineMs: 30_000,
      pauseMs: 20,
    });
  }

  /** One of its metrics, NaN if it has no such series or does not answer. */
  async metric(series: string): Promise<number> {
    const answer = await this.#ask('/metrics');
    const line = answer?.split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
  }

  /** @throws Error if it has ended by itself before: that is no crash of ours. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the daemon ended by itself: ${this.#log}`);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Asks it to stop, and waits until it has. @returns Its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return null;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await gone;
    return code;
  }

  async #isReady(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error(`the daemon ended by itself: ${this.#log}`);
    return (await this.#ask('/readyz')) !== null;
  }

  async #ask(path: string): Promise<string | null> {
    try {
      const answer = await fetch(`http://${this.#address}${path}`, { signal: AbortSignal.timeout(1_000) });
      const text = await answer.text();
      return answer.ok ? text : null;
    } catch {
      return null; // not listening yet, or not any more
    }
  }
}
