import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createNetwork, systemClock } from '../../src/adapters/index.js';
import { runCli } from '../../src/cli/cli.js';
import { diagnosisLines } from '../../src/cli/doctor/lines.js';
import { doctor } from '../../src/cli/doctor.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import { type CheckResult, fail, ok, skip, warn } from '../../src/doctor/check.js';
import { DIAGNOSIS_VERSION, type Diagnosis } from '../../src/doctor/index.js';
import { DEFAULT_APP, type Fault } from '../../src/simulator/index.js';
import { TestFace } from '../support/cli-face.js';
import { connectProxy } from '../support/connect-proxy.js';
import { serveHttp, serveTcp } from '../support/loopback.js';
import { realConnector, realPlatform } from '../support/real-world.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { withFiles } from '../support/temporary-folder.js';
import { AUTHORITY_FILE, serveHttps, tlsTerminator } from '../support/tls/servers.js';

const { appId, appSecret } = DEFAULT_APP;
/** A port where nobody listens: it was free a moment ago, and is taken by no one without privileges. */
const NOBODY = '127.0.0.1:1';

function envOf(domain: string, listen = NOBODY) {
  return { FEISHU_APP_ID: appId, FEISHU_APP_SECRET: appSecret, FEISHU_DOMAIN: domain, FEISHU_LISTEN: listen };
}

/** Runs the command to its end, and returns what it said. */
async function runDoctor(argv: readonly string[], given: ConstructorParameters<typeof TestFace>[1] = {}) {
  // Long enough for a machine that is busy with other tests.
  const patience = argv.includes('--timeout') || argv.includes('--help') ? [] : ['--timeout', '60'];
  const face = new TestFace(['doctor', ...argv, ...patience], given);
  const code = await runCli(face);
  expect([face.listenerCount, face.exits]).toEqual([0, []]);
  return { code, out: face.out, err: face.err, diagnosis: () => JSON.parse(face.out) as Diagnosis };
}

/** A daemon with the real connector, connected, and stopped with the test. @returns Its base URL. */
async function runningDaemon(env: Readonly<Record<string, string>>): Promise<string> {
  const face = new TestFace(['run', '--listen', '127.0.0.1:0'], { env, createConnector });
  const ended = runCli(face);
  onTestFinished(async () => {
    face.signal('SIGTERM');
    await ended;
  });
  await face.saw(/\[feishu\] connected"/);
  return /"url":"(http:[^"]+)"/.exec(face.err)?.[1] ?? '';
}

test('a daemon that is connected is healthy, told in aligned lines, without a second connection', async () => {
  const { url, count } = await realPlatform();
  const daemon = await runningDaemon(envOf(url));
  const { code, out, err } = await runDoctor(['--url', daemon]);
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect(out).toMatch(/^daemon\n {2}ok {4}daemon {6}feishu-connector [\d.]+ answers at http:\/\/127\.0\.0\.1:\d+ in /);
  expect(out).toMatch(/\n {2}ok {4}connected {3}the gateway was heard \d+ ms ago \(limit 45\.0 s\)/);
  expect(out).toMatch(/\n\nHealthy: cli_\w+ connected\.\n$/);
  expect(count('opened', appId)).toBe(1);
});

test('by its listen address the configuration alone is enough to find the daemon', async () => {
  const { url, count } = await realPlatform();
  const listen = new URL(await runningDaemon(envOf(url))).host;
  const { code, diagnosis } = await runDoctor(['--json'], { env: envOf(url, listen) });
  expect(code).toBe(EXIT.ok);
  expect(diagnosis()).toMatchObject({ daemon: { url: `http://${listen}` }, apps: [{ appId, source: 'daemon' }] });
  // The daemon names the gateway, which is looked at as far as can be without a WebSocket.
  expect(checkOf(diagnosis(), 'gateway')).toMatchObject({
    result: 'ok',
    evidence: expect.stringContaining(`${url.replace('http:', 'ws:')} is gone to directly`),
  });
  // A surface that listens everywhere listens on loopback too.
  const everywhere = listen.replace('127.0.0.1', '0.0.0.0');
  expect((await runDoctor(['--json'], { env: envOf(url, everywhere) })).code).toBe(EXIT.ok);
  expect(count('opened', appId)).toBe(1);
});

