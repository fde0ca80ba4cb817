import { createHash } from 'node:crypto';
import type { Socket as TcpSocket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { wsDial } from '../../src/adapters/index.js';
import type { Socket, SocketEnd, SocketListener } from '../../src/ports/index.js';
import { serveHttp, serveTcp } from '../support/loopback.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Everything a socket says, and promises for what a test waits for. */
function record() {
  const words: string[] = [];
  let ended: (end: SocketEnd) => void = () => {};
  let heard: () => void = () => {};
  const end = new Promise<SocketEnd>((resolve) => {
    ended = resolve;
  });
  const firstWord = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const say = (word: string) => {
    words.push(word);
    heard();
  };
  const listener: SocketListener = {
    opened: () => say('opened'),
    message: (bytes) => say(`message ${Buffer.from(bytes).toString('hex')}`),
    text: (length) => say(`text ${length}`),
    pong: () => say('pong'),
    closed: (how) => {
      say('closed');
      ended(how);
    },
  };
  return { words, end, firstWord, listener };
}

async function serveWs(onPeer: (peer: WebSocket, tcp: TcpSocket) => void): Promise<string> {
  const { server, port, close } = await serveHttp((_request, response) => response.writeHead(404).end());
  const wss = new WebSocketServer({ server });
  wss.on('connection', (peer, request) => onPeer(peer, request.socket));
  open.push({ close });
  return `ws://127.0.0.1:${port}/`;
}

/** A 101 by hand, so that bytes can be glued to it. */
function acceptOf(request: string): string {
  const key = /^sec-websocket-key: (.+)\r$/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

test('a frame in the same segment as the 101 is a message like any other', async () => {
  const glued = await serveTcp((tcp) =>
    tcp.once('data', (request) => {
      const frame = Buffer.from([0x82, 0x02, 0xca, 0xfe]);
      const bye = Buffer.from([0x88, 0x02, 0x03, 0xe8]);
      tcp.write(Buffer.concat([Buffer.from(acceptOf(request.toString('latin1'))), frame, bye]));
    }),
  );
  open.push(glued);
  const { words, end, listener } = record();
  wsDial(`ws://127.0.0.1:${glued.port}/`, listener);
  expect(await end).toEqual({ how: 'closed', code: 1000, reason: '' });
  expect(words).toEqual(['opened', 'message cafe', 'closed']);
});

test('a refusal carries its status and headers', async () => {
  const { port, close } = await serveHttp(() => {});
  await close();
  const refusing = await serveTcp((tcp) =>
    tcp.once('data', () =>
      tcp.end(
        'HTTP/1.1 403 Forbidden\r\nHandshake-Status: 514\r\nHandshake-Autherrcode: 1000040350\r\nContent-Length: 0\r\n\r\n',
      ),
    ),
  );
  open.push(refusing);
  const { end, listener } = record();
  wsDial(`ws://127.0.0.1:${refusing.port}/`, listener);
  expect(await end).toMatchObject({
    how: 'refused',
    status: 403,
    headers: { 'handshake-status': '514', 'handshake-autherrcode': '1000040350' },
  });
  const gone = record();
  wsDial(`ws://127.0.0.1:${port}/`, gone.listener);
  expect(await gone.end).toMatchObject({ how: 'failed', error: 'refused' });
});

test('a socket is terminated while it opens without an uncaught error', async () => {
  const silent = await serveTcp(() => {});
  open.push(silent);
  const { words, end, listener } = record();
  const socket = wsDial(`ws://127.0.0.1:${silent.port}/`, listener);
  socket.terminate();
  expect((await end).how).toBe('failed');
  socket.terminate();
  expect([socket.send(new Uint8Array(1)), socket.ping()]).toEqual([false, false]);
  expect(words).toEqual(['closed']);
});

test('a close frame, a reset and an end without close frame are told apart', async () => {
  const polite = record();
  wsDial(await serveWs((peer) => peer.close(4321, 'go away')), polite.listener);
  expect(await polite.end).toEqual({ how: 'closed', code: 4321, reason: 'go away' });
  const rude = record();
  wsDial(await serveWs((_peer, tcp) => tcp.resetAndDestroy()), rude.listener);
  expect(await rude.end).toMatchObject({ how: 'failed', error: 'reset' });
  const mute = record();
  wsDial(await serveWs((_peer, tcp) => tcp.destroy()), mute.listener);
  expect(await mute.end).toMatchObject({ how: 'failed', error: 'reset' });
});

test('text, pongs and oversized messages are told as what they are', async () => {
  const url = await serveWs((peer) => {
    peer.send('a text');
    peer.on('ping', () => peer.send(Buffer.alloc(9 * 1024 * 1024)));
  });
  const { words, end, listener } = record();
  const opened: { socket: Socket | null } = { socket: null };
  const text = (length: number) => {
    listener.text(length);
    opened.socket?.ping();
  };
  opened.socket = wsDial(url, { ...listener, text });
  expect(await end).toMatchObject({ how: 'failed', error: 'too_large' });
  expect(words.filter((word) => word !== 'pong')).toEqual(['opened', 'text 6', 'closed']);
});

test('a peer that never answers the close frame is let go within the budget', async () => {
  const url = await serveWs((peer) => peer.pause());
  const { end, firstWord, listener } = record();
  const socket = wsDial(url, listener);
  await firstWord;
  socket.close(1000, 'bye', 20);
  expect((await end).how).toBe('failed');
});

test('a URL that cannot be dialled is an end like any other, and its ticket stays out of the message', async () => {
  const { end, listener } = record();
  wsDial('http//nowhere?ticket=hush', listener);
  const told = await end;
  expect(told).toMatchObject({ how: 'failed', error: 'protocol' });
  expect(JSON.stringify(told)).not.toContain('hush');
});

/** Chunks as they come off the wire, and what a peer understands of them: one chunk is one write of ours, or a part of it. */
async function serveFrames(): Promise<{
  url: string;
  chunks: Buffer[];
  messages: string[];
  until(count: number): Promise<void>;
}> {
  const chunks: Buffer[] = [];
  const messages: string[] = [];
  let heard: () => void = () => {};
  const url = await serveWs((peer, tcp) => {
    tcp.prependListener('data', (chunk: Buffer) => chunks.push(chunk));
    peer.on('message', (bytes: Buffer) => {
      messages.push(bytes.toString('hex'));
      heard();
    });
  });
  const until = async (count: number): Promise<void> => {
    while (messages.length < count) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { url, chunks, messages, until };
}

test('what one turn of the loop sends, promises included, leaves in one write, in order', async () => {
  const { url, chunks, messages, until } = await serveFrames();
  const { firstWord, listener } = record();
  const socket = wsDial(url, listener);
  await firstWord;
  socket.send(Buffer.from([1]));
  for (const byte of [2, 3, 4]) void Promise.resolve().then(() => socket.send(Buffer.from([byte])));
  await Promise.resolve().then(() => Promise.resolve().then(() => socket.send(Buffer.from([5]))));
  await until(5);
  expect(messages).toEqual(['01', '02', '03', '04', '05']);
  expect(chunks).toHaveLength(1);
  socket.send(Buffer.from([6]));
  await until(6);
  expect(chunks).toHaveLength(2);
  socket.terminate();
});

test('what was sent in the turn of a close goes out before the close frame', async () => {
  const { url, messages } = await serveFrames();
  const { end, firstWord, listener } = record();
  const socket = wsDial(url, listener);
  await firstWord;
  socket.send(Buffer.from([1]));
  socket.close(1000, 'bye', 5_000);
  expect(socket.send(Buffer.from([2]))).toBe(false);
  expect(await end).toMatchObject({ how: 'closed', code: 1000 });
  expect(messages).toEqual(['01']);
});

test('what was sent in the turn of a termination has left, and the socket ends like any other', async () => {
  const { url, messages, until } = await serveFrames();
  const { end, firstWord, listener } = record();
  const socket = wsDial(url, listener);
  await firstWord;
  expect(socket.send(Buffer.from([1]))).toBe(true);
  socket.terminate();
  expect((await end).how).toBe('failed');
  await until(1);
  expect(messages).toEqual(['01']);
});
