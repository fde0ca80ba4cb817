import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DaemonConfig, loadConfig } from '../../src/daemon/config.js';
import { ConfigError } from '../../src/daemon/config-error.js';
import { APP_ID, APP_SECRET, OTHER_APP_ID } from '../support/app-connector.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-config-file-'));
});
afterAll(() => rm(directory, { recursive: true }));

const GOOD = `appId: ${APP_ID}\nappSecret: "${APP_SECRET}"\n`;

async function load(content: string | Uint8Array, env: Record<string, string> = {}): Promise<DaemonConfig> {
  await writeFile(join(directory, 'c.yaml'), content);
  return loadConfig({ file: 'c.yaml', env, cwd: directory });
}

async function refusalOf(loading: Promise<unknown>): Promise<string> {
  const thrown = await loading.then(
    () => new Error('the configuration was accepted'),
    (error: unknown) => error,
  );
  if (thrown instanceof ConfigError) return thrown.message;
  throw thrown;
}

test.each<[string, string | Uint8Array, string]>([
  [
    'is UTF-16',
    Buffer.from(`\uFEFF${GOOD}`, 'utf16le'),
    'c.yaml: expected text in UTF-8, got UTF-16. Save the file as UTF-8.',
  ],
  [
    'is UTF-16 without saying so',
    Buffer.from(GOOD, 'utf16le'),
    'c.yaml:1: expected text in UTF-8, got a zero byte, as in UTF-16 or in something that is no text. Save the file as UTF-8.',
  ],
  [
    'is Latin-1',
    Buffer.from(`${GOOD}app: Bücher\n`, 'latin1'),
    'c.yaml:3: expected text in UTF-8, got bytes of another encoding. Save the file as UTF-8.',
  ],
  [
    'has a second document, which would be left out without a word',
    `${GOOD}---\nappId: ${OTHER_APP_ID}\nappSecret: other\n`,
    'c.yaml:3: expected valid YAML, got a second document (---) at column 1. Keep one; several apps go into a list below apps:.',
  ],
  [
    'has a tag that nobody resolves',
    `appId: ${APP_ID}\nappSecret: !vault path/of/it\n`,
    'c.yaml:2: expected plain values, got a tag (!) that has no meaning here. Write the value itself, without the tag; a value that starts with ! goes in double quotes.',
  ],
  [
    'has an alias to nothing',
    `${GOOD}connection: *none\n`,
    'c.yaml:3: expected plain values, got an alias (*) to something that does not exist. Write the values out instead of using & and *.',
  ],
  [
    'contains itself',
    `${GOOD}connection: &all\n  backoff: *all\n`,
    'c.yaml:4: expected plain values, got an alias (*) to what it is a part of. Write the values out instead of using & and *.',
  ],
  [
    'is text, as without a space behind the colons',
    `appId:${APP_ID}\n`,
    'c.yaml:1: expected a mapping of options, got text. Write appId: or apps: at the beginning of a line; a space follows the colon.',
  ],
  [
    'has names of variables',
    `${GOOD}FEISHU_LOG_LEVEL: warn\n`,
    'c.yaml:3 (FEISHU_LOG_LEVEL): expected a known option, got the unknown "FEISHU_LOG_LEVEL". That is the name of a variable; in the file the option is logLevel.',
  ],
  [
    'lists something else than apps',
    `apps:\n  - ${APP_ID}\n`,
    `c.yaml:2 (apps[0]): expected a mapping of options, got "${APP_ID}". Write "  - appId: cli_…" and the other options of the app below it.`,
  ],
  [
    'has a tab where blanks belong',
    `${GOOD}connection:\n\theartbeatMs: 20000\n`,
    'c.yaml:4: expected valid YAML, got a tab used as indentation at column 1. Indent with spaces.',
  ],
])('a file that %s is refused, and says why', async (_what, content, message) => {
  expect(await refusalOf(load(content))).toBe(message);
});

