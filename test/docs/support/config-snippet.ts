import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ConfigError, loadConfig } from '../../../src/daemon/index.js';
import { APP_ID, APP_SECRET } from '../../support/app-connector.js';
import { AUTHORITY, identity } from '../../support/tls/servers.js';

/** What a file that a configuration names must hold so that the reader takes it. */
const CONTENT: Readonly<Record<string, string>> = {
  appSecretFile: APP_SECRET,
  secretFile: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  caFile: AUTHORITY,
  certFile: identity('trusted').cert.toString('utf8'),
  keyFile: identity('trusted').key.toString('utf8'),
  passwordFile: 'a password of the test',
  tokenFile: 'a-token-of-the-test',
};

/**
 * Reads a snippet with the daemon's own reader, once the files that it names are there: they belong to another machine.
 * An app's options alone are read as those of some app.
 * @returns What is wrong with it; null if nothing is.
 */
export async function refusalOfSnippet(text: string): Promise<string | null> {
  const directory = await mkdtemp(join(tmpdir(), 'feishu-snippet-'));
  try {
    const given = parse(text) as Record<string, unknown>;
    const whole = 'apps' in given || 'appId' in given ? given : { appId: APP_ID, appSecret: APP_SECRET, ...given };
    const files = new Map<string, string>();
    const config = relocated(whole, files);
    for (const [name, content] of files) await writeFile(join(directory, name), content);
    await mkdir(join(directory, 'journal'), { recursive: true });
    await writeFile(join(directory, 'connector.yaml'), JSON.stringify(config));
    await loadConfig({ file: 'connector.yaml', env: {}, cwd: directory });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The same with each path replaced by that of a file of ours, which is noted with what it has to hold. */
function relocated(value: unknown, files: Map<string, string>, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => relocated(each, files, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, relocated(each, files, name)]));
  }
  const isFile = key.endsWith('File') || ((key === 'handler' || key === 'sink') && value !== 'stdout');
  if (!isFile || typeof value !== 'string') return value;
  const name = `file-${files.size}`;
  files.set(name, CONTENT[key] ?? 'what no test looks at');
  return `./${name}`;
}
