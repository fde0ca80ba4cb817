import { once } from 'node:events';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import type { DaemonConfig } from '../../src/daemon/config.js';
import { holderOf } from '../../src/daemon/control-socket.js';
import { startDaemon } from '../../src/daemon/daemon.js';
import { OPEN_SURFACE, type SurfaceSettings } from '../../src/daemon/surface-settings.js';
import type { Clock } from '../../src/ports/index.js';
import { APP_ID, APP_SECRET, FakeConnectors } from '../support/app-connector.js';
import { eventually } from '../support/eventually.js';
import { HandClock } from '../support/hand-clock.js';
import { withFiles } from '../support/temporary-folder.js';

const fileOf = (name: string) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));

/** A daemon of one app that reloads to other settings of its surface, with a folder for sockets and a TLS pair. */
async function withDaemon(
  begin: (at: Places) => Partial<SurfaceSettings>,
  use: (stage: Stage, at: Places) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  await withFiles({}, async (folder) => {
    const at: Places = {
      folder,
      socket: join(folder, 'a.sock'),
      otherSocket: join(folder, 'b.sock'),
      tls: { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') },
    };
    await copyFile(fileOf('trusted.pem'), at.tls.certFile);
    await copyFile(fileOf('throwaway.key'), at.tls.keyFile);
    const lines: Record<string, unknown>[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const { create } = new FakeConnectors();
    const parts = { createConnector: create, logger, stdout: new PassThrough(), clock };
    const daemon = await startDaemon(configOf(begin(at)), parts);
    try {
      await use(
        {
          lines,
          url: () => daemon.url,
          reload: (settings, listen) => daemon.reload(configOf(settings, listen)),
          ask: (method, path) => ask(daemon.url, method, path),
        },
        at,
      );
    } finally {
      await daemon.stop({ drainMs: 0 });
    }
  });
}

interface Places {
  readonly folder: string;
  readonly socket: string;
  readonly otherSocket: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string };
}

interface Stage {
  readonly lines: readonly Record<string, unknown>[];
  url(): string;
  reload(settings: Partial<SurfaceSettings>, listen?: DaemonConfig['listen']): Promise<unknown>;
  ask(method: string, path: string): Promise<Answer>;
}

function configOf(settings: Partial<SurfaceSettings>, listen = { host: '127.0.0.1', port: 0 }): DaemonConfig {
  const app = { appId: APP_ID, app: 'one', appSecret: APP_SECRET, domain: 'feishu', handler: 'stdout' };
  return {
    listen,
    surface: { ...OPEN_SURFACE, ...settings },
    logLevel: 'info',
    drainMs: 0,
    openMetrics: false,
    tracing: null,
    apps: [{ ...app, connection: {}, token: {}, delivery: {} }],
    warnings: [],
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Whether it came over a connection that an earlier answer came over. */
  readonly isReused: boolean;
}

/** @param where A base URL, or the path of a socket. */
async function ask(where: string, method: string, path: string, agent: Agent | false = false): Promise<Answer> {
  const request = where.startsWith('https:')
    ? httpsRequest(where + path, { method, agent: false, rejectUnauthorized: false })
    : where.startsWith('http:')
      ? httpRequest(where + path, { method, agent })
      : httpRequest({ socketPath: where, method, path, agent });
  request.end();
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, text, isReused: request.reusedSocket };
}

/** The advice to somebody who may not have control names the socket that there is. */
const advice = async ({ ask }: Stage): Promise<string> => JSON.parse((await ask('POST', '/reconnect')).text).hint;
const controls = async (path: string): Promise<number> => (await ask(path, 'POST', '/reconnect')).status;

/** A connection that is kept: whoever closes the surface, if only for a moment, ends it. */
async function keptConnection(url: string): Promise<() => Promise<boolean>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect((await ask(url, 'GET', '/livez', agent)).status).toBe(200);
  return async () => {
    try {
      const { status, isReused } = await ask(url, 'GET', '/livez', agent);
      return status === 200 && isReused;
    } catch {
      return false; // it ended while it was asked
    }
  };
}

const portOf = (url: string): string => new URL(url).port;