test('where nobody listens it goes the way itself, says so first, and says goodbye', async () => {
  const { url, simulator, count } = await realPlatform();
  const { code, out, err } = await runDoctor([], { env: envOf(url) });
  expect(code).toBe(EXIT.ok);
  expect(err).toMatch(/^Unless a step before it fails, a connection of its own is opened for cli_/);
  expect(out).toContain('nobody listens at http://127.0.0.1:1');
  for (const name of ['configuration', 'token', 'handshake', 'first pong', 'events left alone'])
    expect(out).toMatch(new RegExp(`\\n {2}ok {4}${name} `));
  expect(out).toMatch(/\n\nNo connector was found\. cli_\w+ can connect, with \d+ warnings?\.\n$/);
  expect([count('opened', appId), count('ack', appId), simulator.platform.connections().length]).toEqual([1, 0, 0]);
});

test('a configuration file is taken as run takes it, and one app of it can be asked for', async () => {
  const { url, count } = await realPlatform();
  const other = 'cli_00000000000000aa';
  const files = {
    'connector.yaml': `listen: ${NOBODY}
apps:
  - { app: sales, appId: ${appId}, appSecretFile: secret, domain: '${url}' }
  - { app: support, appId: ${other}, appSecretFile: secret, domain: '${url}' }
`,
    secret: `${appSecret}\n`,
  };
  await withFiles(files, async (cwd) => {
    const argv = ['--config', 'connector.yaml', '--json'];
    const { code, diagnosis } = await runDoctor([...argv, '--app', 'sales'], { cwd });
    expect([code, diagnosis().apps.map(({ app }) => app)]).toEqual([EXIT.ok, ['sales']]);
    expect(diagnosis().checks).toContainEqual(
      expect.objectContaining({
        name: 'configuration',
        evidence: expect.stringContaining(`secret from the file ${cwd}`),
      }),
    );
    // The other app's secret is another one.
    const both = await runDoctor(argv, { cwd });
    expect([both.code, both.diagnosis().verdict]).toEqual([EXIT.failure, 'FAILED: token, discovery of support.']);
    expect(count('opened', other)).toBe(0);
    const nobody = await runDoctor([...argv, '--app', 'sale'], { cwd });
    expect([nobody.code, nobody.out]).toEqual([EXIT.usage, '']);
    expect(JSON.parse(nobody.err).message).toBe('--app: there is no app sale; known are sales, support');
  });
});

test('a process that listens and never answers is a failure, and no connection is opened beside it', async () => {
  const { url, count } = await realPlatform();
  const silent = await serveTcp(() => {});
  onTestFinished(() => silent.close());
  const { code, diagnosis } = await runDoctor(['--json', '--timeout', '1'], {
    env: envOf(url, `127.0.0.1:${silent.port}`),
  });
  expect(code).toBe(EXIT.failure);
  expect(diagnosis().checks[0]).toMatchObject({
    name: 'daemon',
    result: 'fail',
    evidence: expect.stringContaining('does not answer (/status: no answer in 466 ms)'),
    advice: expect.stringContaining('restart it'),
  });
  expect(diagnosis().counts.fail).toBe(1);
  expect(count('discovery', appId)).toBe(0);
});

test.each<[string, string, string]>([
  ['another web server', '<h1>It works!</h1>', 'characters that are no JSON'],
  ['another JSON service', '{"status":"up"}', 'no status of feishu-connector'],
])('%s on the port is told as such', async (_what, body, detail) => {
  const server = await serveHttp((_request, response) => response.end(body));
  onTestFinished(() => server.close());
  const { code, diagnosis } = await runDoctor(['--json', '--url', server.url]);
  expect(code).toBe(EXIT.failure);
  expect(diagnosis().checks[0]).toMatchObject({
    name: 'daemon',
    result: 'fail',
    evidence: expect.stringContaining(detail),
  });
});

