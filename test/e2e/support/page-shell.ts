import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');
const COMPILER = join(ROOT, 'node_modules/typescript/lib/tsc.js');

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A terminal for the command lines of a page: in a folder of its own, with `feishu-connector` and `npx feishu-connector`
 * being the program that was built, and with nothing of the caller's environment but the path.
 */
export class PageShell {
  readonly folder: string;
  readonly #path: string;
  /** What the page says, and what is meant on this machine: ports that are free, the platform that is there. */
  readonly #meanings: readonly (readonly [said: string, meant: string])[];
  readonly #staying: StayingProcess[] = [];

  private constructor(folder: string, meanings: readonly (readonly [said: string, meant: string])[]) {
    this.folder = folder;
    this.#path = `${join(folder, '.bin')}:${process.env.PATH ?? ''}`;
    this.#meanings = meanings;
  }

  static async open(meanings: readonly (readonly [said: string, meant: string])[]): Promise<PageShell> {
    const folder = await mkdtemp(join(tmpdir(), 'feishu-page-'));
    await mkdir(join(folder, '.bin'));
    await program(join(folder, '.bin', 'feishu-connector'), `exec "${process.execPath}" "${MAIN}" "$@"`);
    await program(
      join(folder, '.bin', 'npx'),
      'if [ "$1" != feishu-connector ]; then exit 97; fi\nshift\nexec feishu-connector "$@"',
    );
    return new PageShell(folder, meanings);
  }

  meant(text: string): string {
    return this.#meanings.reduce((so, [said, meant]) => so.replaceAll(said, meant), text);
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** Makes a program of a TypeScript snippet, which imports the package that was built by its name. */
  async compile(name: string, text: string): Promise<void> {
    const packages = join(this.folder, 'node_modules');
    await mkdir(packages, { recursive: true });
    await symlink(ROOT, join(packages, 'feishu-connector'));
    await this.write('package.json', JSON.stringify({ type: 'module' }));
    await this.write(`${name}.ts`, this.meant(text));
    const options = ['--module', 'NodeNext', '--target', 'ES2023', '--noCheck', '--ignoreConfig'];
    await promisify(execFile)(process.execPath, [COMPILER, ...options, `${name}.ts`], { cwd: this.folder });
  }

  /** Runs a block to its end; the first line that fails is its end. */
  async run(block: string, env: Readonly<Record<string, string>> = {}): Promise<Said> {
    const process = new StayingProcess(this.#spawn(block, env));
    return process.ended();
  }

  /** Starts a block that goes on, and waits until it has said what shows that it is up. */
  async stay(block: string, pattern: RegExp, env: Readonly<Record<string, string>> = {}): Promise<StayingProcess> {
    const process = new StayingProcess(this.#spawn(block, env));
    this.#staying.push(process);
    await process.saw(pattern);
    return process;
  }

  /** Ends all that stays, as Ctrl-C does, the last one first. */
  async stop(): Promise<void> {
    for (const process of this.#staying.splice(0).reverse()) await process.interrupt();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  #spawn(block: string, env: Readonly<Record<string, string>>): ChildProcess {
    return spawn('bash', ['-euo', 'pipefail', '-c', this.meant(block)], {
      cwd: this.folder,
      env: { PATH: this.#path, HOME: this.folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, as a terminal makes it
    });
  }
}

/** One block that runs. */
export class StayingProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        this[name] += chunk;
        this.#wake();
      });
    }
    this.#closed = once(child, 'close').then(() => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** @throws Error with all that was said, if it ends first. */
  async saw(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.#isClosed) throw new Error(`it ended without ${pattern}:\n${this.stdout}${this.stderr}`);
      await new Promise<void>((wake) => this.#waiting.add(wake));
    }
  }

  async ended(): Promise<Said> {
    await this.#closed;
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  async interrupt(): Promise<void> {
    if (!this.#isClosed && this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGINT');
    await this.#closed;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
