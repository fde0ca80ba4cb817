import type { Clock, Dial, Socket, SocketEnd, SocketListener } from '../../src/ports/index.js';

/** Which way nothing gets through: `up` is from us to the platform. */
export type Way = 'up' | 'down';

const BROKEN: SocketEnd = { how: 'failed', error: 'reset', message: 'the connection broke without a close frame' };

/** A Dial whose sockets can be cut one way or both, without a word to either end: what a lost NAT entry does. */
export function cuttable(dial: Dial, clock: Clock): { readonly dial: Dial; cut(...ways: readonly Way[]): void } {
  const sockets = new Set<CuttableSocket>();
  return {
    dial: (url, listener) => {
      const socket = new CuttableSocket(dial, clock, url, listener);
      sockets.add(socket);
      return socket;
    },
    // Sockets opened later are whole.
    cut: (...ways) => {
      for (const socket of sockets) socket.cut(ways);
    },
  };
}

class CuttableSocket implements Socket {
  readonly #inner: Socket;
  readonly #clock: Clock;
  readonly #listener: SocketListener;
  readonly #cut = new Set<Way>();
  #isEnded = false;

  constructor(dial: Dial, clock: Clock, url: string, listener: SocketListener) {
    this.#clock = clock;
    this.#listener = listener;
    const down = (act: () => void): void => {
      if (!this.#cut.has('down') && !this.#isEnded) act();
    };
    this.#inner = dial(url, {
      opened: () => down(() => listener.opened()),
      message: (bytes) => down(() => listener.message(bytes)),
      text: (length) => down(() => listener.text(length)),
      pong: () => down(() => listener.pong()),
      closed: (end) => down(() => this.#end(end)),
    });
  }

  cut(ways: readonly Way[]): void {
    for (const way of ways) this.#cut.add(way);
  }

  send(bytes: Uint8Array): boolean {
    return this.#cut.has('up') ? !this.#isEnded : this.#inner.send(bytes);
  }

  ping(): boolean {
    return this.#cut.has('up') ? !this.#isEnded : this.#inner.ping();
  }

  close(code: number, reason: string, timeoutMs: number): void {
    if (!this.#cut.has('up')) this.#inner.close(code, reason, timeoutMs);
    // An answer that cannot come is not waited for longer than agreed.
    if (this.#cut.size > 0) this.#clock.timer(timeoutMs, () => this.terminate());
  }

  terminate(): void {
    if (!this.#cut.has('up')) this.#inner.terminate();
    this.#clock.timer(0, () => this.#end(BROKEN));
  }

  #end(end: SocketEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#listener.closed(end);
  }
}
