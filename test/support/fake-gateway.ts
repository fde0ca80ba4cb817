import type { Dial, Socket, SocketEnd, SocketListener } from '../../src/ports/index.js';
import { decodeFrame, encodeFrame, type Frame, frameTypeOf, METHOD, pongFrame } from '../../src/wire/index.js';

/** One dialled socket, seen from the gateway's side; the test says what happens on it. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly sent: Frame[] = [];
  readonly calls: string[] = [];
  readonly #listener: SocketListener;
  #isOpen = false;
  #isClosed = false;

  constructor(url: string, listener: SocketListener) {
    this.url = url;
    this.#listener = listener;
  }

  send(bytes: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    this.sent.push(decodeFrame(bytes.slice()));
    return true;
  }

  ping(): boolean {
    if (this.#isOpen) this.calls.push('ping');
    return this.#isOpen;
  }

  close(code: number): void {
    this.calls.push(`close ${code}`);
  }

  terminate(): void {
    this.calls.push('terminate');
    this.end({ how: 'failed', error: 'reset', message: 'terminated' });
  }

  open(): void {
    this.#isOpen = true;
    this.#listener.opened();
  }

  bytes(bytes: Uint8Array): void {
    this.#listener.message(bytes);
  }

  frame(frame: Frame): void {
    this.bytes(encodeFrame(frame));
  }

  text(length: number): void {
    this.#listener.text(length);
  }

  /** Answers the latest protocol ping, with a ClientConfig if one is given. */
  pong(clientConfig?: string): void {
    const ping = this.sent.findLast((frame) => frameTypeOf(frame) === 'ping');
    if (ping === undefined) throw new Error('no ping was sent');
    this.frame(pongFrame(ping, clientConfig));
  }

  transportPong(): void {
    this.#listener.pong();
  }

  end(end: SocketEnd): void {
    if (this.#isClosed) return;
    this.#isOpen = false;
    this.#isClosed = true;
    this.#listener.closed(end);
  }
}

/** A {@link Dial} whose sockets wait for the test. */
export class FakeGateway {
  readonly sockets: FakeSocket[] = [];

  readonly dial: Dial = (url, listener) => {
    const socket = new FakeSocket(url, listener);
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody dialled');
    return socket;
  }
}

/** A whole event frame; the content does not matter to the connection room. */
export function eventFrame(messageId: string): Frame {
  const headers = { type: 'event', message_id: messageId, sum: '1', seq: '0', trace_id: 't' };
  return {
    seqId: 1n,
    logId: 2n,
    service: 7,
    method: METHOD.data,
    headers: Object.entries(headers).map(([key, value]) => ({ key, value })),
    payload: new TextEncoder().encode('{}'),
  };
}
