import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/daemon/config.js';
import { ENVIRONMENT } from '../../src/daemon/config-environment.js';
import { ConfigError } from '../../src/daemon/config-error.js';
import { APP_KEYS, DAEMON_KEYS, type Key } from '../docs/support/schema.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-keys-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What a group needs so that something is wrong with one of its keys alone. */
const COMPANY: Readonly<Record<string, readonly string[]>> = {
  tracing: ['endpoint: http://127.0.0.1:4318'],
  journal: ['directory: ./journal'],
  'sink.webhook': ['url: https://events.example/feishu'],
  'sink.jetstream': ['servers: nats://127.0.0.1:4222'],
  'sink.jetstream.stream': ['name: FEISHU'],
};

/** A file with one key, and where that key stands. */
interface Written {
  readonly text: string;
  readonly line: number;
  readonly path: string;
}

/** The key alone at the top, or in an entry of a list that has a good app before it. */
function written({ path, isOfApp }: Layout, value: string, key = path.split('.').at(-1) ?? ''): Written {
  const groups = path.split('.').slice(0, -1);
  const credentials = [`appId: ${APP_ID}`, `appSecret: "${APP_SECRET}"`].filter(
    (line) => !line.startsWith(`${path}:`) && !(path === 'appSecretFile' && line.startsWith('appSecret:')),
  );
  const lines: string[] = [];
  let indent = '';
  if (isOfApp === 'listed') {
    lines.push('apps:', '  - appId: cli_00000000000000ff', '    appSecret: other', '  -');
    indent = '    ';
  }
  lines.push(...credentials.map((line) => indent + line));
  for (const [depth, group] of groups.entries()) {
    lines.push(`${indent}${group}:`);
    indent += '  ';
    const below = groups[depth + 1] ?? key;
    for (const line of COMPANY[groups.slice(0, depth + 1).join('.')] ?? []) {
      if (!line.startsWith(`${below}:`)) lines.push(indent + line);
    }
  }
  lines.push(`${indent}${key}: ${value}`);
  const shown = [...groups, key].join('.');
  return { text: `${lines.join('\n')}\n`, line: lines.length, path: isOfApp === 'listed' ? `apps[1].${shown}` : shown };
}

interface Layout {
  readonly path: string;
  readonly isOfApp: 'alone' | 'listed';
}

const KEYS: readonly Key[] = [
  ...DAEMON_KEYS,
  ...APP_KEYS.filter(({ path }) => !DAEMON_KEYS.some((key) => key.path === path)),
];
const LAYOUTS: readonly Layout[] = [
  ...KEYS.map(({ path }): Layout => ({ path, isOfApp: 'alone' })),
  ...APP_KEYS.map(({ path }): Layout => ({ path, isOfApp: 'listed' })),
];

