import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { limitConnections } from './limited-connections.js';
import { type Refusal, type RefusedRequest, SAFE_HEADERS } from './surface-gate.js';
import { addressOf, type SurfaceLimits } from './surface-limits.js';
import type { TlsPair } from './tls-pair.js';

/** A server of Node's with a limit on everything that a client could make endless. */
export interface LimitedServer {
  readonly server: Server;
  /** Whoever connects from now on is shown this pair. Does nothing without TLS. */
  useTls(pair: TlsPair): void;
  /** Ends every connection at once, those in the middle of a handshake too. */
  closeAll(): void;
}

type OnRefused = (refusal: Refusal, of: RefusedRequest) => void;

/** @param pair Null for plain HTTP. */
export function createLimitedServer(
  handler: RequestListener,
  limits: SurfaceLimits,
  pair: TlsPair | null,
  onRefused: OnRefused,
): LimitedServer {
  const options: ServerOptions = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.lookEveryMs,
    maxHeaderSize: limits.headerBytes,
    insecureHTTPParser: false, // whatever NODE_OPTIONS says
    requireHostHeader: false, // the gate does, in our words
  };
  const tls =
    pair === null
      ? null
      : createTlsServer({ ...options, ...pair.context, handshakeTimeout: limits.headersMs }, handler);
  const server: Server = tls ?? createServer(options, handler);
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.setTimeout(limits.silenceMs);
  const closeAll = limitConnections(server, limits, (address) => {
    onRefused('busy', { method: null, route: null, from: address || null });
  });
  // Node's own answer to it has none of our headers; the gate's has.
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
  const secured = new WeakSet<Socket>();
  tls?.on('secureConnection', (socket) => secured.add(socket));
  server.on('clientError', (error: Error, socket: Socket) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    // Nothing can be said in a handshake; it ends at once, and so does what is gone already.
    if (code === 'ECONNRESET' || !socket.writable || (tls !== null && !secured.has(socket))) {
      if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT')
        onRefused('late', { method: null, route: null, from: addressOf(socket) || null });
      socket.destroy();
      return;
    }
    const { status, refusal } = CLIENT_ERRORS[code] ?? MALFORMED;
    onRefused(refusal, { method: null, route: null, from: addressOf(socket) || null });
    answerRawly(socket, status);
  });
  return { server, useTls: (fresh) => tls?.setSecureContext(fresh.context), closeAll };
}

interface ClientError {
  readonly status: string;
  readonly refusal: Refusal;
}

const MALFORMED: ClientError = { status: '400 Bad Request', refusal: 'malformed' };
const CLIENT_ERRORS: Readonly<Record<string, ClientError>> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', refusal: 'malformed' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', refusal: 'malformed' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', refusal: 'late' },
};

/** There is no request to answer to: written by hand, unless an answer to an earlier one is on its way. */
function answerRawly(socket: Socket, status: string): void {
  const isAnswering = '_httpMessage' in socket && socket._httpMessage !== null && socket._httpMessage !== undefined;
  if (isAnswering) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({
    error: status.slice(4).toLowerCase(),
    hint: 'Send one request of HTTP/1.1 at a time.',
  });
  const head = [
    `HTTP/1.1 ${status}`,
    ...Object.entries(SAFE_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
