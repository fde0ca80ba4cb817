import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppConfig, loadConfig } from '../../src/daemon/config.js';
import { ConfigError } from '../../src/daemon/config-error.js';
import { APP_ID, APP_SECRET, OTHER_APP_ID } from '../support/app-connector.js';
import { AUTHORITY } from '../support/tls/servers.js';

const SIGNING_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-config-'));
  await writeFile(join(directory, 'webhook-secret'), SIGNING_SECRET);
  await writeFile(join(directory, 'short'), 'too short');
  await writeFile(join(directory, 'creds'), '-----BEGIN NATS USER JWT-----\n');
  await writeFile(join(directory, 'ca.pem'), AUTHORITY);
  await writeFile(join(directory, 'handler.mjs'), 'export default {};');
});
afterAll(() => rm(directory, { recursive: true }));

const GOOD = `appId: ${APP_ID}\nappSecret: ${APP_SECRET}\n`;
const CREDENTIALS = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET };

async function load(text: string | null, env: Readonly<Record<string, string>> = {}) {
  if (text !== null) await writeFile(join(directory, 'config.yaml'), text);
  return loadConfig({ file: text === null ? undefined : 'config.yaml', env, cwd: directory });
}

async function appOf(text: string | null, env: Readonly<Record<string, string>> = {}): Promise<AppConfig | undefined> {
  return (await load(text, env)).apps[0];
}