/** @param desk Files that are read at once lie on desks of their own. */
async function refusal(
  { text }: Pick<Written, 'text'>,
  env: Record<string, string> = {},
  desk = 0,
): Promise<string | null> {
  const cwd = join(directory, String(desk));
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'c.yaml'), text);
  try {
    await loadConfig({ file: 'c.yaml', env, cwd });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** Everything that somebody may write who thinks of something else. */
const VALUES = [
  '"5s"',
  '5m',
  '0.5',
  '-1',
  '1e999',
  '.nan',
  '-.inf',
  '"5000"',
  '',
  'null',
  '[]',
  '[1, x]',
  '{ a: 1 }',
  'true',
  'yes',
  '""',
  '" "',
  '99999999999999999999',
  '"two\\nlines"',
  APP_SECRET,
  '!tag 5',
  '*nothing',
];

/** Where, the key or one in its list, what was expected, what is there, what to do: on one line, and nothing of our making. */
function sentence({ line, path }: Written, message: string): void {
  const place = message.split('\n').find((each) => each.startsWith(`c.yaml:${line}`)) ?? '';
  const [, key = '', rest = ''] = /^c\.yaml:\d+(?: \(([^)]*)\))?: (expected .+, got .+\. .+\.)$/.exec(place) ?? [];
  expect(rest, message).not.toBe('');
  expect(rest, message).not.toMatch(/undefined|\[object|got null|got ,|^[^ ]+ must be/);
  // What is wrong inside of a group is told of the key inside; what is no YAML is told of the line alone.
  if (key !== '')
    expect(`${key}.`.replaceAll('[', '.').startsWith(`${path}.`.replaceAll('[', '.')), message).toBe(true);
  expect(message).not.toContain(APP_SECRET);
}

/** In a list the places are others, and the words the same. */
const VALUES_OF_A_LIST = ['"5s"', '-1', '', '{ a: 1 }', APP_SECRET];

test('whatever is wrong with whichever key, its line and name are told, what was expected, and what to write', async () => {
  let refused = 0;
  let tried = 0;
  for (const layout of LAYOUTS) {
    const values = layout.isOfApp === 'listed' ? VALUES_OF_A_LIST : VALUES;
    // Side by side: most of the time is the disk's, and there are thousands of them.
    const answers = await Promise.all(
      values.map(async (value, desk) => {
        const file = written(layout, value);
        return { value, file, message: await refusal(file, {}, desk) };
      }),
    );
    for (const { value, file, message } of answers) {
      tried += 1;
      if (message === null) continue;
      refused += 1;
      sentence(file, message);
      if (value === '-1') expect(message).toContain(`(${file.path})`);
    }
  }
  // Most values are wrong for most keys; a reader that accepts them would be the quickest way through this test.
  expect(refused).toBeGreaterThan(tried * 0.85);
}, 120_000);

test('a key that is misspelt, or stands where it does not belong, is told with where it was meant to be', async () => {
  for (const layout of LAYOUTS) {
    const name = layout.path.split('.').at(-1) ?? '';
    const file = written(layout, '5', `${name}x`);
    const message = (await refusal(file)) ?? '';
    expect(message, layout.path).toContain(`c.yaml:${file.line} (${file.path}): expected a known option`);
    expect(message, layout.path).toMatch(/Did you mean \w+\?/);
  }
  for (const { path } of APP_KEYS.filter((key) => key.path.startsWith('connection.'))) {
    const name = path.split('.').at(-1) ?? '';
    const message = await refusal({ text: `appId: ${APP_ID}\nappSecret: x\n${name}: 5\n` });
    expect(message, path).toMatch(
      new RegExp(`^c\\.yaml:3 \\(${name}\\): expected a known option, got .+\\. It belongs below connection:\\.$`),
    );
  }
}, 60_000);

test('a key that is written twice is told with both of its lines', async () => {
  for (const layout of LAYOUTS) {
    const file = written(layout, '5');
    const last = file.text.trimEnd().split('\n').at(-1) ?? '';
    const name = layout.path.split('.').at(-1);
    const indent = last.slice(0, last.indexOf(name ?? ''));
    const message = await refusal({ text: `${file.text}${indent}${last.trimStart()}\n` });
    expect(message).toBe(
      `c.yaml:${file.line + 1} (${file.path}): expected each key once, got it again, first in line ${file.line}. Remove one of the two.`,
    );
  }
}, 60_000);

test('whatever is wrong with whichever variable, the variable is named, and what to set it to', async () => {
  let refused = 0;
  for (const [variable, { isAppKey, key }] of Object.entries(ENVIRONMENT)) {
    if (variable === 'FEISHU_CONFIG') continue;
    const secret = variable === 'FEISHU_APP_SECRET_FILE' ? '' : APP_SECRET;
    for (const value of [' ', '5s', '-1', '1e3', 'no', '"quoted"', 'two\nlines', '\u001b[31m']) {
      const env = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: secret, [variable]: value };
      const message = await refusal({ text: '{}' }, env);
      if (message === null) continue;
      refused += 1;
      for (const line of message.split('\n')) {
        expect(line).toMatch(/^\S+( \([^)]+\))?: (expected|\[redacted\]) .+, got .+\. .+\.$/);
        expect(line, variable).not.toMatch(/Write \w+: /);
        expect(line, variable).toMatch(/FEISHU_/);
      }
      expect(message, `${variable} ${isAppKey} ${key}`).toContain('FEISHU_');
    }
  }
  expect(refused).toBeGreaterThan(120);
});
