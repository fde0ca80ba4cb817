import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.js';
import { withFiles } from '../support/temporary-folder.js';
import { configIn, programPath, ROOT, stopBudgetMs, strangeCommandLines, textOf, unknownNames } from './supervised.js';

const UNIT = textOf('deploy/systemd/feishu-connector.service');
const ENV_FILE = textOf('deploy/systemd/feishu-connector.env');

/** Sections of directives, each with every value it was given. A line that is neither is an error. */
function parseUnit(text: string): Map<string, Map<string, string[]>> {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | null = null;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) {
      section = new Map();
      sections.set(name, section);
      continue;
    }
    const [, directive, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    if (section === null || directive === undefined || value === undefined) throw new Error(`no directive: ${line}`);
    section.set(directive, [...(section.get(directive) ?? []), value]);
  }
  return sections;
}

const service = parseUnit(UNIT).get('Service') ?? new Map<string, string[]>();

function only(directive: string): string {
  const values = service.get(directive) ?? [];
  expect([directive, values.length]).toEqual([directive, 1]);
  return values[0] ?? '';
}

/** What the unit and its file set, with systemd's specifiers as it fills them in. */
function environment(): Record<string, string> {
  const lines = [...(service.get('Environment') ?? []), ...ENV_FILE.split('\n').filter((line) => /^[A-Z]/.test(line))];
  const pairs = lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? []);
  return Object.fromEntries(
    pairs.map(([name = '', value = '']) => [name, value.replace('%d', '/credentials').replace('%S', '/var/lib')]),
  );
}

test('the unit has three sections, and no directive twice that systemd takes once', () => {
  const sections = parseUnit(UNIT);
  expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
  const repeated = [...sections.values()].flatMap((section) =>
    [...section].filter(([, values]) => values.length > 1).map(([name]) => name),
  );
  // Lists, which systemd joins.
  expect(repeated).toEqual(['Environment', 'SystemCallFilter']);
});

test('systemd finds nothing to complain of, and little that is exposed', async () => {
  const installed = UNIT.replace(/^ExecStart=.*$/m, `ExecStart=${process.execPath} ${join(ROOT, programPath())} run`);
  await withFiles({ 'feishu-connector.service': installed }, async (cwd) => {
    const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { cwd, encoding: 'utf8' });
    const { error, status, stdout, stderr } = analyze('verify', './feishu-connector.service');
    // Where there is no systemd, the checks of this file are what is left.
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') return;
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    const security = analyze(
      'security',
      '--offline=true',
      '--threshold=20',
      '--no-pager',
      './feishu-connector.service',
    );
    expect([security.status, security.stdout]).toEqual([0, expect.stringContaining('Overall exposure level')]);
  });
});

test('it starts the program of the package, and reloads and stops it as the program expects', () => {
  const [node, path = '', ...argv] = only('ExecStart').split(' ');
  expect(basename(node ?? '')).toBe('node');
  expect(path).toMatch(new RegExp(`/node_modules/feishu-connector/${programPath()}$`));
  expect(argv).toEqual(['run']);
  expect(only('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  expect(only('SuccessExitStatus')).toBe(String(EXIT.terminated));
  expect([only('Restart'), parseUnit(UNIT).get('Unit')?.get('StartLimitIntervalSec')]).toEqual(['always', ['0']]);
});

test('its environment is one that the daemon runs with: secret from the credential, journal in its own directory', async () => {
  const env = environment();
  expect(unknownNames(Object.keys(env))).toEqual([]);
  const [credential = ''] = only('LoadCredential').split(':');
  const config = await configIn(env, '/credentials', credential);
  expect(config.apps[0]?.journal?.directory).toBe(`/var/lib/${only('StateDirectory')}/${env.FEISHU_APP_ID}`);
  expect(only('EnvironmentFile')).toBe('-/etc/feishu-connector/environment');
  expect(ENV_FILE).not.toContain('FEISHU_APP_SECRET');
  expect(Number(only('TimeoutStopSec')) * 1_000).toBeGreaterThan(stopBudgetMs(config));
});

test('no watchdog is asked for, as nothing in the program answers one', () => {
  expect(service.has('WatchdogSec')).toBe(false);
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.ts$/.test(file),
  );
  expect(sources.length).toBeGreaterThan(100);
  const speakers = sources.filter((file) => readFileSync(join(ROOT, 'src', file), 'utf8').includes('NOTIFY_SOCKET'));
  expect(speakers).toEqual([]);
});

test('what it must not be denied: compiling, the list of interfaces, the id of the boot', () => {
  expect(service.has('MemoryDenyWriteExecute')).toBe(false);
  expect(service.has('ProcSubset')).toBe(false);
  expect(only('RestrictAddressFamilies').split(' ').sort()).toEqual(['AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_UNIX']);
});

test('the command lines in its comments are ours', () => {
  expect(strangeCommandLines(UNIT + ENV_FILE)).toEqual([]);
  expect(strangeCommandLines('feishu-connector run --lisetn x')).not.toEqual([]);
});
