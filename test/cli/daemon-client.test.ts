import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { openDaemonClient, type SocketSurroundings } from '../../src/cli/daemon-client.js';
import { UnknownDaemonError } from '../../src/cli/unknown-daemon.js';
import { ConfigError, holderOf } from '../../src/daemon/index.js';
import { serveHttp } from '../support/loopback.js';
import { withFiles } from '../support/temporary-folder.js';

const APP = { FEISHU_APP_ID: 'cli_a1b2c3d4e5f60718', FEISHU_APP_SECRET: 'Zx9Kq2Lm7Pw4Rt8Vb3Nc6Hd1Jf5Gs0Ay' };
const ME = 1_000;
const MALLORY = 666;

/** Somebody who listens on a socket and says his name. */
async function listener(path: string, name: string): Promise<void> {
  const server = createServer((_request, response) => void response.end(name));
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

async function clientOf(env: Record<string, string>, surroundings: Partial<SocketSurroundings> = {}) {
  const face = { env, cwd: '/', clock: systemClock };
  const mine = { unitsDirectory: '/nowhere', user: ME, ownerOf: async () => ME, holderOf, ...surroundings };
  const client = await openDaemonClient({}, face, mine);
  onTestFinished(() => client.close());
  return client;
}

async function answerOf({ http, url }: Awaited<ReturnType<typeof clientOf>>): Promise<string> {
  const request = { method: 'GET', url: `${url}/livez`, route: '/livez', timeoutMs: 5_000, maxBytes: 100 } as const;
  return (await http(request)).body;
}

test('the socket of the shipped unit is found without any configuration', async () => {
  await withFiles({}, async (unitsDirectory) => {
    const path = join(unitsDirectory, 'control-9464.sock');
    await listener(path, 'the unit');
    const client = await clientOf({}, { unitsDirectory });
    expect([client.url, client.hasControl, client.config]).toEqual([`unix:${path}`, true, null]);
    expect(await answerOf(client)).toBe('the unit');
  });
});

test('what the configuration leads to goes before it, and another port leads to neither', async () => {
  await withFiles({}, async (folder) => {
    const unitsDirectory = join(folder, 'unit');
    const journal = join(folder, 'journal');
    await mkdir(unitsDirectory);
    await mkdir(journal);
    await listener(join(unitsDirectory, 'control-9464.sock'), 'the unit');
    await listener(join(journal, 'control-9464.sock'), 'the journal’s');
    const env = { ...APP, FEISHU_JOURNAL_DIRECTORY: journal };
    expect(await answerOf(await clientOf(env, { unitsDirectory }))).toBe('the journal’s');
    const other = await clientOf({ ...env, FEISHU_LISTEN: '127.0.0.1:9465' }, { unitsDirectory });
    expect([other.url, other.hasControl]).toEqual(['http://127.0.0.1:9465', false]);
  });
});

test('none is none, even where one listens', async () => {
  await withFiles({}, async (unitsDirectory) => {
    await listener(join(unitsDirectory, 'control-9464.sock'), 'the unit');
    const client = await clientOf({ ...APP, FEISHU_CONTROL_SOCKET: 'none' }, { unitsDirectory });
    expect([client.url, client.hint]).toEqual(['http://127.0.0.1:9464', null]);
  });
});

test.each<[string, number | undefined, number, boolean]>([
  ['my own', ME, ME, true],
  ["root's", ME, 0, true],
  ["another user's", ME, MALLORY, false],
  ["another user's, asked by root", 0, MALLORY, true],
  ["anybody's, where users have no numbers", undefined, MALLORY, true],
])('a socket that is %s is trusted or not', async (_whose, user, owner, isTrusted) => {
  await withFiles({}, async (unitsDirectory) => {
    const path = join(unitsDirectory, 'control-9464.sock');
    await listener(path, 'somebody');
    const asked: string[] = [];
    const ownerOf = async (of: string) => {
      asked.push(of);
      return owner;
    };
    const client = await clientOf(APP, { unitsDirectory, user, ownerOf });
    expect(client.url).toBe(isTrusted ? `unix:${path}` : 'http://127.0.0.1:9464');
    expect(client.hint).toBe(
      isTrusted ? null : `The socket ${path} is another user's, who may be anybody: it is not used.`,
    );
    expect(asked).toEqual(user === ME ? [path] : []);
  });
});

test('one that may be anybody’s is passed over for the next place', async () => {
  await withFiles({}, async (folder) => {
    const journal = join(folder, 'journal');
    const unitsDirectory = join(folder, 'unit');
    await mkdir(journal);
    await mkdir(unitsDirectory);
    await listener(join(journal, 'control-9464.sock'), 'Mallory');
    await listener(join(unitsDirectory, 'control-9464.sock'), 'the unit');
    const ownerOf = async (path: string) => (path.startsWith(journal) ? MALLORY : 0);
    const client = await clientOf({ ...APP, FEISHU_JOURNAL_DIRECTORY: journal }, { unitsDirectory, ownerOf });
    expect(await answerOf(client)).toBe('the unit');
  });
});

test('without a configuration, and with a socket that is not trusted, there is nobody to ask', async () => {
  await withFiles({}, async (unitsDirectory) => {
    await listener(join(unitsDirectory, 'control-1.sock'), 'Mallory');
    const env = { FEISHU_LISTEN: '127.0.0.1:1' };
    await expect(clientOf(env, { unitsDirectory, ownerOf: async () => MALLORY })).rejects.toThrow(ConfigError);
  });
});

test('without a configuration a daemon is found where the environment has one listen, and nobody else is taken for one', async () => {
  const busy = '{"error":"not yet","hint":"Ask again."}';
  const { url, close } = await serveHttp((_request, response) => void response.writeHead(503).end(busy));
  onTestFinished(close);
  const found = await clientOf({ FEISHU_LISTEN: new URL(url).host });
  expect([found.url, found.config, found.isNamed, found.hasControl]).toEqual([url, null, false, false]);
  const stranger = await serveHttp((_request, response) => void response.end('<html>'));
  onTestFinished(stranger.close);
  for (const nobody of [new URL(stranger.url).host, '127.0.0.1:1']) {
    const error = await clientOf({ FEISHU_LISTEN: nobody }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ url: `http://${nobody}` });
    expect(error).toBeInstanceOf(UnknownDaemonError);
  }
});

