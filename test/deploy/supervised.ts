import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { createProgram } from '../../src/cli/cli.js';
import { completionTree, everyNode, formsOf } from '../../src/cli/completion/tree.js';
import { STOP_MARGIN_MS } from '../../src/cli/run/run-daemon.js';
import {
  type DaemonConfig,
  ENVIRONMENT,
  type HttpSurface,
  loadConfig,
  OPEN_SURFACE,
  openHttpSurface,
  type SurfaceSettings,
} from '../../src/daemon/index.js';
import { APP_ID, blankHistory, statusWith } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { withFiles } from '../support/temporary-folder.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

interface Package {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
}

export function readPackage(): Package {
  return JSON.parse(textOf('package.json')) as Package;
}

/** The program inside the package, which what supervises it must start. */
export function programPath(): string {
  return readPackage().bin['feishu-connector'] ?? '';
}

/**
 * The configuration that the daemon would run with in such an environment. The secret is looked for where the
 * environment says, in a folder that stands for the supervisor's own.
 */
export async function configIn(
  env: Readonly<Record<string, string>>,
  secretDirectory: string,
  secretName: string,
): Promise<DaemonConfig> {
  return await withFiles({ [secretName]: 'a secret of the test' }, async (folder) => {
    const moved = Object.entries(env).map(([name, value]) => [
      name,
      value.replace(`${secretDirectory}/`, `${folder}/`),
    ]);
    const config = await loadConfig({ env: Object.fromEntries(moved), cwd: '/' });
    expect(config.apps[0]?.appSecretFile).toBe(join(folder, secretName));
    expect(config.warnings).toEqual([]);
    return config;
  });
}

/** Names that neither the daemon reads nor Node.js and its packages do. */
export function unknownNames(names: readonly string[]): string[] {
  return names.filter((name) => !(name in ENVIRONMENT) && name !== 'NODE_ENV');
}

/** How long a stop may take, in milliseconds; whoever kills must wait longer. */
export function stopBudgetMs({ drainMs }: DaemonConfig): number {
  return drainMs + STOP_MARGIN_MS;
}

/** Of {@link surfaceOf}. */
export const CONTROL_TOKEN = 'a-token-of-the-test';

/** The HTTP surface of a daemon whose one app is connected or not. */
export function surfaceOf(isConnected: boolean, { isAlive = true, tls = null }: SurfaceOf = {}): Promise<HttpSurface> {
  const status = statusWith();
  const { alive, connected } = status;
  const shown = { ...status, alive: { ...alive, is: isAlive }, connected: { ...connected, is: isConnected } };
  return openHttpSurface(
    { host: '127.0.0.1', port: 0 },
    {
      apps: () => [
        {
          app: shown.app,
          appId: APP_ID,
          status: () => shown,
          reconnect: () => false,
          catchUp: () => 1,
          history: blankHistory,
          deadLetters: null,
        },
      ],
      phase: () => 'running',
      scrape: async () => ({ contentType: 'text/plain', body: [] }),
      version: '1.2.3',
      startedAt: 0,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    },
    { settings: { ...OPEN_SURFACE, tls, token: { text: CONTROL_TOKEN } } },
  );
}

interface SurfaceOf {
  /** Whether its timers run. */
  readonly isAlive?: boolean;
  readonly tls?: SurfaceSettings['tls'];
}

/** Command lines of the program in a text that it does not understand: an unknown command, or an option the command does not have. */
export function strangeCommandLines(text: string): string[] {
  const nodes = everyNode(completionTree(createProgram(new TestFace([]), () => {})));
  // A command line goes on behind a backslash, and behind the sign of a comment on the next line.
  const joined = text.replace(/\\\n\s*(# *)?/g, ' ');
  return [...joined.matchAll(/(?:^|[`\s/])feishu-connector((?: +[^\s`|>#]+)+)/g)].flatMap(([line, rest = '']) => {
    const words = rest
      .trim()
      .replace(/[.,;:]$/, '')
      .split(/\s+/);
    if (!/^(-|[a-z][a-z-]*$)/.test(words[0] ?? '')) return [];
    const depth = words.findIndex((word) => word.startsWith('-'));
    const path = depth === -1 ? words.slice(0, 1) : words.slice(0, depth);
    const node = nodes.find((each) => each.path.join(' ') === path.join(' '));
    // Prose goes on with other words: only what has an option is surely a command line.
    if (node === undefined) return depth === -1 ? [] : [line.trim()];
    // The program itself takes --json beside --version, without an option of that name.
    const known = [...node.options.flatMap(formsOf), ...(words[0] === '--version' ? ['--json'] : [])];
    return words.some((word) => word.startsWith('-') && !known.includes(word.split('=', 1)[0] ?? ''))
      ? [line.trim()]
      : [];
  });
}