test('what it took the process to start is taken from the time', async () => {
  const silent = await serveTcp(() => {});
  onTestFinished(() => silent.close());
  const argv = ['doctor', '--json', '--url', `http://127.0.0.1:${silent.port}`, '--timeout', '2'];
  // A second is left of two; and it is the least, however late it is.
  for (const lateMs of [1_000, 60_000]) {
    const face = new TestFace(argv, { startedAt: systemClock.now() - lateMs });
    expect(await runCli(face)).toBe(EXIT.failure);
    expect(face.out).toContain('no answer in 466 ms');
  }
});

test('a server that speaks no HTTP is told as such', async () => {
  const server = await serveTcp((socket) => socket.end('220 mail ESMTP\r\n'));
  onTestFinished(() => server.close());
  const { code, diagnosis } = await runDoctor(['--json', '--url', server.url]);
  expect([code, diagnosis().checks[0]?.evidence]).toEqual([
    EXIT.failure,
    expect.stringMatching(/^what answers at http:\/\/127\.0\.0\.1:\d+ is no feishu-connector/),
  ]);
});

test('a daemon without the app says so, and the app is probed', async () => {
  const { url } = await realPlatform();
  const daemon = await runningDaemon(envOf(url));
  const env = { ...envOf(url), FEISHU_APP_ID: 'cli_00000000000000aa', FEISHU_APP_SECRET: 'other-secret-of-no-worth' };
  const { code, diagnosis } = await runDoctor(['--json', '--url', daemon], { env });
  expect(code).toBe(EXIT.failure);
  expect(diagnosis().verdict).toBe('FAILED: run here of cli_00000000000000aa.');
  expect(diagnosis().apps.map(({ source }) => source)).toEqual(['daemon', 'probe']);
  expect(diagnosis().checks).toContainEqual(expect.objectContaining({ name: 'first pong', result: 'ok' }));
});

test.each<[readonly string[], RegExp]>([
  [['--config', 'nonesuch.yaml'], /nonesuch\.yaml.*no such file/],
  [['--config', 'nonesuch.yaml', '--url', 'http://127.0.0.1:1'], /no such file/],
  [['--url', '127.0.0.1:9464'], /It must be a base URL such as/],
  [['--url', 'http://user:hunter22@127.0.0.1:9464'], /It must not hold a user or password.*FEISHU_HTTP_PASSWORD_FILE/],
  [['--url', 'http://hunter22@127.0.0.1:9464'], /'http:\/\/\[redacted\]@127\.0\.0\.1:9464' is invalid/],
  [['--prometheus', 'https://hunter22@prometheus'], /those go into --prometheus-user and --prometheus-password-file/],
  [['--prometheus-user', 'eve'], /--prometheus-user is for --prometheus, which is missing/],
  [['--prometheus-ca-file', 'ca.pem'], /--prometheus-ca-file is for --prometheus/],
  [['--prometheus', 'http://p', '--prometheus-user', 'eve'], /go together, and one is missing/],
  [['--prometheus', 'http://p', '--prometheus-password-file', 'x'], /go together, and one is missing/],
  [['--prometheus', 'http://p', '--prometheus-user', 'e:e', '--prometheus-password-file', 'x'], /without a colon/],
  [['--prometheus', 'http://p', '--prometheus-user', 'eve', '--prometheus-token-file', 'x'], /the one or the others/],
  [['--timeout', '0'], /from 1 to 300/],
  [['--timeout', 'soon'], /from 1 to 300/],
  [['--prometheus', 'prometheus:9090'], /It must be a base URL/],
  [['--url', `http://${NOBODY}`, '--job', 'bot'], /--job is for --prometheus/],
  [['--url', `http://${NOBODY}`, '--prometheus', `http://${NOBODY}`, '--job', '"'], /--job must be a name/],
  [['extra'], /too many arguments/],
])('doctor %s is a mistake of the command line or the configuration', async (argv, message) => {
  const { code, out, err } = await runDoctor(argv);
  expect([code, out]).toEqual([EXIT.usage, '']);
  expect(err).toMatch(message);
  expect(err).not.toContain('hunter22');
});

