import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram, faultLine, runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import { APP_ID } from '../support/app-connector.js';
import { TestFace } from '../support/cli-face.js';
import { SecretHunt } from '../support/secret-hunt.js';
import { withFiles } from '../support/temporary-folder.js';

/** As the platform makes them. */
const SECRET = 'k9TzQ4wXv7LmB2nRp6YcH3sJd8FgA5eU';
const hunt = new SecretHunt();
hunt.learn('app secret', SECRET);

async function told(argv: readonly string[], around: Partial<Pick<TestFace, 'env' | 'cwd'>> = {}) {
  const face = new TestFace(argv, { ...around, createConnector });
  const code = await runCli(face);
  return { code, said: face.out + face.err };
}

const GOOD: Readonly<Record<string, unknown>> = { appId: APP_ID, appSecret: 'another-secret-of-no-worth' };

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['as the id', { ...GOOD, appId: SECRET }],
  ['as the file of it', { appId: APP_ID, appSecretFile: SECRET }],
  ['below a path', { appId: APP_ID, appSecretFile: `./${SECRET}` }],
  ['as the handler', { ...GOOD, handler: SECRET }],
  ['as the domain', { ...GOOD, domain: SECRET }],
  ['as the address to listen on', { ...GOOD, listen: SECRET }],
  ['as the log level', { ...GOOD, logLevel: SECRET }],
  ['as the proxy', { ...GOOD, proxy: SECRET }],
  ['as a certificate', { ...GOOD, caFile: SECRET }],
  ['as a number', { ...GOOD, drainMs: SECRET }],
  ['as a key', { ...GOOD, [SECRET]: true }],
  ['as a list', { ...GOOD, appSecret: [SECRET] }],
  ['as the url of a webhook', { ...GOOD, sink: { webhook: { url: SECRET } } }],
  [
    'as the file of a webhook’s secret',
    { ...GOOD, sink: { webhook: { url: 'http://127.0.0.1:1/', secretFile: SECRET } } },
  ],
  ['as a broker', { ...GOOD, sink: { jetstream: { servers: `ftp://me:${SECRET}@127.0.0.1` } } }],
  ['beside a mistake', { appId: APP_ID, appSecret: SECRET, journal: { directory: './j', maxBytes: 1 } }],
  ['twice', { appId: APP_ID, appSecret: SECRET, appSecretFile: './x' }],
])('F43: a secret %s in the configuration is refused without being repeated', async (_where, config) => {
  for (const isJson of [false, true]) {
    await withFiles({ 'feishu.json': JSON.stringify(config, null, 2) }, async (cwd) => {
      const argv = ['run', '--config', 'feishu.json', ...(isJson ? ['--json'] : [])];
      const { code, said } = await told(argv, { cwd });
      expect(code, said).toBe(EXIT.usage);
      expect(said).toContain('feishu.json');
      expect(hunt.leaksIn({ said })).toEqual([]);
    });
  }
});

test.each([
  ['not YAML', `appId: ${APP_ID}\nappSecret: "${SECRET}\n`],
  ['YAML that breaks behind it', `appId: ${APP_ID}\nappSecret: ${SECRET}\n  handler: x: y\n`],
  ['the secret alone', SECRET],
  ['a list of it', `- ${SECRET}\n`],
])('F43: a configuration that is %s is not quoted', async (_what, text) => {
  await withFiles({ 'feishu.yaml': text }, async (cwd) => {
    const { code, said } = await told(['run', '--config', 'feishu.yaml'], { cwd });
    expect(code, said).toBe(EXIT.usage);
    expect(hunt.leaksIn({ said })).toEqual([]);
  });
});

test.each([
  ['empty', ''],
  ['several lines', `${SECRET}\n${SECRET}\n`],
  ['far too long', SECRET.repeat(3_000)],
])('F43: a file of the secret that holds %s is refused without being quoted', async (_what, text) => {
  await withFiles({ secret: text }, async (cwd) => {
    const env = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET_FILE: './secret' };
    const { code, said } = await told(['run'], { cwd, env });
    expect(code, said).toBe(EXIT.usage);
    expect(hunt.leaksIn({ said })).toEqual([]);
  });
});

test.each([
  [['run', `--app-secret=${SECRET}`]],
  [['run', '--app-secret', SECRET]],
  [[`--appSecret=${SECRET}`]],
  [['run', '--listen', `http://me:${SECRET}@127.0.0.1`]],
  [['status', '--url', `http://me:${SECRET}@127.0.0.1:1`]],
  [['doctor', '--url', `http://127.0.0.1:1/?access_token=${SECRET}`]],
])('F43: a command line that is refused does not repeat the secret on it: %j', async (argv) => {
  const env = { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET: 'another-secret-of-no-worth' };
  const { code, said } = await told(argv, { env });
  expect(code, said).toBe(EXIT.usage);
  expect(hunt.leaksIn({ said })).toEqual([]);
});

test('F43: a handler module that throws the secret while it is loaded is refused without it', async () => {
  const files = {
    'handler.mjs': `throw new Error('cannot sign with ${SECRET}');`,
    'feishu.json': JSON.stringify({
      appId: APP_ID,
      appSecret: SECRET,
      handler: './handler.mjs',
      listen: '127.0.0.1:0',
    }),
  };
  await withFiles(files, async (cwd) => {
    for (const argv of [['run'], ['run', '--json']]) {
      const { code, said } = await told([...argv, '--config', 'feishu.json'], { cwd });
      expect(code, said).toBe(EXIT.usage);
      expect(said).toContain('cannot sign with [redacted]');
      expect(hunt.leaksIn({ said })).toEqual([]);
    }
  });
});

test('F43: what nobody caught is told without the secret that it holds', async () => {
  await withFiles({}, async (cwd) => {
    await writeFile(join(cwd, 'secret'), SECRET);
    // Whoever reads the configuration knows the secret from then on.
    await told(['doctor', '--url', 'http://127.0.0.1:1', '--timeout', '1'], {
      env: { FEISHU_APP_ID: APP_ID, FEISHU_APP_SECRET_FILE: join(cwd, 'secret') },
    });
  });
  const errors = [
    new Error(`cannot sign with ${SECRET}`, { cause: new Error(SECRET) }),
    Object.assign(new Error('Request failed'), {
      config: { data: { app_secret: SECRET } },
      stack: `at sign("${SECRET}")`,
    }),
    SECRET,
    new AggregateError([new Error(SECRET)], `all of ${SECRET}`),
  ];
  for (const error of errors) {
    for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
      const line = faultLine({ kind, error });
      expect(JSON.parse(line)).toMatchObject({ level: 'fatal', event: kind });
      expect(hunt.leaksIn({ line })).toEqual([]);
    }
  }
});

test('F43: no option takes a secret: a command line is there for everybody on the machine to read', () => {
  const names = (command: ReturnType<typeof createProgram>): string[] => [
    ...command.options.map(({ long }) => `${command.name()} ${long}`),
    ...(command.commands as ReturnType<typeof createProgram>[]).flatMap(names),
  ];
  const all = names(createProgram(new TestFace([]), () => {}));
  expect(all.length).toBeGreaterThan(30);
  // A file with it may be named: what is in there is nobody's to read.
  expect(all.filter((name) => /secret|token|password|key/i.test(name) && !name.endsWith('-file'))).toEqual([]);
});