test('a reload to HTTPS and back keeps the port and the control socket, and its certificate is to be seen meanwhile', async () => {
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, { socket, tls }) => {
      const before = stage.url();
      expect(await stageMetrics(stage)).toEqual([]);
      const isKept = await keptConnection(before);
      await stage.reload({ socket: { path: socket }, tls });
      expect(stage.url()).toBe(before.replace('http:', 'https:'));
      expect((await stage.ask('GET', '/readyz')).status).toBe(200);
      expect(await stageMetrics(stage)).toEqual([
        `feishu_connector_certificate_expiry_timestamp_seconds ${Date.UTC(2120, 0, 1) / 1_000}`,
        'feishu_connector_certificate_files_usable 1',
      ]);
      // Plain HTTP gets no answer there any more.
      await expect(ask(before, 'GET', '/livez')).rejects.toThrow();
      expect(await isKept()).toBe(false);
      expect([await controls(socket), await advice(stage)]).toEqual([200, expect.stringContaining('control socket')]);
      await stage.reload({ socket: { path: socket } });
      expect([stage.url(), (await stage.ask('GET', '/readyz')).status, await controls(socket)]).toEqual([
        before,
        200,
        200,
      ]);
      expect(await stageMetrics(stage)).toEqual([]);
      expect(stage.lines.filter(({ msg }) => msg === '[feishu] the HTTP surface moved')).toHaveLength(2);
    },
  );
});

async function stageMetrics({ ask }: Stage): Promise<string[]> {
  return (await ask('GET', '/metrics')).text
    .split('\n')
    .filter((line) => line.startsWith('feishu_connector_certificate_'));
}

test('a reload to a TLS pair or password that cannot be used closes nothing, not for a moment', async () => {
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, { socket, otherSocket, tls }) => {
      const before = stage.url();
      const isKept = await keptConnection(before);
      const socketIsKept = await keptConnection(socket);
      await writeFile(tls.keyFile, 'no key');
      await expect(stage.reload({ socket: { path: otherSocket }, tls })).rejects.toThrow(/tls\.key holds no PEM key/);
      const basic = { user: 'me', password: { file: `${tls.keyFile}.missing` } };
      await expect(stage.reload({ socket: { path: otherSocket }, basic })).rejects.toThrow(
        /tls\.key\.missing can't be read/,
      );
      expect([stage.url(), await isKept(), await socketIsKept(), await controls(socket)]).toEqual([
        before,
        true,
        true,
        200,
      ]);
      expect(await holderOf(otherSocket, systemClock)).toBe('nobody');
    },
  );
});

test('a control socket moves, goes and comes with reloads, and nobody else is disturbed', async () => {
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, { socket, otherSocket }) => {
      const isKept = await keptConnection(stage.url());
      await stage.reload({ socket: { path: otherSocket } });
      expect([await holderOf(socket, systemClock), await controls(otherSocket)]).toEqual(['nobody', 200]);
      // FEISHU_CONTROL_SOCKET=none
      await stage.reload({ socket: null });
      expect(await holderOf(otherSocket, systemClock)).toBe('nobody');
      expect(await advice(stage)).toMatch(/There is no control socket/);
      await stage.reload({ socket: { path: socket } });
      expect([await controls(socket), await advice(stage)]).toEqual([
        200,
        expect.stringMatching(/comes over the control socket/),
      ]);
      expect(await isKept()).toBe(true);
    },
  );
});

test('one that stays where it is keeps its connections through a reload', async () => {
  await withDaemon(
    ({ folder }) => ({ socket: { directories: [folder] } }),
    async (stage, { folder }) => {
      const path = join(folder, `control-${portOf(stage.url())}.sock`);
      const isKept = await keptConnection(path);
      await stage.reload({ socket: { directories: [folder] }, token: { text: 'a-token-of-the-test' } });
      expect(await isKept()).toBe(true);
      // With the port its name changes.
      await stage.reload({ socket: { directories: [folder] } }, { host: 'localhost', port: 0 });
      expect(await holderOf(path, systemClock)).toBe('nobody');
      expect(await controls(join(folder, `control-${portOf(stage.url())}.sock`))).toBe(200);
    },
  );
});

test('a control socket that cannot be removed holds up no stop, and the log says so', async () => {
  let stage: Stage | null = null;
  await withDaemon(
    ({ folder }) => ({ socket: { path: join(folder, 'run', 'c.sock') } }),
    async (its, { folder }) => {
      stage = its;
      await rename(join(folder, 'run'), join(folder, 'gone'));
      await writeFile(join(folder, 'run'), 'in its place');
    },
  );
  const { url, lines } = stage ?? { url: () => '', lines: [] };
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: '[feishu] the control socket could not be removed', level: 40 }),
  );
  expect(url()).toBe('');
});