test('without a configuration the daemon is found where it listens by the environment', async () => {
  const { url } = await realPlatform();
  const daemon = await runningDaemon(envOf(url));
  const { code, diagnosis } = await runDoctor(['--json'], { env: { FEISHU_LISTEN: new URL(daemon).host } });
  expect([code, diagnosis().daemon?.url]).toEqual([EXIT.ok, daemon]);
  const nobody = await runDoctor([], { env: { FEISHU_LISTEN: NOBODY } });
  expect([nobody.code, nobody.out]).toEqual([EXIT.usage, '']);
  expect(nobody.err).toMatch(/expected an app to connect, got none.*\nNor does a daemon listen at http:.*--url\.\n$/);
});

test('a URL without a configuration is enough, and nobody there is a failure', async () => {
  const { code, diagnosis } = await runDoctor(['--json', '--url', `http://${NOBODY}/`]);
  expect([code, diagnosis().verdict]).toEqual([EXIT.failure, 'FAILED: daemon.']);
});

test('the help documents the object, the exit codes and the connection of its own', async () => {
  const { code, out } = await runDoctor(['--help']);
  expect(code).toBe(EXIT.ok);
  for (const key of ['schemaVersion', 'at', 'isHealthy', 'verdict', 'daemon', 'apps', 'counts', 'checks', 'notices'])
    expect(out).toMatch(new RegExp(`^ {2}${key} {2}`, 'm'));
  expect(out).toMatch(/0 {2}healthy, or[\s\S]*1 {2}deaf or failing[\s\S]*2 {2}wrong command line/);
  expect(out).toContain("joins the platform's rotation");
});

test('misspelt variables are warned of, to people', async () => {
  const env = { ...envOf('http://127.0.0.1:1'), FEISHU_HANDLR: 'x' };
  expect((await runDoctor([], { env })).err).toContain('did you mean FEISHU_HANDLER?');
});

const CHECKS: readonly CheckResult[] = [
  { app: null, name: 'daemon', ...ok('it answers') },
  { app: 'bot', name: 'connected', ...fail('deaf', 'Mend it.') },
  { app: 'bot', name: 'token', ...warn('old', 'Renew it.') },
  { app: 'bot', name: 'receiving', ...skip('not connected') },
  { app: 'bot', name: 'journal', ...ok('all there') },
  { app: 'bot', name: 'handshake', ...skip('not connected') },
  { app: 'bot', name: 'tunnel', ...skip('no proxy') },
  { app: null, name: 'rules', ...ok('loaded') },
];
const DIAGNOSIS: Diagnosis = {
  schemaVersion: DIAGNOSIS_VERSION,
  at: '',
  isHealthy: false,
  verdict: 'DEAF: bot.',
  daemon: null,
  apps: [],
  counts: { ok: 3, warn: 1, fail: 1, skip: 3 },
  checks: CHECKS,
  notices: [],
};

test('a line per check, its advice below it, what was skipped for one reason in one line, the verdict last', () => {
  expect(diagnosisLines(DIAGNOSIS, false)).toBe(`daemon
  ok    daemon     it answers

bot
  FAIL  connected  deaf
                   → Mend it.
  warn  token      old
                   → Renew it.
  ok    journal    all there
  skip  receiving, handshake: not connected
  skip  tunnel: no proxy

monitoring
  ok    rules      loaded

DEAF: bot.`);
});

test('runbooks that an advice names can be read by a command, each once, whatever apps are called', () => {
  const checks: CheckResult[] = [
    {
      app: 'bot',
      name: 'connected',
      ...fail('lost', 'See the runbook FeishuWsFlapping. Now: reconnect --app=FeishuBot'),
    },
    { app: 'bot', name: 'deliveries', ...warn('late', 'The runbooks FeishuQueueSaturated and FeishuHandlerStalled.') },
    { app: null, name: 'watchdog', ...fail('silent', 'Wait a minute. The runbook is FeishuWatchdog.') },
    { app: 'two', name: 'connected', ...fail('lost', 'See the runbook FeishuWsFlapping.') },
  ];
  expect(diagnosisLines({ ...DIAGNOSIS, checks }, false)).toMatch(
    /\n\nTo read what is named above:\n {2}feishu-connector runbook FeishuWsFlapping\n {2}feishu-connector runbook FeishuQueueSaturated\n {2}feishu-connector runbook FeishuHandlerStalled\n {2}feishu-connector runbook FeishuWatchdog\n\nDEAF: bot\.$/,
  );
});

