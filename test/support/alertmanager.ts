import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from './tools.js';

/** An alert in Alertmanager, and what becomes of it. */
export interface ReceivedAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'unprocessed' | 'active' | 'suppressed'; readonly inhibitedBy: readonly string[] };
  readonly receivers: readonly { readonly name: string }[];
}

/** A real Alertmanager on a free loopback port, alone and with a storage of its own. */
export class Alertmanager {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** @throws Error with all it said, if it ends instead of listening. */
  static async start(config: string): Promise<Alertmanager> {
    const folder = mkdtempSync(join(tmpdir(), 'feishu-connector-alertmanager-'));
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(file, config);
    const process = spawn(
      requireTool('alertmanager'),
      [
        `--config.file=${file}`,
        `--storage.path=${join(folder, 'storage')}`,
        '--web.listen-address=127.0.0.1:0',
        '--cluster.listen-address=',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    try {
      return new Alertmanager(`http://${await addressOf(process)}`, process, folder);
    } catch (cause) {
      rmSync(folder, { recursive: true, force: true });
      throw cause;
    }
  }

  async post(alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const response = await fetch(`${this.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
  }

  async alertsOf(job: string): Promise<readonly ReceivedAlert[]> {
    const query = new URLSearchParams({ filter: `job=${JSON.stringify(job)}` });
    const response = await fetch(`${this.url}/api/v2/alerts?${query}`, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as readonly ReceivedAlert[];
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill();
      await exit;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** It was told to take any free port; its log says which one. */
function addressOf(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`Alertmanager ended with ${code} instead of listening:\n${said}`)));
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, address] = /msg="?Listening on"? address=(\S+)/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}
