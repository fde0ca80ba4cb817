import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { type Loopback, serveHttp } from './loopback.js';
import type { SecretHunt } from './secret-hunt.js';

/** What somebody in the middle, a proxy or a gateway with debugging on, does with what it was sent. */
export const ECHOES = {
  /** The platform's own shape, with everything in its message. */
  code: (sent: string) => ({ status: 400, body: JSON.stringify({ code: 99_991_663, msg: `bad request: ${sent}` }) }),
  /** An error page of a proxy. */
  page: (sent: string) => ({ status: 502, body: `<html><title>${sent}</title><pre>${sent}</pre></html>` }),
  base64: (sent: string) => ({
    status: 400,
    body: JSON.stringify({ code: 1, msg: `dump ${Buffer.from(sent).toString('base64')}` }),
  }),
  url: (sent: string) => ({ status: 400, body: JSON.stringify({ code: 1, msg: encodeURIComponent(sent) }) }),
  escaped: (sent: string) => ({ status: 400, body: JSON.stringify({ code: 1, msg: JSON.stringify({ sent }) }) }),
  /** HTTP 200, and cut off in the middle of what was sent. */
  cut: (sent: string) => ({ status: 200, body: `{"code":0,"msg":"${sent.slice(0, -5)}` }),
} as const satisfies Record<string, (sent: string) => { readonly status: number; readonly body: string }>;
export type Echo = keyof typeof ECHOES;

/** Ways in which a gateway repeats the URL that it was dialled with. */
export const REPETITIONS = ['header', 'reason_phrase', 'redirect', 'close_reason', 'frame', 'garbage'] as const;
export type Repetition = (typeof REPETITIONS)[number];

/** A Platform behind somebody who listens, and who repeats what he hears when told to. */
export interface EchoingPlatform {
  readonly url: string;
  /** What is answered to HTTP requests from now on; null passes them on. */
  echo: Echo | null;
  /** What is answered to upgrades from now on; null passes them on. */
  repetition: Repetition | null;
  /** Requests and upgrades that were answered with an echo. */
  readonly echoed: number;
  close(): Promise<void>;
}

/** @param hunt Learns all that passes. */
export async function echoingPlatform(platformUrl: string, hunt: SecretHunt): Promise<EchoingPlatform> {
  const target = new URL(platformUrl);
  const upgrader = new WebSocketServer({ noServer: true });
  let echoed = 0;
  const middle: Loopback<unknown> = await serveHttp((incoming, response) => void passOn(incoming, response));
  const server = (middle as Awaited<ReturnType<typeof serveHttp>>).server;
  const face: EchoingPlatform = {
    url: middle.url,
    echo: null,
    repetition: null,
    get echoed() {
      return echoed;
    },
    close: async () => {
      upgrader.close();
      await middle.close();
    },
  };

  async function passOn(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const { echo } = face;
    if (echo !== null) {
      echoed += 1;
      const sent = `${incoming.method} ${incoming.url} ${JSON.stringify(incoming.headers)} ${body}`;
      const answer = ECHOES[echo](sent);
      response.writeHead(answer.status, { 'content-type': 'application/json', 'x-echo': encodeURIComponent(body) });
      response.end(answer.body);
      return;
    }
    const { method = 'GET', url: path, headers } = incoming;
    const asking = ask({ host: target.hostname, port: target.port, method, path, headers });
    asking.on('error', () => incoming.socket.destroy());
    asking.on('response', async (answer) => {
      const text = await textOf(answer).catch(() => null);
      if (text === null) {
        incoming.socket.destroy();
        return;
      }
      hunt.learnFrom(text);
      const { 'content-length': _length, 'transfer-encoding': _coding, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, rest);
      // The gateway is behind us as well.
      response.end(text.replaceAll(`ws://${target.host}`, middle.url.replace('http', 'ws')));
    });
    response.on('close', () => asking.destroy());
    asking.end(body);
  }

  server.on('upgrade', (incoming, socket: Duplex, head) => {
    socket.on('error', () => {}); // `close` follows
    if (face.repetition !== null) {
      echoed += 1;
      repeat(face.repetition, incoming, socket, head, upgrader);
      return;
    }
    const gateway = connect(Number(target.port), target.hostname);
    gateway.on('error', () => socket.destroy());
    gateway.on('close', () => socket.destroy());
    socket.on('close', () => gateway.destroy());
    const headers = incoming.rawHeaders.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('');
    gateway.write(`GET ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
    gateway.write(head);
    socket.pipe(gateway).pipe(socket);
  });
  return face;
}

function repeat(how: Repetition, incoming: IncomingMessage, socket: Duplex, head: Buffer, upgrader: WebSocketServer) {
  const url = `ws://${incoming.headers.host}${incoming.url}`;
  const query = new URL(url).searchParams;
  const said = `no ticket ${query.get('ticket')} at ${url}`;
  switch (how) {
    case 'header':
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nHandshake-Status: 514\r\nHandshake-Msg: ${said}\r\nContent-Length: ${said.length}\r\n\r\n${said}`,
      );
      return;
    case 'reason_phrase':
      socket.end(`HTTP/1.1 400 ${said}\r\nHandshake-Msg: ${query.get('access_key')}\r\nContent-Length: 0\r\n\r\n`);
      return;
    case 'redirect':
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url.replace('ws:', 'http:')}\r\nContent-Length: 0\r\n\r\n`);
      return;
    case 'garbage':
      socket.end(`${said}\r\n${said}\r\n`);
      return;
    case 'close_reason':
      upgrader.handleUpgrade(incoming, socket, head, (open) =>
        open.close(4_000, `ticket ${query.get('ticket')} ${query.get('access_key')}`),
      );
      return;
    case 'frame':
      upgrader.handleUpgrade(incoming, socket, head, (open) => {
        open.send(said);
        open.send(Buffer.from(said));
        open.close(1_008, `${query.get('access_key')}`);
      });
      return;
  }
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
