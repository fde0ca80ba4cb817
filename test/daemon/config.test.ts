import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConfigSources, loadConfig } from '../../src/daemon/config.js';
import { ENVIRONMENT } from '../../src/daemon/config-environment.js';
import { ConfigError } from '../../src/daemon/config-error.js';
import { APP_ID, APP_SECRET, OTHER_APP_ID } from '../support/app-connector.js';
import { AUTHORITY } from '../support/tls/servers.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-config-'));
  await writeFile(join(directory, 'secret'), `${APP_SECRET}\n`);
  await writeFile(join(directory, 'empty'), '');
  await writeFile(join(directory, 'handler.mjs'), 'export default {};');
  await writeFile(join(directory, 'ca.pem'), AUTHORITY);
});
afterAll(() => rm(directory, { recursive: true }));

const CREDENTIALS = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: APP_SECRET };

async function load(text: string | null, env: ConfigSources['env'] = {}, overrides?: ConfigSources['overrides']) {
  const file = text === null ? undefined : 'config.yaml';
  if (text !== null) await writeFile(join(directory, 'config.yaml'), text);
  return loadConfig({ file, env, cwd: directory, ...(overrides && { overrides }) });
}

async function errorOf(loading: Promise<unknown>): Promise<ConfigError> {
  const error = await loading.then(
    () => new Error('the configuration was accepted'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConfigError) return error;
  throw error;
}

test('the environment alone is enough, and everything else has a default', async () => {
  expect(await load(null, CREDENTIALS)).toEqual({
    listen: { host: '127.0.0.1', port: 9464 },
    surface: { basic: null, token: null, socket: { directories: [] }, tls: null },
    logLevel: 'info',
    drainMs: 10_000,
    openMetrics: false,
    tracing: null,
    apps: [
      {
        appId: APP_ID,
        app: APP_ID,
        appSecret: APP_SECRET,
        domain: 'feishu',
        handler: 'stdout',
        connection: {},
        token: {},
        delivery: {},
      },
    ],
    warnings: [],
  });
});

test('every documented variable has its effect', async () => {
  const config = await load(null, {
    FEISHU_APP_ID: APP_ID,
    FEISHU_APP_SECRET_FILE: 'secret',
    FEISHU_DOMAIN: 'lark',
    FEISHU_APP: 'support-bot',
    FEISHU_HANDLER: './handler.mjs',
    FEISHU_PROXY: 'http://user:pass@proxy.example:3128',
    FEISHU_CA_FILE: 'ca.pem',
    FEISHU_LISTEN: '[::1]:0',
    FEISHU_LOG_LEVEL: 'debug',
    FEISHU_DRAIN_MS: '500',
    FEISHU_OPENMETRICS: 'true',
    FEISHU_CONNECTIONS: '2',
    FEISHU_CATCHUP: 'false',
    FEISHU_EXIT_AFTER_OUTAGE_MS: '21600000',
  });
  expect(config).toMatchObject({
    listen: { host: '::1', port: 0 },
    logLevel: 'debug',
    drainMs: 500,
    openMetrics: true,
    exitAfterOutageMs: 21_600_000,
    apps: [
      {
        app: 'support-bot',
        domain: 'lark',
        appSecretFile: join(directory, 'secret'),
        handler: join(directory, 'handler.mjs'),
        proxy: 'http://user:pass@proxy.example:3128',
        caFile: join(directory, 'ca.pem'),
        connections: 2,
        catchup: false,
      },
    ],
  });
  expect(config.apps[0]).not.toHaveProperty('appSecret');
});

test('FEISHU_CATCHUP replaces what the file says of catch-up', async () => {
  const file = `${GOOD}catchup:\n  view: false\n`;
  expect((await load(file)).apps[0]?.catchup).toEqual({ view: false });
  expect((await load(file, { FEISHU_CATCHUP: 'false' })).apps[0]?.catchup).toBe(false);
  expect((await load(file, { FEISHU_CATCHUP: 'true' })).apps[0]?.catchup).toBe(true);
});

test('FEISHU_CONFIG names the file', async () => {
  await writeFile(join(directory, 'named.yaml'), `appId: ${APP_ID}\nappSecretFile: ./secret\n`);
  const config = await loadConfig({ env: { FEISHU_CONFIG: 'named.yaml' }, cwd: directory });
  expect(config.apps[0]?.appId).toBe(APP_ID);
});

test('a file lists many apps, in YAML as in JSON, with the names of the library', async () => {
  const apps = [
    { appId: APP_ID, appSecretFile: './secret', app: 'one', connection: { heartbeatMs: 30_000 } },
    { appId: OTHER_APP_ID, appSecret: APP_SECRET, delivery: { maxPending: 5 } },
  ];
  const config = await load(JSON.stringify({ listen: '0.0.0.0:9000', apps }));
  expect(config.listen).toEqual({ host: '0.0.0.0', port: 9000 });
  expect(config.apps.map(({ app }) => app)).toEqual(['one', OTHER_APP_ID]);
  expect(config.apps[0]?.connection).toEqual({ heartbeatMs: 30_000 });
  expect(config.apps[1]?.delivery).toEqual({ maxPending: 5 });
});

test('a backoff that is given in part keeps the rest of its default', async () => {
  const config = await load(`appId: ${APP_ID}\nappSecret: ${APP_SECRET}\nconnection:\n  backoff:\n    maxMs: 60000\n`);
  expect(config.apps[0]?.connection.backoff).toEqual({ initialMs: 1_000, maxMs: 60_000, factor: 2, jitter: 'full' });
});

test('the command line wins over the environment, the environment over the file', async () => {
  const file = `appId: ${APP_ID}\nappSecretFile: ./secret\ndomain: lark\nlisten: 127.0.0.1:1\nlogLevel: warn\n`;
  const env = { FEISHU_LISTEN: '127.0.0.1:2', FEISHU_APP_SECRET: APP_SECRET, FEISHU_LOG_LEVEL: 'error' };
  const config = await load(file, env, new Map([['listen', { value: '127.0.0.1:3', from: '--listen' }]]));
  expect(config).toMatchObject({
    listen: { port: 3 },
    logLevel: 'error',
    apps: [{ domain: 'lark', appSecret: APP_SECRET }],
  });
  expect(config.apps[0]).not.toHaveProperty('appSecretFile');
});

test("where the runbooks are is an option of the file and a variable; left out, it is nobody's", async () => {
  const config = await load(`${GOOD}runbookUrl: https://wiki.example/a\n`, {
    FEISHU_RUNBOOK_URL: 'https://wiki.example/b',
  });
  expect(config.runbookUrl).toBe('https://wiki.example/b');
  expect(await load(GOOD)).not.toHaveProperty('runbookUrl');
});

test('metrics and tracing are options of the file; their variables win', async () => {
  const file = `${GOOD}metrics:\n  openMetrics: true\ntracing:\n  endpoint: http://collector:4318\n  sampleRatio: 0.5\n`;
  expect(await load(file)).toMatchObject({
    openMetrics: true,
    tracing: { url: 'http://collector:4318/v1/traces', sampler: 'parentbased_traceidratio', sampleRatio: 0.5 },
  });
  const env = { FEISHU_OPENMETRICS: 'false', OTEL_TRACES_EXPORTER: 'none' };
  expect(await load(file, env)).toMatchObject({ openMetrics: false, tracing: null });
});

test('standbys and the end of a process that cannot connect are options of the file', async () => {
  const config = await load(`${GOOD}connections: 2\nexitAfterOutageMs: 21600000\n`);
  expect(config).toMatchObject({ exitAfterOutageMs: 21_600_000, apps: [{ connections: 2 }] });
  const plain = await load(GOOD);
  expect(plain).not.toHaveProperty('exitAfterOutageMs');
  expect(plain.apps[0]).not.toHaveProperty('connections');
});

test('an OpenTelemetry variable that cannot be used is a warning', async () => {
  const { tracing, warnings } = await load(null, { ...CREDENTIALS, OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' });
  expect(tracing).toBeNull();
  expect(warnings).toEqual(['OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL: no spans are exported']);
});

test('a switch that is neither on nor off names its variable', async () => {
  const { message } = await errorOf(load(null, { ...CREDENTIALS, FEISHU_OPENMETRICS: 'yes' }));
  expect(message).toMatch(/^FEISHU_OPENMETRICS \(metrics\.openMetrics\): expected true or false, got "yes"\./);
});

test('a misspelt variable is warned of, and a foreign one is not', async () => {
  const { warnings } = await load(null, { ...CREDENTIALS, FEISHU_LOGLEVEL: 'debug', FEISHU_SOMETHING_OF_OTHERS: '1' });
  expect(warnings).toEqual(['FEISHU_LOGLEVEL is set but unknown; did you mean FEISHU_LOG_LEVEL?']);
});

test('every variable is documented by a sentence', () => {
  for (const { help } of Object.values(ENVIRONMENT)) expect(help).toMatch(/^.+\.$/);
});

const GOOD = `appId: ${APP_ID}\nappSecret: "${APP_SECRET}"\n`;

/** Files that are wrong, and the line that says so: where, key, expectation, finding, advice. */
const BAD_FILES: readonly (readonly [string, string, RegExp])[] = [
  [
    'tracing without an endpoint',
    `${GOOD}tracing: {}\n`,
    /^config\.yaml:3 \(tracing\.endpoint\): expected the base URL of an OTLP\/HTTP collector, got nothing\./,
  ],
  [
    'an endpoint that is no URL',
    `${GOOD}tracing:\n  endpoint: collector:4318\n`,
    /^config\.yaml:4 \(tracing\.endpoint\): expected the base URL/,
  ],
  [
    'a misspelt option of tracing',
    `${GOOD}tracing:\n  endpoint: http://c\n  sample_ratio: 1\n`,
    /^config\.yaml:5 \(tracing\.sample_ratio\): expected a known option.*Did you mean sampleRatio\?/,
  ],
  [
    'a share above one',
    `${GOOD}tracing:\n  endpoint: http://c\n  sampleRatio: 10\n`,
    /^config\.yaml:5 \(tracing\.sampleRatio\): expected a number from 0 to 1, got 10\./,
  ],
  ['no app', 'listen: 127.0.0.1:1\n', /^config\.yaml: expected an app to connect, got none\. Set FEISHU_APP_ID/],
  ['an empty file', '', /^config\.yaml: expected an app to connect, got none/],
  [
    'an empty list of apps',
    'apps: []\n',
    /^config\.yaml:1 \(apps\): expected a list of 1 to 1000 apps, got a list of 0\./,
  ],
  ['a list at the top', '- a\n', /^config\.yaml: expected a mapping of options, got a list\./],
  [
    'a wrong app id',
    'appId: cli_123\nappSecret: x\n',
    /^config\.yaml:1 \(appId\): expected an app id, cli_ and 16 hexadecimal digits, got "cli_123"\. Copy it from/,
  ],
  [
    'no app id',
    'domain: lark\nappSecret: x\n',
    /^config\.yaml \(appId\): expected an app id, .*got nothing\. Set FEISHU_APP_ID/,
  ],
  [
    'no secret',
    `\nappId: ${APP_ID}\n`,
    /^config\.yaml \(appSecret\): expected the app secret as text, got nothing\. Set FEISHU_APP_SECRET/,
  ],
  [
    'no secret in a list',
    `apps:\n  - appId: ${APP_ID}\n`,
    /^config\.yaml:2 \(apps\[0\]\.appSecret\): expected the app secret as text, got nothing\. Add appSecret to this app/,
  ],
  [
    'a number as secret',
    `appId: ${APP_ID}\nappSecret: 12345678\n`,
    /^config\.yaml:2 \(appSecret\): expected the app secret as text, got a number\. Write it in double quotes/,
  ],
  [
    'both sources of the secret',
    `${GOOD}appSecretFile: ./secret\n`,
    /^config\.yaml:2 \(appSecret\): expected one source of the secret, got this and appSecretFile at config\.yaml:3\. Remove one/,
  ],
  [
    'a secret file that is missing',
    `appId: ${APP_ID}\nappSecretFile: ./nowhere\n`,
    /^config\.yaml:2 \(appSecretFile\): expected a secret that can be read, got this: the secret file .*nowhere/,
  ],
  [
    'a secret file that is empty',
    `appId: ${APP_ID}\nappSecretFile: ./empty\n`,
    /^config\.yaml:2 \(appSecretFile\): expected a secret that can be read, got this: the secret file .*empty/,
  ],
  [
    'the secret where its file belongs',
    `appId: ${APP_ID}\nappSecretFile: ${APP_SECRET}\n`,
    /^config\.yaml:2 \(appSecretFile\): expected the path of a file, got what looks like the secret itself\./,
  ],
  [
    'the secret where the id belongs',
    `appId: ${APP_SECRET}\nappSecret: x\n`,
    /^config\.yaml:1 \(appId\): .*got text of 32 characters \(a secret\?\)/,
  ],
  [
    'a proxy of another kind, without its password',
    `${GOOD}proxy: socks5://user:hush@proxy.example:1080\n`,
    /^config\.yaml:3 \(proxy\): expected environment, none or the http: or https: URL of a proxy, got text of \d+ characters\./,
  ],
  [
    'a CA file that is missing',
    `${GOOD}caFile: ./nowhere.pem\n`,
    /^config\.yaml:3 \(caFile\): expected a file of PEM certificates, got this: the CA file .*nowhere\.pem can't be used: ENOENT\./,
  ],
  [
    'a CA file without certificates',
    `${GOOD}caFile: ./secret\n`,
    /^config\.yaml:3 \(caFile\): .*it must hold PEM certificates/,
  ],
  [
    'an unknown option',
    `${GOOD}dommain: lark\n`,
    /^config\.yaml:3 \(dommain\): expected a known option, got the unknown "dommain"\. Did you mean domain\?/,
  ],
  [
    'an unknown option of an app',
    `apps:\n  - appId: ${APP_ID}\n    app_secret: "${APP_SECRET}"\n`,
    /^config\.yaml:3 \(apps\[0\]\.app_secret\): .* Did you mean appSecret\?/,
  ],
  [
    'a prototype instead of options',
    `__proto__:\n  listen: 0.0.0.0:80\n${GOOD}`,
    /^config\.yaml:1 \(__proto__\): expected a known option, got the unknown "__proto__"\./,
  ],
  [
    'an unknown option like no other',
    `${GOOD}colour: red\n`,
    /^config\.yaml:3 \(colour\): .*Known here are listen, logLevel/,
  ],
  [
    'an unknown limit',
    `${GOOD}connection:\n  heartbeat: 5\n`,
    /^config\.yaml:4 \(connection\.heartbeat\): .*Did you mean heartbeatMs\?/,
  ],
  [
    'an unknown part of a backoff',
    `${GOOD}connection:\n  backoff:\n    max: 5\n`,
    /^config\.yaml:5 \(connection\.backoff\.max\): .*Did you mean maxMs\?/,
  ],
  [
    'text for a number',
    `${GOOD}connection:\n  heartbeatMs: 20s\n`,
    /^config\.yaml:4 \(connection\.heartbeatMs\): expected a number, got "20s"\. Write heartbeatMs: 20000\.$/,
  ],
  [
    'a limit out of bounds',
    `${GOOD}connection:\n  heartbeatMs: 0\n`,
    /^config\.yaml:4 \(connection\.heartbeatMs\): expected between 1 and 86400000 \(milliseconds\), got 0\./,
  ],
  [
    'a backoff out of bounds',
    `${GOOD}connection:\n  backoff:\n    factor: 0.5\n`,
    /^config\.yaml:5 \(connection\.backoff\.factor\): expected from 1 to 100, got 0\.5\./,
  ],
  [
    'a token limit out of bounds',
    `${GOOD}token:\n  waitingLimit: 0\n`,
    /^config\.yaml:4 \(token\.waitingLimit\): expected from 1 to 1000000, got 0\./,
  ],
  [
    'a delivery limit out of bounds',
    `${GOOD}delivery:\n  callbackDeadlineMs: 9000\n`,
    /^config\.yaml:4 \(delivery\.callbackDeadlineMs\): expected a whole number from 1 to 3000, got 9000\./,
  ],
  [
    'a policy that is no mapping',
    `${GOOD}connection: fast\n`,
    /^config\.yaml:3 \(connection\): expected a mapping of options, got "fast"\./,
  ],
  [
    'an unknown domain',
    `${GOOD}domain: feisho\n`,
    /^config\.yaml:3 \(domain\): expected feishu, lark or a base URL .*got "feisho"\./,
  ],
  [
    'a listen address without a port',
    `${GOOD}listen: localhost\n`,
    /^config\.yaml:3 \(listen\): expected host:port, got "localhost"\. Write listen: 127\.0\.0\.1:9464/,
  ],
  ['a port beyond all ports', `${GOOD}listen: 127.0.0.1:70000\n`, /^config\.yaml:3 \(listen\): expected host:port/],
  [
    'an unknown log level',
    `${GOOD}logLevel: loud\n`,
    /^config\.yaml:3 \(logLevel\): expected one of trace, debug, .* got "loud"\./,
  ],
  [
    'more connections than are sensible',
    `${GOOD}connections: 50\n`,
    /^config\.yaml:3 \(connections\): expected a whole number from 1 to 10, got 50\. Write connections: 2 for a standby/,
  ],
  [
    'seconds where milliseconds are meant',
    `${GOOD}exitAfterOutageMs: 3600\n`,
    /^config\.yaml:3 \(exitAfterOutageMs\): expected whole milliseconds from 60000 to 604800000, got 3600\./,
  ],
  [
    'a runbook address that is no page',
    `${GOOD}runbookUrl: javascript:alert(1)\n`,
    /^config\.yaml:3 \(runbookUrl\): expected an http: or https: URL without a slash at the end, got "?javascript:/,
  ],
  [
    'a runbook address with a slash at the end',
    `${GOOD}runbookUrl: https://wiki.example/\n`,
    /^config\.yaml:3 \(runbookUrl\): expected an http: or https: URL without a slash at the end/,
  ],
  [
    'a handler that does not exist',
    `${GOOD}handler: ./no.mjs\n`,
    /^config\.yaml:3 \(handler\): expected stdout or the path of an ES module, got ".\/no\.mjs", which does not exist\. Looked for \//,
  ],
  [
    'the same app twice',
    `apps:\n  - &one\n    appId: ${APP_ID}\n    appSecret: x\n  - appId: ${APP_ID}\n    appSecret: y\n`,
    /^config\.yaml:5 \(apps\[1\]\.appId\): expected each app once, got "cli_a1b2c3d4e5f60718" again, first at config\.yaml:3\. Remove one/,
  ],
  [
    'the same name twice',
    `apps:\n  - appId: ${APP_ID}\n    appSecret: x\n    app: bot\n  - appId: ${OTHER_APP_ID}\n    appSecret: y\n    app: bot\n`,
    /^config\.yaml:7 \(apps\[1\]\.app\): expected a name that no other app has, got "bot" again, first at config\.yaml:4\./,
  ],
  [
    'a list and a single app',
    `${GOOD}apps:\n  - appId: ${OTHER_APP_ID}\n`,
    /^config\.yaml:1 \(appId\): expected either apps: or the options of a single app, got both\. Move appId/,
  ],
  [
    'a key twice',
    `${GOOD}appId: ${APP_ID}\n`,
    /^config\.yaml:3 \(appId\): expected each key once, got it again, first in line 1\. Remove one of the two\.$/,
  ],
  [
    'a quote that never ends',
    `appId: "${APP_ID}\n`,
    /^config\.yaml:\d: expected valid YAML, got a quote, bracket or comma that is missing/,
  ],
  ['a tab', `connection:\n\theartbeatMs: 1\n`, /^config\.yaml:2: expected valid YAML, got /],
  [
    'an alias to nothing',
    `appId: ${APP_ID}\nappSecret: *${APP_SECRET}\n`,
    /^config\.yaml.*: expected (plain values|valid YAML), got /,
  ],
];

test.each(BAD_FILES)('a configuration with %s says where, what and how to mend it', async (_what, text, line) => {
  const error = await errorOf(load(text));
  expect(error.message).toMatch(line);
  expect(error.message).not.toContain(APP_SECRET);
});

test('all problems of a file are told at once', async () => {
  const error = await errorOf(load(`appId: nonsense\nappSecret: x\nlisten: here\ndommain: lark\n`));
  expect(error.problems.map(({ path }) => path).sort()).toEqual(['appId', 'dommain', 'listen']);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['nothing at all', {}, /^environment: expected an app to connect, got none\./],
  [
    'an id alone',
    { FEISHU_APP_ID: APP_ID },
    /^environment \(appSecret\): expected .*got nothing\. Set FEISHU_APP_SECRET/,
  ],
  ['an empty secret', { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: '' }, /got an empty FEISHU_APP_SECRET\./],
  [
    'both sources of the secret',
    { ...CREDENTIALS, FEISHU_APP_SECRET_FILE: 'secret' },
    /^FEISHU_APP_SECRET \(appSecret\): expected one source/,
  ],
  ['a wrong domain', { ...CREDENTIALS, FEISHU_DOMAIN: 'fei' }, /^FEISHU_DOMAIN \(domain\): expected feishu, lark/],
  [
    'a password in the domain',
    { ...CREDENTIALS, FEISHU_DOMAIN: `http://me:${APP_SECRET}@host` },
    /^FEISHU_DOMAIN \(domain\): /,
  ],
  [
    'a drain that is no number',
    { ...CREDENTIALS, FEISHU_DRAIN_MS: '10s' },
    /^FEISHU_DRAIN_MS \(drainMs\): expected whole milliseconds .*got "10s"/,
  ],
  [
    'too many connections',
    { ...CREDENTIALS, FEISHU_CONNECTIONS: '11' },
    /^FEISHU_CONNECTIONS \(connections\): expected a whole number from 1 to 10, got 11\./,
  ],
  [
    'a catch-up that is neither on nor off',
    { ...CREDENTIALS, FEISHU_CATCHUP: 'no' },
    /^FEISHU_CATCHUP \(catchup\): expected a mapping of options, true or false, got "no"\./,
  ],
  [
    'an end that comes too soon',
    { ...CREDENTIALS, FEISHU_EXIT_AFTER_OUTAGE_MS: '500' },
    /^FEISHU_EXIT_AFTER_OUTAGE_MS \(exitAfterOutageMs\): expected whole milliseconds from 60000 .*got 500\./,
  ],
  [
    'a config file that is missing',
    { FEISHU_CONFIG: 'none.yaml' },
    /^FEISHU_CONFIG \(none\.yaml\): expected a readable file, got no such file\. Looked for \//,
  ],
])('an environment with %s names the variable', async (_what, env, line) => {
  const error = await errorOf(load(null, env));
  expect(error.message).toMatch(line);
  expect(error.message).not.toContain(APP_SECRET);
});

test('credentials in the environment and a list of apps in the file contradict each other', async () => {
  const error = await errorOf(load(`apps:\n  - appId: ${OTHER_APP_ID}\n    appSecret: x\n`, CREDENTIALS));
  expect(error.problems.map(({ where }) => where)).toEqual(['FEISHU_APP_ID', 'FEISHU_APP_SECRET']);
  expect(error.message).toContain('expected nothing here, as the configuration file lists its apps');
});

test('a file that may not be read, or is a directory, is an error that names it', async () => {
  await writeFile(join(directory, 'locked.yaml'), GOOD);
  await chmod(join(directory, 'locked.yaml'), 0);
  // Root reads everything; a directory nobody does.
  const isRoot = process.getuid?.() === 0;
  const file = isRoot ? '.' : 'locked.yaml';
  const error = await errorOf(loadConfig({ file, env: {}, cwd: directory }));
  expect(error.message).toMatch(
    /^--config \(.*\): expected a readable file, got (a file that may not be read|a directory)\./,
  );
});