test('without a socket from the start there is none, and the log says so once', async () => {
  await withDaemon(
    () => ({ socket: null }),
    async (stage) => {
      await stage.reload({ socket: null, token: { text: 'a-token-of-the-test' } });
      expect(stage.lines.filter(({ msg }) => String(msg).includes('switched off'))).toHaveLength(1);
      expect(await advice(stage)).toMatch(/There is no control socket/);
    },
  );
});

test.each<[string, (at: Places) => Partial<SurfaceSettings>, DaemonConfig['listen']?]>([
  ['alone', () => ({})],
  ['with TLS on the same port', ({ tls }) => ({ tls })],
  ['with another port', () => ({}), { host: 'localhost', port: 0 }],
])('a named control socket that cannot be had, %s, takes the whole reload back', async (_what, more, listen) => {
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, at) => {
      const before = stage.url();
      await writeFile(at.otherSocket, 'precious');
      const settings = { ...more(at), token: { text: 'a-token-of-the-test' }, socket: { path: at.otherSocket } };
      await expect(stage.reload(settings, listen)).rejects.toThrow(/a file is in its place/);
      expect([stage.url(), (await stage.ask('GET', '/readyz')).status]).toEqual([before, 200]);
      // Neither the token nor the new place is in force.
      expect([await controls(at.socket), await advice(stage)]).toEqual([
        200,
        expect.stringMatching(/set FEISHU_CONTROL_TOKEN_FILE/),
      ]);
      expect(await advice(stage)).toMatch(/comes over the control socket/);
      await stage.reload({ ...settings, socket: { path: at.socket } }, listen);
      expect([await controls(at.socket), (await stage.ask('GET', '/readyz')).status]).toEqual([200, 200]);
    },
  );
});

test('a port that is taken leaves surface and socket where they are', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, { socket, otherSocket, tls }) => {
      const isKept = await keptConnection(stage.url());
      const socketIsKept = await keptConnection(socket);
      await expect(stage.reload({ socket: { path: otherSocket }, tls }, { host: '127.0.0.1', port })).rejects.toThrow(
        /another process does/,
      );
      expect([await isKept(), await socketIsKept(), await controls(socket)]).toEqual([true, true, 200]);
    },
  );
});

test('where not even the old surface can be had again the log says so, and the next reload brings one', async () => {
  await withDaemon(
    ({ socket, tls }) => ({ socket: { path: socket }, tls }),
    async (stage, { socket, otherSocket, tls }) => {
      await writeFile(otherSocket, 'precious');
      await rm(tls.keyFile);
      await expect(stage.reload({ socket: { path: otherSocket } })).rejects.toThrow(/a file is in its place/);
      expect(stage.url()).toBe('');
      expect(stage.lines.at(-1)).toMatchObject({ level: 50, reason: expect.stringContaining('tls.key') });
      expect(await controls(socket)).toBe(200);
      await stage.reload({ socket: { path: socket } });
      expect([(await stage.ask('GET', '/readyz')).status, await controls(socket)]).toEqual([200, 200]);
    },
  );
});

test('what is refused is counted, over the network and over the socket, and by nothing but its reason', async () => {
  await withDaemon(
    ({ socket }) => ({ socket: { path: socket } }),
    async (stage, { socket }) => {
      await stage.ask('POST', '/reconnect');
      await ask(socket, 'GET', `/${'x'.repeat(9_000)}`);
      const { text } = await stage.ask('GET', '/metrics');
      const counts = [...text.matchAll(/^feishu_connector_http_refusals_total\{reason="(\w+)"\} (\d+)$/gm)];
      expect(Object.fromEntries(counts.map(([, reason, count]) => [reason, count]))).toEqual({
        host: '0',
        credentials: '0',
        control: '1',
        busy: '0',
        malformed: '1',
        late: '0',
      });
    },
  );
});

test('a TLS pair that is spoilt under a running daemon is told by its metrics until it is mended', async () => {
  const clock = new HandClock();
  await withDaemon(
    ({ tls }) => ({ tls }),
    async (stage, { tls }) => {
      const usable = async () => (await stageMetrics(stage))[1];
      const becomes = (value: number) =>
        eventually(async () => {
          await clock.advanceBy(10_000);
          return (await usable()) === `feishu_connector_certificate_files_usable ${value}`;
        }, `usable is ${value}`);
      await becomes(1);
      await writeFile(tls.certFile, 'half of a certif');
      await becomes(0);
      await copyFile(fileOf('expired.pem'), tls.certFile);
      await becomes(1);
      const [ends = ''] = await stageMetrics(stage);
      expect(Number(ends.split(' ')[1]) * 1_000).toBeLessThan(Date.now());
    },
    clock,
  );
});
