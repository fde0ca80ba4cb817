import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../src/monitoring/free-ports.js';
import { eventually } from './eventually.js';
import { requireTool } from './tools.js';

const LOG_CHARACTERS_KEPT = 4_000;

/** A real nats-server with JetStream, on one port of 127.0.0.1 and one directory through all its lives. */
export class NatsServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly #program: string;
  readonly #configFile: string;
  #child: ChildProcess | null = null;
  #log = '';

  /** @param config Further lines of its configuration file: accounts, limits. */
  static async create(config = ''): Promise<NatsServer> {
    const [port = 0] = await freePorts(1);
    return new NatsServer(port, config);
  }

  private constructor(port: number, config: string) {
    this.#program = requireTool('nats-server');
    this.port = port;
    this.url = `nats://127.0.0.1:${port}`;
    this.folder = mkdtempSync(join(tmpdir(), 'feishu-connector-nats-'));
    this.#configFile = join(this.folder, 'nats.conf');
    this.configure(config);
  }

  /** Replaces the further lines, for the next start. */
  configure(config: string): void {
    const store = join(this.folder, 'store');
    writeFileSync(
      this.#configFile,
      `listen: 127.0.0.1:${this.port}\njetstream { store_dir: ${JSON.stringify(store)} }\n${config}\n`,
    );
  }

  /** Starts it, and waits until it can be talked to. */
  async start(): Promise<void> {
    const child = spawn(this.#program, ['-c', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS_KEPT);
    });
    this.#child = child;
    this.#log = '';
    await eventually(() => {
      if (child.exitCode !== null) throw new Error(`nats-server ended: ${this.#log}`);
      return this.#log.includes('Server is ready');
    }, 'nats-server getting ready');
  }

  /** As the kernel does when memory runs out. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It stands still, sockets and all, until `resume`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it, and removes what it kept. */
  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
