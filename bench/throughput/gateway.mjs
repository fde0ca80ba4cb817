// The platform as a lean sender, in a process of its own: discovery, token and upgrade as a client wants them, then events
// of 1 KB as fast as they are acknowledged, with at most WINDOW of them unacknowledged. It speaks WebSocket by itself,
// since a library's frame object per event would make the sender slower than the fastest client.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { decodeFrame, encodeFrame, METHOD, parseAck, pongFrame } from '../../build/wire/index.js';
import { answerParent } from './call.mjs';
import { ClientLine, OPCODE } from './client-line.mjs';
import { EventFrames, numberOf, SERVICE_ID, WINDOW, webSocketFrame } from './event-frames.mjs';
import { Ledger } from './ledger.mjs';

const PACING = { ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30, PingInterval: 120 };
const RFC6455_KEY = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TAKEN = Buffer.from('{"code":200}');
/** Everything that is open when the sending ends is acknowledged within this, or it is lost. */
const DRAIN_LIMIT_MS = 10_000;

/** One client's connection and what was sent over it. */
class Load {
  #socket;
  #line = new ClientLine();
  #frames = new EventFrames();
  #ledger = new Ledger();
  #isSending = false;
  #failure = null;
  #onChange = () => {};

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#received(chunk));
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#failed(new Error('the client closed the connection')));
  }

  start() {
    this.#isSending = true;
    this.#send();
  }

  /** Events acknowledged so far. */
  acked() {
    this.#check();
    return this.#ledger.ackedCount;
  }

  begin() {
    this.#check();
    this.#ledger.begin(performance.now());
  }

  end() {
    this.#check();
    return this.#ledger.end(performance.now());
  }

  /** Sends no more, and waits until nothing is open. */
  async drain() {
    this.#isSending = false;
    const drained = new Promise((resolve) => {
      this.#onChange = () => {
        if (this.#failure !== null || this.#ledger.openCount === 0) resolve();
      };
      this.#onChange();
    });
    const limit = setTimeout(() => {
      this.#failed(new Error(`${this.#ledger.openCount} events are unacknowledged after ${DRAIN_LIMIT_MS} ms`));
    }, DRAIN_LIMIT_MS);
    await drained;
    clearTimeout(limit);
    this.#check();
    return { sent: this.#ledger.sentCount, acked: this.#ledger.ackedCount };
  }

  #received(chunk) {
    if (this.#failure !== null) return;
    try {
      const now = performance.now();
      this.#line.read(chunk, (opcode, payload) => this.#take(opcode, payload, now));
      if (this.#isSending) this.#send();
    } catch (error) {
      this.#failed(error);
    }
    this.#onChange();
  }

  #take(opcode, payload, now) {
    if (opcode === OPCODE.binary) this.#takeFrame(payload, now);
    else if (opcode === OPCODE.ping) this.#socket.write(Buffer.from([0x80 | OPCODE.pong, 0]));
    else if (opcode === OPCODE.close) this.#socket.end(Buffer.from([0x80 | OPCODE.close, 0]));
  }

  #takeFrame(bytes, now) {
    const number = numberOf(bytes);
    if (number === null) {
      const frame = decodeFrame(bytes);
      if (frame.method !== METHOD.control) throw new Error('a data frame that acknowledges no event');
      this.#socket.write(webSocketFrame(encodeFrame(pongFrame(frame, JSON.stringify(PACING)))));
      return;
    }
    // The payload comes last. Read in full only where it does not say just that the event was taken.
    if (!bytes.subarray(bytes.length - TAKEN.length).equals(TAKEN)) {
      const { code } = parseAck(decodeFrame(bytes));
      if (code !== 200) throw new Error(`event ${number} was answered with code ${code}`);
    }
    this.#ledger.acked(number, now);
  }

  #send() {
    const count = WINDOW - this.#ledger.openCount;
    if (count <= 0) return;
    const first = this.#frames.last + 1;
    const now = performance.now();
    for (let number = first; number < first + count; number += 1) this.#ledger.sent(number, now);
    this.#socket.write(this.#frames.take(count));
  }

  #failed(error) {
    this.#failure ??= error;
    this.#isSending = false;
    this.#onChange();
  }

  #check() {
    if (this.#failure !== null) throw this.#failure;
  }
}

let load = null;
const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answerTo(request.url)));
});
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${RFC6455_KEY}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  load = new Load(socket);
});

function answerTo(path) {
  switch (path) {
    case '/callback/ws/endpoint':
      return { code: 0, msg: '', data: { URL: socketUrl(), ClientConfig: PACING } };
    case '/open-apis/auth/v3/tenant_access_token/internal':
      return { code: 0, msg: 'ok', tenant_access_token: 't-bench', expire: 7_200 };
    default:
      return { code: 404, msg: 'not found', data: {} };
  }
}

function socketUrl() {
  const { port } = server.address();
  // The first parameter is one that no client reads: the official SDK glues the URL's path onto its name.
  return `ws://127.0.0.1:${port}/ws/v2?fpid=493&device_id=1&service_id=${SERVICE_ID}&ticket=bench`;
}

function present() {
  if (load === null) throw new Error('no client is connected');
  return load;
}

answerParent(
  {
    async listen() {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return `http://127.0.0.1:${server.address().port}`;
    },
    start: () => present().start(),
    acked: () => present().acked(),
    begin: () => present().begin(),
    end: () => present().end(),
    drain: () => present().drain(),
  },
  () => process.exit(),
);