test('in a terminal what is too long goes on below where it began, and what is to be copied stays whole', () => {
  const command = 'feishu-connector reconnect --url http://127.0.0.1:9464 --app=a-bot-with-a-long-name';
  const checks: CheckResult[] = [
    {
      app: 'bot',
      name: 'connected',
      ...fail('deaf since long ago, and nobody knows why, as nobody asked', `Wait. Now: ${command}`),
    },
    { app: 'bot', name: 'token', ...skip('the daemon holds the connection; no second one is opened beside it') },
  ];
  const verdict = 'DEAF: bot, and so are a good many others whose names do not fit in here.';
  const diagnosis = { ...DIAGNOSIS, checks, verdict };
  const expected = `bot
  FAIL  connected  deaf since long ago, and nobody knows
                   why, as nobody asked
                   → Wait. Now:
                     ${command}
  skip  token: the daemon holds the connection; no second
        one is opened beside it

DEAF: bot, and so are a good many others whose names do not
fit in here.`;
  expect(diagnosisLines(diagnosis, false, 60)).toBe(expected);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
  expect(diagnosisLines(diagnosis, true, 60).replace(/\u001b\[\d+m/g, '')).toBe(expected);
  for (const columns of [null, 59, 200])
    expect(diagnosisLines(diagnosis, false, columns)).toContain(
      'deaf since long ago, and nobody knows why, as nobody asked',
    );
  const wordy = [{ ...(checks[0] as CheckResult), name: 'a check with a name that leaves no room' }];
  expect(diagnosisLines({ ...diagnosis, checks: wordy }, false, 70)).toMatch(/\n {8}\S/);
});

test('what a terminal draws two columns wide is broken where the terminal would', () => {
  const checks: CheckResult[] = [{ app: 'bot', name: 'journal', ...ok(`${'客服机器人 '.repeat(6)}wait`) }];
  const lines = diagnosisLines({ ...DIAGNOSIS, checks }, false, 60).split('\n');
  expect(lines.filter((line) => /[客]/.test(line)).map((line) => line.match(/客服机器人/g)?.length)).toEqual([4, 2]);
});

test('a secret that would be broken at the end of a line is struck out before that', () => {
  const checks: CheckResult[] = [{ app: 'bot', name: 'token', ...fail('x'.repeat(40), `Bearer abcdefgh12345678`) }];
  for (const columns of [null, 60, 61, 62, 63, 64])
    expect(diagnosisLines({ ...DIAGNOSIS, checks }, false, columns)).not.toMatch(/abcdefgh|12345678/);
});

test('colours add nothing but colours', () => {
  const coloured = diagnosisLines(DIAGNOSIS, true);
  expect(coloured).toContain('\u001b[31mFAIL\u001b[0m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(diagnosisLines(DIAGNOSIS, false));
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: '1' }, false],
  [false, {}, false],
])(
  'on a TTY %s with %o colours are %s, and none are where the result goes into a file',
  async (isTty, more, isColoured) => {
    const argv = ['doctor', '--url', `http://${NOBODY}`];
    for (const isFile of [false, true]) {
      const face = new TestFace(argv, { isTty, env: more });
      if (isTty && !isFile) Object.assign(face.stdout, { isTTY: true });
      await runCli(face);
      expect(face.out.includes('\u001b[')).toBe(isColoured && !isFile);
    }
  },
);

const checkOf = ({ checks }: Diagnosis, name: string) => checks.find((check) => check.name === name);

