import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Timer } from '../ports/index.js';
import { CONTROL_PREFIX, control } from './control.js';
import { jsonAnswer, type PlatformAnswer } from './exchange.js';
import { SOCKET_PATH } from './gateway.js';
import type { Platform } from './platform.js';
import { pathAndQuery, readRequest } from './real-request.js';
import { attachSocket, refuseUpgrade, resetSocket } from './real-socket.js';

/** Where it listens. */
export interface RealFaceOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

/** The first half of a handshake answer. */
const HALF_ANSWER = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnec';
/** No SDK sends more than a few hundred bytes in a message. */
const MAX_CLIENT_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * The Platform behind an HTTP and WebSocket server on loopback, for real clients. The platform's clock should be a real
 * one: delays are its timers.
 */
export class RealFace {
  readonly #platform: Platform;
  readonly #options: Required<RealFaceOptions>;
  readonly #server: Server;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    // The platform decides whether a ping is answered.
    autoPong: false,
  });
  /** Upgraded and half-upgraded connections: the HTTP server no longer knows them. */
  readonly #sockets = new Set<Duplex>();
  /** Answers that are being delayed. */
  readonly #timers = new Set<Timer>();

  constructor(platform: Platform, options: RealFaceOptions = {}) {
    this.#platform = platform;
    this.#options = { port: options.port ?? 0, host: options.host ?? '127.0.0.1' };
    this.#server = createServer((request, response) => void this.#request(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
  }

  /**
   * @returns The base URL, such as `http://127.0.0.1:7777`.
   * @throws The system's error if the port is taken or not allowed.
   */
  async start(): Promise<{ readonly url: string }> {
    const { port, host } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address() as AddressInfo;
    const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return { url: `http://${name}:${address.port}` };
  }

  /** Destroys every connection and frees the port. A second call does nothing. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Nothing is left to wait for: close() ends as soon as the last socket is gone.
    this.#server.closeAllConnections();
    await closed;
  }

  async #request(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // The client went away while it was answered: there is nobody to tell.
    response.on('error', () => {});
    const request = await readRequest(incoming);
    if (request === 'broken_off') return;
    if (request === 'too_large') {
      // The rest of the body is not read, so this connection can carry no second request.
      this.#respond(response, jsonAnswer(413, { code: 413, msg: 'request body too large' }, { connection: 'close' }));
      return;
    }
    const isControl = request.path.startsWith(CONTROL_PREFIX);
    const answer = isControl
      ? control(this.#platform, request, incoming.socket.remoteAddress)
      : this.#platform.answer(request);
    if (answer.how === 'unreachable') resetSocket(incoming.socket);
    else if (answer.how === 'answered' && answer.afterMs > 0)
      this.#later(answer.afterMs, () => this.#respond(response, answer));
    else if (answer.how === 'answered') this.#respond(response, answer);
    // Hung: the response stays open until the client gives up or the simulator stops.
  }

  /** On the platform's clock, unless the face stops first. */
  #later(delayMs: number, act: () => void): void {
    const timer = this.#platform.clock.timer(delayMs, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  #respond(response: ServerResponse, answer: Extract<PlatformAnswer, { how: 'answered' }>): void {
    if (response.destroyed) return;
    const length = String(Buffer.byteLength(answer.body));
    response.writeHead(answer.status, { ...answer.headers, 'content-length': length });
    response.end(answer.body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // Whatever breaks here, `close` follows and tells the rest.
    socket.on('error', () => {});
    const { path, query } = pathAndQuery(request.url ?? '/');
    if (path !== SOCKET_PATH) {
      refuseUpgrade(socket, 404, {});
      return;
    }
    const reception = this.#platform.receiveUpgrade(query);
    if (reception.how === 'unreachable') resetSocket(socket);
    else if (reception.how === 'hung') {
      if (reception.isHalfAnswered) socket.write(HALF_ANSWER);
    } else if (reception.afterMs > 0) this.#later(reception.afterMs, () => this.#decide(query, request, socket, head));
    else this.#decide(query, request, socket, head);
  }

  #decide(query: URLSearchParams, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    const upgrade = this.#platform.upgrade(query);
    if (upgrade.how === 'refused') {
      refuseUpgrade(socket, upgrade.status, upgrade.headers);
      return;
    }
    // Corked, the 101 and whatever the platform says at once leave in one segment.
    socket.cork();
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      attachSocket(webSocket, socket, upgrade.accept, this.#platform.clock);
    });
    // An upgrade request that breaks RFC 6455 was answered with 400 by the library, and the socket destroyed.
    if (!socket.destroyed) socket.uncork();
  }
}
