import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type ConfigProblem, loadConfig } from '../../../src/daemon/index.js';
import { APP_ID, APP_SECRET } from '../../support/app-connector.js';

/** What a group needs so that something is wrong with one of its keys alone. */
const COMPANY: Readonly<Record<string, object>> = {
  tracing: { endpoint: 'http://127.0.0.1:4318' },
  journal: { directory: './journal' },
  'sink.webhook': { url: 'https://events.example/feishu' },
  'sink.jetstream': { servers: 'nats://127.0.0.1:4222' },
  'sink.jetstream.stream': { name: 'FEISHU' },
};

/** Nothing that any key takes, and what the bounds of every number exclude. */
const WRONG = -1;

/**
 * What a key takes, in the words of the error about a value that is wrong: the real configuration reader is asked.
 * Null where it takes whatever JSON can hold.
 */
export async function expectationOf(path: string): Promise<string | null> {
  const config = { appId: APP_ID, appSecret: APP_SECRET } as Record<string, unknown>;
  const names = path.split('.');
  let at = config;
  for (const [depth, name] of names.slice(0, -1).entries()) {
    const group: Record<string, unknown> = { ...COMPANY[names.slice(0, depth + 1).join('.')] };
    at[name] = group;
    at = group;
  }
  at[names.at(-1) ?? ''] = WRONG;
  const problems = await problemsOf(JSON.stringify(config));
  const own = problems.find((problem) => problem.path === path);
  if (own === undefined && problems.length > 0) throw new Error(`${path}: ${problems.map((each) => each.path)}`);
  return own?.expected ?? null;
}

/** What the reader says of a configuration file with this text, as its error and as its parts. */
export async function problemsOf(text: string): Promise<readonly ConfigProblem[]> {
  return (await refusalOf(text))?.problems ?? [];
}

/** Null if the text is accepted. */
export async function refusalOf(text: string): Promise<ConfigError | null> {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-docs-'));
  try {
    await writeFile(join(directory, 'connector.yaml'), text);
    await loadConfig({ file: 'connector.yaml', env: {}, cwd: directory });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  } finally {
    await rm(directory, { recursive: true });
  }
}