test('F18: behind TLS its chain is told; an authority that nobody knows ends it there, with what to do', async () => {
  const { url } = await realPlatform();
  const { url: secure } = await tlsTerminator(url, 'trusted');
  const trusting = { ...envOf(secure), FEISHU_CA_FILE: AUTHORITY_FILE };
  const good = await runDoctor(['--json'], { env: trusting });
  expect([good.code, checkOf(good.diagnosis(), 'first pong')?.result]).toEqual([EXIT.ok, 'ok']);
  expect(checkOf(good.diagnosis(), 'TLS')).toMatchObject({
    result: 'ok',
    evidence: expect.stringMatching(
      /^TLSv1\.3 in .*; throwaway test server \(\d+ days left\) ← throwaway test authority .* is not a public one/,
    ),
  });
  const bad = await runDoctor(['--json'], { env: envOf(secure) });
  expect([bad.code, bad.diagnosis().verdict]).toEqual([EXIT.failure, `FAILED: TLS of ${appId}.`]);
  expect(checkOf(bad.diagnosis(), 'TLS')?.advice).toContain('caFile (FEISHU_CA_FILE)');
  for (const name of ['platform', 'token', 'discovery', 'online', 'handshake'])
    expect(checkOf(bad.diagnosis(), name)?.evidence).toBe('not reached: TLS failed');
});

test('F17: a proxy is gone by for the platform and its gateway, and its password is never told', async () => {
  const { url } = await realPlatform();
  const proxy = await connectProxy();
  const env = { ...envOf(url), FEISHU_PROXY: proxy.url.replace('http://', 'http://bot:hunter22@') };
  const good = await runDoctor([], { env });
  expect(good.code).toBe(EXIT.ok);
  expect(good.out).toContain(`is gone to by the proxy ${proxy.url}: by the option proxy`);
  expect(good.out).toMatch(/ok {4}tunnel .* opened a tunnel to /);
  expect(good.out).toContain(`by the proxy ${proxy.url} (by the option proxy)`);
  proxy.manner = { does: 'refuse', status: 407 };
  const bad = await runDoctor(['--json'], { env });
  expect([bad.code, bad.diagnosis().verdict]).toEqual([EXIT.failure, `FAILED: tunnel of ${appId}.`]);
  expect(good.out + good.err + bad.out + bad.err).not.toContain('hunter22');
});

test('F17: a gateway that cannot be reached where the platform can is told by the step that fails', async () => {
  const { url } = await realPlatform();
  const elsewhere = await serveHttp((request, response) => {
    const forward = async (): Promise<void> => {
      const { method = 'GET', url: path = '', headers } = request;
      const body = method === 'GET' ? null : await text(request);
      const answer = await fetch(url + path, { method, body, headers: { authorization: headers.authorization ?? '' } });
      response.end((await answer.text()).replace(/ws:\/\/[^/]+/, `ws://${NOBODY}`));
    };
    void forward();
  });
  onTestFinished(() => elsewhere.close());
  const { code, diagnosis } = await runDoctor(['--json'], { env: envOf(elsewhere.url) });
  expect([code, diagnosis().verdict]).toEqual([EXIT.failure, `FAILED: gateway of ${appId}.`]);
  expect(checkOf(diagnosis(), 'gateway')).toMatchObject({
    evidence: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:1, TCP: refused after /),
    advice: expect.stringContaining(`must let ${NOBODY} through`),
  });
  expect(checkOf(diagnosis(), 'handshake')?.evidence).toBe('not reached: gateway failed');
});

test('a Prometheus that is named is asked too, and what it lacks makes the exit code 1', async () => {
  const server = await serveHttp((request, response) => {
    const isVersion = request.url?.includes('buildinfo') === true;
    const data = isVersion ? { version: '2.42.0' } : { groups: [], activeAlertmanagers: [], result: [] };
    response.end(JSON.stringify({ status: 'success', data }));
  });
  onTestFinished(() => server.close());
  const { url } = await realPlatform();
  const daemon = await runningDaemon(envOf(url));
  const { code, out } = await runDoctor(['--url', daemon, '--prometheus', server.url]);
  expect(code).toBe(EXIT.failure);
  expect(out).toMatch(/\nmonitoring\n {2}ok {4}Prometheus .*2\.42\.0/);
  expect(out).toMatch(/FAIL {2}rules .*0 of \d+ rules are loaded; missing: /);
  expect(out).toMatch(/\n\nFAILED: targets, rules, Alertmanager, watchdog\.\n$/);
  const named = await runDoctor(['--url', daemon, '--prometheus', server.url, '--job', 'bot', '--json']);
  expect(checkOf(named.diagnosis(), 'targets')?.evidence).toContain('{job="bot"}');
});

