import type { Agent } from 'node:http';
import type { createConnection } from 'node:net';
import type { ClientOptions, WebSocket } from 'ws';
import type { Dial, Socket, SocketEnd, SocketListener } from '../ports/index.js';
import { networkErrorOf, networkMessageOf } from './network-error.js';
import { createTransport, type Transport } from './transport.js';
import { connectionOf } from './transport-connection.js';
import { TurnCork } from './turn-cork.js';

/** A frame stays under 1 MiB on the platform's side; eight times that is never an event. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

const SENT_AS = { binary: true };

/** Sockets over the `ws` package, on connections of the {@link Transport}. Translates and decides nothing. */
export function createWsDial(transport: Transport = createTransport()): Dial {
  return dialWith((url, signal) => ({
    createConnection: connectionOf(transport, url, signal) as unknown as typeof createConnection,
  }));
}

/** Sockets through somebody else's agent, such as one for a proxy. What it takes to connect is then its affair. */
export function createAgentDial(agent: Agent): Dial {
  return dialWith(() => ({ agent }));
}

type Ws = Pick<typeof import('ws'), 'WebSocket'>;
let ws: Ws | null = null;
let loading: Promise<void> | null = null;

/**
 * Loads the `ws` package: it is a third of what importing the library would cost, and only who connects needs it. A dial
 * does so by itself. Whoever keeps dialling calls this before the first time, so that no outage depends on a file.
 * @returns Null if it is loaded already. Rejects with Node's own error, which names the package.
 */
export function loadWebSocket(): Promise<void> | null {
  if (ws !== null) return null;
  loading ??= import('ws').then(
    (loaded) => {
      ws = loaded;
    },
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

function dialWith(wayOf: (url: URL, signal: AbortSignal) => ClientOptions): Dial {
  const open = openWith(wayOf);
  const dial = (url: string, listener: SocketListener) =>
    ws === null ? lateSocket(open, url, listener) : open(ws, url, listener);
  return Object.assign(dial, { prepare: loadWebSocket });
}

type Open = (ws: Ws, url: string, listener: SocketListener) => Socket;

/** A socket that starts to open as soon as `ws` is loaded. */
function lateSocket(open: Open, url: string, listener: SocketListener): Socket {
  let socket: Socket | null = null;
  let isOver = false;
  const end = (how: SocketEnd): void => {
    if (isOver) return;
    isOver = true;
    queueMicrotask(() => listener.closed(how));
  };
  const abandon = () => end({ how: 'failed', error: 'aborted', message: 'given up before it began to open' });
  Promise.resolve(loadWebSocket()).then(
    () => {
      if (!isOver && ws !== null) socket = open(ws, url, listener);
    },
    (error: unknown) => end({ how: 'failed', error: 'unknown', message: networkMessageOf(error) }),
  );
  return {
    send: (bytes) => socket?.send(bytes) ?? false,
    ping: () => socket?.ping() ?? false,
    close(code, reason, timeoutMs) {
      if (socket === null) abandon();
      else socket.close(code, reason, timeoutMs);
    },
    terminate() {
      if (socket === null) abandon();
      else socket.terminate();
    },
  };
}

function openWith(wayOf: (url: URL, signal: AbortSignal) => ClientOptions): Open {
  return ({ WebSocket }, url, listener) => {
    const opening = new AbortController();
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, {
        maxPayload: MAX_MESSAGE_BYTES,
        // Small frames a few times a second: compression costs memory per socket and gains nothing.
        perMessageDeflate: false,
        ...wayOf(new URL(url), opening.signal),
      });
    } catch {
      // The error repeats the URL, and with it the ticket.
      return deadSocket(listener, { how: 'failed', error: 'protocol', message: 'the socket URL cannot be dialled' });
    }
    // Whoever terminates a socket that still opens must not leave its connection behind.
    socket.once('close', () => opening.abort());
    return attach(socket, listener);
  };
}

/** The same with every default. */
export const wsDial: Dial = createWsDial();

function attach(socket: WebSocket, listener: SocketListener): Socket {
  let end: SocketEnd | null = null;
  let closeTimer: NodeJS.Timeout | null = null;
  let cork: TurnCork | null = null;
  socket.on('upgrade', (response) => {
    cork = new TurnCork(response.socket);
  });
  socket.on('open', () => listener.opened());
  socket.on('message', (bytes: Buffer, isBinary: boolean) => {
    if (isBinary) listener.message(bytes);
    else listener.text(bytes.length);
  });
  socket.on('pong', () => listener.pong());
  socket.on('unexpected-response', (_request, response) => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(response.headers)) headers[name] = String(value);
    end ??= { how: 'refused', status: response.statusCode ?? 0, headers };
    // With a listener for this event ws leaves the request to us; terminating ends it and brings `close`.
    socket.terminate();
  });
  // For good: an EventEmitter without an error listener throws, and a socket may fail again after its end.
  socket.on('error', (error) => {
    end ??= { how: 'failed', error: handshakeErrorOf(error), message: networkMessageOf(error) };
  });
  socket.on('close', (code, reason) => {
    if (closeTimer) clearTimeout(closeTimer);
    // 1006 is what ws says when no close frame came.
    if (code === 1006) end ??= { how: 'failed', error: 'reset', message: 'the connection broke without a close frame' };
    listener.closed(end ?? { how: 'closed', code, reason: reason.toString('utf8') });
  });
  const isOpen = () => socket.readyState === socket.OPEN;
  const ignore = () => {}; // a failed write is followed by `close`, which says why
  return {
    send(bytes) {
      if (!isOpen()) return false;
      cork?.hold();
      socket.send(bytes, SENT_AS);
      return true;
    },
    ping() {
      if (!isOpen()) return false;
      socket.ping(undefined, undefined, ignore);
      return true;
    },
    close(code, reason, timeoutMs) {
      if (socket.readyState === socket.CLOSED || closeTimer) return;
      closeTimer = setTimeout(() => socket.terminate(), timeoutMs);
      socket.close(code, reason);
    },
    terminate() {
      // What was said to be sent leaves first.
      cork?.release();
      socket.terminate();
    },
  };
}

/** An upgrade that is no HTTP, or a 101 with a wrong accept key: ws has no code for those, only words. */
function handshakeErrorOf(error: Error) {
  const kind = networkErrorOf(error);
  return kind === 'unknown' &&
    /Sec-WebSocket|Upgrade header|Unexpected server|Invalid URL|protocol/i.test(error.message)
    ? 'protocol'
    : kind;
}

/** A socket that never was: it ends a tick later, as a real one would. */
function deadSocket(listener: SocketListener, end: SocketEnd): Socket {
  queueMicrotask(() => listener.closed(end));
  return { send: () => false, ping: () => false, close: () => {}, terminate: () => {} };
}