async function problemOf(text: string | null, env: Readonly<Record<string, string>> = {}): Promise<string> {
  try {
    await load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('sink takes what handler takes, and a mapping for what leaves the process', async () => {
  expect(await appOf(`${GOOD}sink: stdout\n`)).toMatchObject({ handler: 'stdout' });
  expect(await appOf(`${GOOD}sink: ./handler.mjs\n`)).toMatchObject({ handler: join(directory, 'handler.mjs') });
  expect(await appOf(GOOD)).toMatchObject({ handler: 'stdout' });
});

test('a webhook has the options of the library, its files found beside the configuration', async () => {
  const app = await appOf(
    `${GOOD}sink:\n  webhook:\n    url: https://events.example/feishu\n    secretFile: webhook-secret\n    mode: binary\n`,
  );
  expect(app?.sink).toEqual({
    webhook: {
      url: 'https://events.example/feishu',
      secretFile: join(directory, 'webhook-secret'),
      mode: 'binary',
    },
  });
  expect(app).not.toHaveProperty('handler');
});

test('a JetStream sink has one server or several, a stream, files of credentials and of TLS', async () => {
  const app = await appOf(`${GOOD}sink:
  jetstream:
    servers: nats://127.0.0.1:4222
    partitions: 16
    credsFile: creds
    tls: { caFile: ca.pem }
    stream: { name: FEISHU, create: true, replicas: 3 }
`);
  expect(app?.sink).toEqual({
    jetstream: {
      servers: ['nats://127.0.0.1:4222'],
      partitions: 16,
      credsFile: join(directory, 'creds'),
      tls: { caFile: join(directory, 'ca.pem') },
      stream: { name: 'FEISHU', create: true, replicas: 3 },
    },
  });
});

test('the environment alone is enough for a webhook, a stream and a journal', async () => {
  expect(
    await appOf(null, {
      ...CREDENTIALS,
      FEISHU_WEBHOOK_URL: 'https://events.example',
      FEISHU_WEBHOOK_SECRET_FILE: 'webhook-secret',
      FEISHU_JOURNAL_DIRECTORY: 'journal',
    }),
  ).toMatchObject({
    sink: { webhook: { url: 'https://events.example', secretFile: join(directory, 'webhook-secret') } },
    journal: { directory: join(directory, 'journal', APP_ID) },
  });
  expect(
    await appOf(null, {
      ...CREDENTIALS,
      FEISHU_NATS_SERVERS: 'nats://one:4222, nats://two:4222',
      FEISHU_NATS_CREDS_FILE: 'creds',
      FEISHU_NATS_STREAM: 'FEISHU',
    }),
  ).toMatchObject({
    sink: {
      jetstream: {
        servers: ['nats://one:4222', 'nats://two:4222'],
        credsFile: join(directory, 'creds'),
        stream: { name: 'FEISHU' },
      },
    },
  });
});

test('a variable changes the one option it names, and the file keeps the others', async () => {
  const file = `${GOOD}handler: ./handler.mjs\njournal:\n  directory: /from-file\n  durability: process\n`;
  expect(
    await appOf(file, { FEISHU_JOURNAL_DIRECTORY: '/from-env', FEISHU_WEBHOOK_URL: 'http://receiver' }),
  ).toMatchObject({
    journal: { directory: `/from-env/${APP_ID}`, durability: 'process' },
    sink: { webhook: { url: 'http://receiver' } },
  });
  const hook = `${GOOD}sink:\n  webhook:\n    url: http://from-file\n    secretFile: webhook-secret\n`;
  expect(await appOf(hook, { FEISHU_WEBHOOK_URL: 'http://from-env' })).toMatchObject({
    sink: { webhook: { url: 'http://from-env', secretFile: join(directory, 'webhook-secret') } },
  });
  expect(await appOf(hook, { FEISHU_HANDLER: 'stdout' })).toMatchObject({ handler: 'stdout' });
});

test('what is wrong in the environment names its variable, and what is wrong in the file its line', async () => {
  const hook = `${GOOD}sink:\n  webhook:\n    url: http://from-file\n    timeoutMs: 1\n`;
  expect(await problemOf(hook, { FEISHU_WEBHOOK_URL: 'ftp://hush' })).toMatch(
    /^FEISHU_WEBHOOK_URL \(sink\.webhook\.url\): expected an http: or https: URL .*, got text of 10 characters\./,
  );
  expect(await problemOf(hook, { FEISHU_WEBHOOK_URL: 'http://fine' })).toMatch(
    /^config\.yaml:6 \(sink\.webhook\.timeoutMs\): expected a whole number from 100 to 60000, got 1\./,
  );
  expect(await problemOf(null, { ...CREDENTIALS, FEISHU_NATS_SERVERS: 'one,two' })).toMatch(
    /^FEISHU_NATS_SERVERS \(sink\.jetstream\.servers\[0\]\): expected nats:\/\/host:port/,
  );
});

test.each<[string, string, RegExp]>([
  [
    'neither',
    'sink: {}\n',
    /^config\.yaml:3 \(sink\): expected stdout, the path of .*, got neither\. Write sink: stdout/,
  ],
  [
    'both',
    'sink:\n  webhook: { url: "http://a" }\n  jetstream: { servers: "nats://a" }\n',
    /^config\.yaml:3 \(sink\): expected .*, got both\. Remove one/,
  ],
  [
    'a handler besides',
    'handler: stdout\nsink: stdout\n',
    /^config\.yaml:4 \(sink\): expected one place where events go, got this and handler at config\.yaml:3\./,
  ],
  ['a list', 'sink: [stdout]\n', /^config\.yaml:3 \(sink\): expected stdout, .*, got a list of 1\./],
  ['a missing module', 'sink: ./no.mjs\n', /^config\.yaml:3 \(sink\): .*got "\.\/no\.mjs", which does not exist\./],
  [
    'a misspelt kind',
    'sink:\n  webhok: { url: "http://a" }\n',
    /^config\.yaml:4 \(sink\.webhok\): expected a known option, got the unknown "webhok"\. Did you mean webhook\?/,
  ],
  [
    'a misspelt option',
    'sink:\n  webhook:\n    url: http://a\n    timeout: 5\n',
    /^config\.yaml:6 \(sink\.webhook\.timeout\): .*Did you mean timeoutMs\?/,
  ],
  [
    'a misspelt option of the stream',
    'sink:\n  jetstream:\n    servers: nats://a\n    stream:\n      name: A\n      replica: 3\n',
    /^config\.yaml:8 \(sink\.jetstream\.stream\.replica\): .*Did you mean replicas\?/,
  ],
  [
    'a webhook without an address',
    'sink:\n  webhook: { mode: binary }\n',
    /^config\.yaml:4 \(sink\.webhook\.url\): expected an http: or https: URL .*, got nothing\./,
  ],
  [
    'an address with a password',
    'sink:\n  webhook: { url: "https://user:hush@a" }\n',
    /^config\.yaml:4 \(sink\.webhook\.url\): expected an http: or https: URL without user and fragment, got text of/,
  ],
  [
    'a mode that is none',
    'sink:\n  webhook: { url: "https://a", mode: xml }\n',
    /^config\.yaml:4 \(sink\.webhook\.mode\): expected one of structured, binary, got "xml"\./,
  ],
  [
    'a weak secret',
    'sink:\n  webhook: { url: "https://a", secret: hush }\n',
    /^config\.yaml:4 \(sink\.webhook\.secret\): expected whsec_ and base64, .*, got text of 4 characters\./,
  ],
  [
    'a weak secret in a file',
    'sink:\n  webhook: { url: "https://a", secretFile: short }\n',
    /^config\.yaml:4 \(sink\.webhook\.secretFile\): expected a secret that can be read, got this: the webhook secret has 9 bytes/,
  ],
  [
    'a secret file that is missing',
    'sink:\n  webhook: { url: "https://a", secretFile: /no/where }\n',
    /^config\.yaml:4 \(sink\.webhook\.secretFile\): .*the file \/no\/where can't be read: Error ENOENT/,
  ],
  [
    'a server that is none',
    'sink:\n  jetstream: { servers: ["nats://a", "http://user:hush@b"] }\n',
    /^config\.yaml:4 \(sink\.jetstream\.servers\[1\]\): expected nats:\/\/host:port or tls:\/\/host:port, got another text/,
  ],
  [
    'two ways to identify',
    'sink:\n  jetstream:\n    servers: nats://a\n    credsFile: creds\n    tokenFile: creds\n',
    /^config\.yaml:7 \(sink\.jetstream\.tokenFile\): expected left out beside credsFile, got both/,
  ],
  [
    'a user without a password',
    'sink:\n  jetstream:\n    servers: nats://a\n    user: me\n',
    /^config\.yaml:6 \(sink\.jetstream\.user\): expected beside passwordFile, got half of it\. Add the other beside it/,
  ],
  [
    'a stream without a name',
    'sink:\n  jetstream:\n    servers: nats://a\n    stream:\n      create: true\n',
    /^config\.yaml:6 \(sink\.jetstream\.stream\.name\): expected the name of a stream, got nothing/,
  ],
  [
    'a window longer than the stream keeps',
    'sink:\n  jetstream:\n    servers: nats://a\n    stream: { name: A, maxAgeMs: 60000, duplicateWindowMs: 60001 }\n',
    /^config\.yaml:6 \(sink\.jetstream\.stream\.duplicateWindowMs\): expected a whole number from 100 to 60000, got 60001/,
  ],
  [
    'a broken authority',
    'sink:\n  jetstream:\n    servers: tls://a\n    tls: { caFile: short }\n',
    /^config\.yaml:6 \(sink\.jetstream\.tls\.caFile\): expected a file of PEM certificates/,
  ],
  [
    'a journal without a directory',
    'journal: { durability: power }\n',
    /^config\.yaml:3 \(journal\.directory\): expected the path of a directory, got nothing\./,
  ],
  [
    'a durability that is none',
    'journal: { directory: a, durability: always }\n',
    /^config\.yaml:3 \(journal\.durability\): expected one of process, power, got "always"\./,
  ],
  [
    'a misspelt option of the journal',
    'journal: { dir: a }\n',
    /\(journal\.dir\): expected a known option, got the unknown "dir"\. Did you mean directory\?/,
  ],
  [
    'a memory shorter than the redeliveries',
    'journal:\n  directory: a\n  retentionMs: 1000\n',
    /^config\.yaml:5 \(journal\.retentionMs\): expected a whole number from 28800000 to 2592000000, got 1000/,
  ],
  [
    'a journal that is far too small',
    'journal:\n  directory: a\n  maxBytes: 1000\n',
    /^config\.yaml:5 \(journal\.maxBytes\): expected a whole number/,
  ],
  [
    'events to hold, and nothing to hold them in',
    'delivery:\n  maxAgeMs: 60000\n  staleEvents: hold\n',
    /^config\.yaml:5 \(delivery\.staleEvents\): expected tag or drop without a journal/,
  ],
])('a configuration with %s says where, what and how to mend it', async (_what, text, line) => {
  const problem = await problemOf(GOOD + text);
  expect(problem).toMatch(line);
  expect(problem).not.toContain('hush');
});

test('each app has a directory of its own, may change one option, and may do without', async () => {
  const { apps } = await load(`journal:
  directory: ./journals
  durability: process
apps:
  - { appId: ${APP_ID}, appSecret: ${APP_SECRET}, app: renamed, journal: { durability: power } }
  - { appId: ${OTHER_APP_ID}, appSecret: ${APP_SECRET}, journal: none }
  - { appId: cli_00000000000000ff, appSecret: ${APP_SECRET}, journal: { directory: own }, delivery: { staleEvents: hold } }
`);
  expect(apps.map(({ journal }) => journal)).toEqual([
    // By the app id: an app that gets another name finds its events again.
    { directory: join(directory, 'journals', APP_ID), durability: 'power' },
    undefined,
    { directory: join(directory, 'own'), durability: 'process' },
  ]);
  const own = `apps:\n  - { appId: ${APP_ID}, appSecret: ${APP_SECRET}, journal: { directory: own, retentionMs: 30000000 } }\n`;
  expect(await appOf(own)).toMatchObject({ journal: { directory: join(directory, 'own'), retentionMs: 30_000_000 } });
});

test('the configuration in the documentation is right, but for its files, which are not here', async () => {
  const text = await readFile(new URL('../../docs/sinks.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
  expect(yaml).toContain('jetstream:');
  const problems = (await problemOf(yaml)).split('\n');
  expect(problems.length).toBeGreaterThan(5);
  for (const problem of problems) expect(problem).toMatch(/File\): expected .*ENOENT/);
});