/** A Prometheus behind TLS that answers to whoever says this, and without rules. */
async function guardedPrometheus(authorization: string): Promise<string> {
  const server = await serveHttps('trusted', (request, response) => {
    if (request.headers.authorization !== authorization) {
      response.writeHead(401).end(`not ${request.headers.authorization}`);
      return;
    }
    const data = { version: '2.42.0', groups: [], activeAlertmanagers: [], result: [] };
    response.end(JSON.stringify({ status: 'success', data }));
  });
  onTestFinished(() => server.close());
  return server.url;
}

test('a Prometheus that is guarded takes user and password, or a token, from files, behind an authority of its own', async () => {
  const basic = `Basic ${Buffer.from('eve:hunter22-of-eve').toString('base64')}`;
  const [byPassword, byToken] = [await guardedPrometheus(basic), await guardedPrometheus('Bearer t0ken-of-eve')];
  await withFiles(
    { password: 'hunter22-of-eve\n', token: 't0ken-of-eve\n', empty: '\n', odd: 't\u00f6ken' },
    async (cwd) => {
      const said: string[] = [];
      const look = async (prometheus: string, ...more: string[]) => {
        const argv = ['--json', '--url', `http://${NOBODY}`, '--prometheus', prometheus, ...more];
        const { out, err, diagnosis } = await runDoctor(argv, { cwd });
        said.push(out, err);
        return checkOf(diagnosis(), 'Prometheus');
      };
      const trust = ['--prometheus-ca-file', AUTHORITY_FILE];
      const eve = ['--prometheus-user', 'eve', '--prometheus-password-file', 'password'];
      expect((await look(byPassword, ...trust, ...eve))?.evidence).toMatch(/^Prometheus 2\.42\.0 answers at https:/);
      expect(await look(byToken, ...trust, '--prometheus-token-file', 'token')).toMatchObject({ result: 'ok' });
      expect((await look(byToken, ...trust))?.advice).toContain('It asks who you are');
      expect((await look(byToken, ...trust, ...eve))?.advice).toContain('It does not take these credentials');
      expect((await look(byPassword, ...eve))?.advice).toContain('--prometheus-ca-file');
      expect((await look(byPassword, '--prometheus-ca-file', 'nonesuch'))?.evidence).toContain('nonesuch');
      for (const file of ['empty', 'odd', 'nonesuch'])
        expect((await look(byToken, ...trust, '--prometheus-token-file', file))?.evidence, file).toContain(file);
      expect(said.join('')).not.toMatch(/hunter22|t0ken|t\u00f6ken|ZXZlOmh1bnRlcjIy/);
    },
  );
});

test('beside a daemon the API is asked three times, and not at all if that is said', async () => {
  const { url, traffic } = await realPlatform();
  const listen = new URL(await runningDaemon(envOf(url))).host;
  const calls = () => traffic('api', appId).length;
  const env = envOf(url, listen);
  const before = calls();
  const spared = await runDoctor(['--json', '--no-api'], { env });
  expect([spared.code, calls() - before]).toEqual([EXIT.ok, 0]);
  const asking = await runDoctor(['--json'], { env });
  expect([asking.code, checkOf(asking.diagnosis(), 'online')?.result]).toEqual([EXIT.ok, 'ok']);
  expect(calls() - before).toBeLessThanOrEqual(3);
  expect(checkOf(asking.diagnosis(), 'subscription')?.result).toBe('ok');
});

