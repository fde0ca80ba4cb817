import { once } from 'node:events';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { type HttpSurface, openHttpSurface, type SurfaceView } from '../../src/daemon/http-surface.js';
import type { Refusal } from '../../src/daemon/surface-gate.js';
import type { SurfaceLimits } from '../../src/daemon/surface-limits.js';
import { OPEN_SURFACE, type SurfaceSettings } from '../../src/daemon/surface-settings.js';
import { APP_ID, blankHistory, statusWith } from '../support/app-connector.js';

export const USER = 'prometheus';
export const PASSWORD = 'a password of the test';
export const TOKEN = 'a-token-of-the-test';
export const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
export const BEARER = `Bearer ${TOKEN}`;

/** Asks for both, as a surface beyond loopback should. */
export const GUARDED: SurfaceSettings = {
  ...OPEN_SURFACE,
  basic: { user: USER, password: { text: PASSWORD } },
  token: { text: TOKEN },
};

/** What a surface shows, and what it was told of: refusals, log lines, and what was done. */
export function viewOf(changes: Partial<SurfaceView> = {}) {
  const refusals: Refusal[] = [];
  const lines: Record<string, unknown>[] = [];
  const done: string[] = [];
  const view: SurfaceView = {
    apps: () => [
      {
        app: 'support-bot',
        appId: APP_ID,
        status: () => statusWith(),
        reconnect: () => {
          done.push('reconnect');
          return false;
        },
        catchUp: () => {
          done.push('catch-up');
          return 1;
        },
        history: blankHistory,
        deadLetters: null,
      },
    ],
    phase: () => 'running',
    scrape: async () => ({ contentType: 'text/plain', body: [Buffer.from('feishu_ws_connected 1\n')] }),
    version: '1.2.3',
    startedAt: 0,
    clock: systemClock,
    logger: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    onRefused: (refusal) => void refusals.push(refusal),
    ...changes,
  };
  return { view, refusals, lines, done };
}

/** A surface on loopback, closed with the test. */
export async function openStage(
  settings: SurfaceSettings,
  changes: Partial<SurfaceView> = {},
  limits: Partial<SurfaceLimits> = {},
  host = '127.0.0.1',
) {
  const told = viewOf(changes);
  const surface: HttpSurface = await openHttpSurface({ host, port: 0 }, told.view, { settings, limits });
  onTestFinished(() => surface.close());
  const { port } = surface.address;
  return { ...told, surface, port, ask: asker({ host: '127.0.0.1', port }) };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As fetch, but with any method, path and header as it stands, over whatever leads there. */
export function asker(way: RequestOptions) {
  return async (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const request = httpRequest({ ...way, method, path, headers, agent: false }).end();
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
  };
}

/** Sends these bytes, and returns what came back until the other side ended. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => void chunks.push(chunk));
  socket.on('error', () => {}); // a reset is an end as well
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

/** A connection that is open and reads nothing, until it is told to. */
export async function silentReader(
  port: number,
  bytes: string,
): Promise<{ readonly socket: Socket; ended: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.on('error', () => {});
  const ended = once(socket, 'close');
  socket.write(bytes);
  return { socket, ended };
}