test('a file that names no app leads to no daemon that the environment alone would lead to', async () => {
  const busy = '{"error":"not yet","hint":"Ask again."}';
  const { url, close } = await serveHttp((_request, response) => void response.writeHead(503).end(busy));
  onTestFinished(close);
  await withFiles({ 'connector.yaml': 'listen: 127.0.0.1:1\n' }, async (cwd) => {
    const env = { FEISHU_LISTEN: new URL(url).host, FEISHU_CONFIG: join(cwd, 'connector.yaml') };
    const error = await clientOf(env).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).not.toBeInstanceOf(UnknownDaemonError);
  });
});

test("one that is another user's and closed to us is named in the hint", async () => {
  const client = await clientOf(APP, { unitsDirectory: '/run/of-the-unit', holderOf: async () => 'forbidden' });
  const path = '/run/of-the-unit/control-9464.sock';
  expect([client.url, client.hint]).toEqual([
    'http://127.0.0.1:9464',
    `The control socket ${path} is another user's: run this as that user, or as root.`,
  ]);
});

const UNREADABLE = {
  FEISHU_APP_ID: APP.FEISHU_APP_ID,
  FEISHU_APP_SECRET_FILE: '/nonesuch/app-secret',
  FEISHU_CONTROL_TOKEN_FILE: '/nonesuch/control-token',
  FEISHU_HTTP_USER: 'me',
  FEISHU_HTTP_PASSWORD_FILE: '/nonesuch/password',
  FEISHU_CA_FILE: '/nonesuch/ca.pem',
  FEISHU_HANDLER: '/nonesuch/handler.mjs',
};

test('a daemon whose secrets this user may not read is called all the same', async () => {
  await withFiles({}, async (unitsDirectory) => {
    await listener(join(unitsDirectory, 'control-9464.sock'), 'the unit');
    const client = await clientOf(UNREADABLE, { unitsDirectory });
    expect([client.config?.apps.map(({ appId }) => appId), await answerOf(client)]).toEqual([
      [APP.FEISHU_APP_ID],
      'the unit',
    ]);
  });
});

test('a configuration that is wrong in itself is called nobody with', async () => {
  await expect(clientOf({ ...UNREADABLE, FEISHU_LISTEN: 'nowhere' })).rejects.toThrow(ConfigError);
  await expect(clientOf({ ...UNREADABLE, FEISHU_HTTP_CERT_FILE: '/nonesuch/tls.crt' })).rejects.toThrow(
    /expected a certificate with its key/,
  );
});

test('a pair that serves TLS need not be readable either', async () => {
  const files = { FEISHU_HTTP_CERT_FILE: '/nonesuch/tls.crt', FEISHU_HTTP_KEY_FILE: '/nonesuch/tls.key' };
  expect((await clientOf({ ...APP, ...files })).url).toBe('https://127.0.0.1:9464');
});

/** What each of these requests would tell whoever listens. */
async function toldTo(env: Record<string, string>): Promise<Record<string, string | undefined>> {
  const told: Record<string, string | undefined> = {};
  const server = createServer((request, response) => {
    told[`${request.method} ${request.url}`] = request.headers.authorization;
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { http, url } = await clientOf({ ...APP, FEISHU_LISTEN: `127.0.0.1:${port}`, ...env });
  const ask = (method: 'GET' | 'POST', route: string) =>
    http({ method, url: `${url}${route.replace(':id', '1')}`, route, timeoutMs: 5_000, maxBytes: 100 });
  await ask('GET', '/status');
  await ask('GET', '/status/history');
  await ask('GET', '/dead-letters');
  await ask('GET', '/dead-letters/:id');
  await ask('POST', '/reconnect');
  return told;
}

const TOKEN = { FEISHU_CONTROL_TOKEN: 'a-token-of-the-test' };
const PASSWORD = { FEISHU_HTTP_USER: 'me', FEISHU_HTTP_PASSWORD: 'a password of the test' };
const BASIC = `Basic ${Buffer.from('me:a password of the test').toString('base64')}`;

test.each<[string, Record<string, string>, string | undefined, string | undefined]>([
  ['token', TOKEN, undefined, 'Bearer a-token-of-the-test'],
  ['password', PASSWORD, BASIC, BASIC],
  ['token and password', { ...TOKEN, ...PASSWORD }, BASIC, 'Bearer a-token-of-the-test'],
  ['nothing', {}, undefined, undefined],
])(
  'of %s, whoever has the port is told the token only where control is asked for',
  async (_what, env, read, control) => {
    expect(await toldTo(env)).toEqual({
      'GET /status': read,
      'GET /status/history': read,
      'GET /dead-letters': read,
      'GET /dead-letters/1': control,
      'POST /reconnect': control,
    });
  },
);