/** Everything a platform can say while a probe is under way, with the secret wherever it fits. */
const FAULTS: readonly Fault[] = [
  { fault: 'token_code', code: 10014, message: `app_secret ${appSecret} is invalid`, times: 1 },
  { fault: 'token_body', body: 'truncated', times: 1 },
  { fault: 'token_status', status: 502, times: 1 },
  { fault: 'discovery_code', code: 1000040345, message: `app_secret ${appSecret} is invalid`, times: 1 },
  { fault: 'discovery_body', body: 'truncated', times: 1 },
  { fault: 'discovery_config', config: 'text', times: 1 },
  { fault: 'handshake_refuse', message: `no app for app_secret=${appSecret}`, times: 1 },
  { fault: 'accept_then_close', reason: `app_secret=${appSecret}`.slice(0, 30), times: 1 },
  { fault: 'accept_then_close', how: 'reset', times: 1 },
  { fault: 'glue_to_101', times: 1 },
  { fault: 'refuse_tcp', via: 'http' },
];

test('beside a connector that has no surface and a journal that is open, no second connection is opened', async () => {
  const { url, count } = await realPlatform();
  await withFiles({}, async (cwd) => {
    const { connector, connect } = realConnector(url, { journal: { directory: join(cwd, 'journal', appId) } });
    await connect();
    const env = { ...envOf(url), FEISHU_JOURNAL_DIRECTORY: 'journal' };
    const { code, diagnosis, err } = await runDoctor(['--json'], { env, cwd });
    expect([code, err, diagnosis().verdict]).toEqual([EXIT.failure, '', `FAILED: run here of ${appId}.`]);
    expect(checkOf(diagnosis(), 'run here')?.evidence).toContain(`pid ${process.pid} on host`);
    expect([count('opened', appId), diagnosis().notices]).toEqual([1, []]);
    await connector.stop({ drainMs: 100 });
    // Nobody has it open any more: the way may be gone. That a connector ran here, and does not now, is no good news.
    const after = await runDoctor(['--json'], { env, cwd });
    expect([after.code, count('opened', appId)]).toEqual([EXIT.failure, 2]);
    expect(after.diagnosis().verdict).toBe('FAILED: daemon.');
    expect(after.diagnosis().checks[0]?.evidence).toContain(`the journal in ${join(cwd, 'journal', appId)} tells`);
  });
});

test('F43: whatever the platform says to a probe, nothing that doctor says holds a secret', async () => {
  const { url, simulator } = await realPlatform();
  const hunt = new SecretHunt();
  hunt.learn('app secret', appSecret);
  const said: Record<string, string> = {};
  for (const [index, fault] of FAULTS.entries()) {
    for (const json of [undefined, true] as const) {
      simulator.inject(fault);
      const face = new TestFace([], { env: envOf(url) });
      await doctor({ timeout: 60, ...(json && { json }) }, face, () => {
        const network = createNetwork();
        return { ...network, ...hunt.wiretap(network.http, network.dial) };
      });
      simulator.clear();
      expect(face.out, fault.fault).not.toBe('');
      said[`${index} ${fault.fault} ${json ? 'json' : 'text'}`] = face.out + face.err;
    }
  }
  const everything = Object.values(said).join('');
  for (const code of ['token_credentials_rejected', 'credentials_rejected', 'dial_refused', 'closed_by_peer'])
    expect(everything).toContain(code);
  expect(hunt.count('token')).toBeGreaterThan(0);
  expect(hunt.count('ticket')).toBeGreaterThan(FAULTS.length / 2);
  expect(hunt.count('access_key')).toBeGreaterThan(FAULTS.length / 2);
  expect(hunt.leaksIn(said)).toEqual([]);
});

test('what a stranger on the port says is struck clean of secrets too', async () => {
  const status = {
    version: '1 app_secret=hunter22',
    phase: 'running',
    uptimeMs: 0,
    apps: [{ app: 'bot', appId, error: 'Authorization: Bearer abcdefgh12345678' }],
  };
  const server = await serveHttp((_request, response) => response.end(JSON.stringify(status)));
  onTestFinished(() => server.close());
  for (const argv of [['--json'], []]) {
    const { out } = await runDoctor(['--url', server.url, ...argv]);
    expect(out).toContain('[redacted]');
    expect(out).not.toMatch(/hunter22|abcdefgh12345678/);
  }
});