test('a file of sixty thousand keys is refused at once, for it is another one', async () => {
  const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1\n`);
  expect(await refusalOf(load(keys.join('')))).toBe(
    'c.yaml:1: expected at most 1000 keys in a mapping, got 60000. Is it the right file?',
  );
  expect(await refusalOf(load(`${GOOD}connection:\n${keys.map((key) => `  ${key}`).join('')}`))).toBe(
    'c.yaml:4 (connection): expected at most 1000 keys in a mapping, got 60000. Is it the right file?',
  );
});

test('a secret that stands twice where keys stand is not repeated', async () => {
  expect(await refusalOf(load(`appId: ${APP_ID}\n${APP_SECRET}: 1\n${APP_SECRET}: 2\n`))).toBe(
    'c.yaml:3: expected each key once, got it again, first in line 2. Remove one of the two.',
  );
});

test('a file without end is read up to the limit', async () => {
  const refusal = refusalOf(loadConfig({ file: '/dev/zero', env: {}, cwd: directory }));
  expect(await refusal).toBe(
    '--config (/dev/zero): expected at most 1 MiB of YAML, got more. Looked at /dev/zero; is it the right file?',
  );
});

test('a dash is told how standard input is called', async () => {
  const refusal = refusalOf(loadConfig({ file: '-', env: {}, cwd: directory }));
  expect(await refusal).toMatch(/^--config \(-\): expected a readable file, got no such file\. Name \/dev\/stdin/);
});

test('a key called __proto__ is as unknown as any other', async () => {
  expect(await refusalOf(load(`${GOOD}__proto__:\n  logLevel: silent\n`))).toMatch(
    /^c\.yaml:3 \(__proto__\): expected a known option/,
  );
});

const SHARED = `apps:
  - &bot
    appId: ${APP_ID}
    appSecret: first
    connection: &limits
      heartbeatMs: 30000
  - <<: *bot
    appId: ${OTHER_APP_ID}
  - appId: cli_00000000000000ff
    appSecret: third
    connection: *limits
`;

test('apps may share with aliases and merge keys what they have in common', async () => {
  const { apps } = await load(SHARED);
  expect(apps.map(({ appId, appSecret, connection }) => [appId, appSecret, connection])).toEqual([
    [APP_ID, 'first', { heartbeatMs: 30_000 }],
    [OTHER_APP_ID, 'first', { heartbeatMs: 30_000 }],
    ['cli_00000000000000ff', 'third', { heartbeatMs: 30_000 }],
  ]);
});

test('a thousand apps may share it', async () => {
  const others = Array.from(
    { length: 999 },
    (_, index) => `  - { <<: *app, appId: cli_${String(index).padStart(16, '0')}, connection: *limits }\n`,
  );
  const first = `  - &app\n    appId: ${APP_ID}\n    appSecret: first\n    connection: &limits { heartbeatMs: 30000 }\n`;
  const { apps } = await load(`apps:\n${first}${others.join('')}`);
  expect(apps.length).toBe(1_000);
  expect(apps.at(-1)).toMatchObject({ appSecret: 'first', connection: { heartbeatMs: 30_000 } });
});

/** Nine lines of which each stands for ten of the one before. */
const powers = (line: (name: string, before: string) => string) =>
  Array.from({ length: 9 }, (_, index) => line(`p${index + 1}`, Array(10).fill(`*p${index}`).join(', '))).join('\n');

test.each([
  ['aliases of aliases', `p0: &p0 [1]\n${powers((name, before) => `${name}: &${name} [${before}]`)}`],
  [
    'merge keys of merge keys',
    `p0: &p0 { a: 1 }\n${powers((name, before) => `${name}: &${name} { <<: [${before}] }`)}`,
  ],
  ['aliases without end', `p0: &p0 1\nlist: [${Array(10_001).fill('*p0').join(', ')}]`],
])('%s that stand for too much are refused, and cost no time', async (_what, content) => {
  expect(await refusalOf(load(content))).toMatch(
    /^c\.yaml(:\d+)?: expected plain values, got aliases \(\*\) that stand for too much\. Write the values out/,
  );
});

test('what is wrong in something shared is told where it is written', async () => {
  const refusal = await refusalOf(load(SHARED.replace('30000', '0')));
  expect(refusal.split('\n').map((line) => line.split(':', 2).join(':'))).toEqual([
    'c.yaml:6 (apps[0].connection.heartbeatMs)',
    'c.yaml:6 (apps[1].connection.heartbeatMs)',
    'c.yaml:6 (apps[2].connection.heartbeatMs)',
  ]);
});

test('two apps with one journal directory are refused, however each says it', async () => {
  const named = `apps:
  - { appId: ${APP_ID}, appSecret: a, journal: { directory: j } }
  - { appId: ${OTHER_APP_ID}, appSecret: b, journal: { directory: ./x/../j/ } }
`;
  expect(await refusalOf(load(named))).toBe(
    'c.yaml:3 (apps[1].journal.directory): expected a directory of this app alone, got that of the app at c.yaml:2. Name another one, or leave it out: below journal: at the top each app has its own.',
  );
  const taken = `journal: { directory: j }
apps:
  - { appId: ${APP_ID}, appSecret: a }
  - { appId: ${OTHER_APP_ID}, appSecret: b, journal: { directory: j/${APP_ID} } }
`;
  expect(await refusalOf(load(taken))).toMatch(/^c\.yaml:4 \(apps\[1\]\.journal\.directory\)/);
});

test('an app id in capitals is the same app', async () => {
  const text = `apps:\n  - { appId: ${APP_ID}, appSecret: a }\n  - { appId: ${APP_ID.replace('cli_', '').toUpperCase()}, appSecret: b }\n`;
  expect(await refusalOf(load(text.replace('appId: A', 'appId: cli_A')))).toMatch(
    /^c\.yaml:3 \(apps\[1\]\.appId\): expected each app once/,
  );
});

test('shape and meaning are told at once, in the order of the lines', async () => {
  const text = `apps:
  - appId: ${APP_ID}
    appSecretFile: ./nowhere
    connection:
      heartbeatMs: 20s
      lookMs: 0
      closeTimeoutMs: 0
    handler: ./no.mjs
  - appId: cli_no
    app_secret: x
    delivery:
      concurrency: 0
      maxPending: 0
logLevel: loud
`;
  const refusal = await refusalOf(load(text));
  expect(refusal.split('\n').map((line) => line.slice(0, line.indexOf(')') + 1))).toEqual([
    'c.yaml:3 (apps[0].appSecretFile)',
    'c.yaml:5 (apps[0].connection.heartbeatMs)',
    'c.yaml:6 (apps[0].connection.lookMs)',
    'c.yaml:7 (apps[0].connection.closeTimeoutMs)',
    'c.yaml:8 (apps[0].handler)',
    'c.yaml:9 (apps[1].appId)',
    'c.yaml:10 (apps[1].app_secret)',
    'c.yaml:12 (apps[1].delivery.concurrency)',
    'c.yaml:13 (apps[1].delivery.maxPending)',
    'c.yaml:14 (logLevel)',
  ]);
});

test('a default that no longer fits is told as the default', async () => {
  expect(await refusalOf(load(`${GOOD}connection:\n  backoff:\n    initialMs: 600000\n`))).toBe(
    'c.yaml:4 (connection.backoff.maxMs): expected from 600000 to 86400000, got the default, 300000. Write maxMs: and a value within these bounds, or change what it does not fit.',
  );
});

test('what an environment lacks is told with the variable to set, and the one that was meant to be it', async () => {
  const refusal = (env: Record<string, string>) => refusalOf(loadConfig({ env, cwd: directory }));
  expect(await refusal({ FEISHU_APPID: APP_ID, FEISHU_APP_SECRET: APP_SECRET })).toBe(
    'environment (appId): expected an app id, cli_ and 16 hexadecimal digits, got nothing. Set FEISHU_APP_ID. FEISHU_APPID is set, which nobody reads.',
  );
  expect(await refusal({ APP_ID, APP_SECRET })).toContain('APP_ID is set, which nobody reads.');
  expect(
    await refusal({
      FEISHU_APP_ID: APP_ID,
      FEISHU_APP_SECRET: APP_SECRET,
      FEISHU_WEBHOOK_SECRET: 'a-secret-of-enough-bytes',
    }),
  ).toMatch(/^environment \(sink\.webhook\.url\): .*got nothing\. Set FEISHU_WEBHOOK_URL\.$/);
});

test('a variable is told what to be set to, not what to write into a file', async () => {
  expect(await refusalOf(load(GOOD, { FEISHU_DRAIN_MS: '30s' }))).toMatch(/Set FEISHU_DRAIN_MS to 30000\.$/);
  expect(await refusalOf(load(GOOD, { FEISHU_DOMAIN: 'feisho' }))).toMatch(
    /Set FEISHU_DOMAIN to feishu, lark or http:\/\/127\.0\.0\.1:7777\.$/,
  );
});

test('a problem stays on its line, whatever stands in a name', async () => {
  const message = await refusalOf(load(`${GOOD}handler: "a\\nb\\e[31m"\n`));
  expect(message).not.toContain('\n');
  expect(message).not.toContain('\u001b');
  expect(message).toContain('a\\nb\\u001b[31m');
});
