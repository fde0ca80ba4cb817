import type { NetworkError } from './http.js';

/** One socket's life as events, in order: at most one `opened`, then messages and pongs, then exactly one `closed`. */
export interface SocketListener {
  /** The server answered 101. */
  opened(): void;
  /** One binary message, whole. The bytes belong to the listener until it returns; copy what must outlive that. */
  message(bytes: Uint8Array): void;
  /** A text message arrived: no Feishu peer sends one. */
  text(length: number): void;
  /** The RFC 6455 pong to a {@link Socket.ping}. */
  pong(): void;
  /** The last word of this socket, whoever ended it. */
  closed(end: SocketEnd): void;
}

/** How a socket ended. */
export type SocketEnd =
  /** A close frame came, or our own close finished. `code` is 1005 if the frame had none. */
  | { readonly how: 'closed'; readonly code: number; readonly reason: string }
  /** The server answered the upgrade with something else than 101. Header names are lower-case. */
  | { readonly how: 'refused'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  /** The transport failed before or after the 101. */
  | { readonly how: 'failed'; readonly error: NetworkError; readonly message: string };

/** An open or opening socket. No method throws; after `closed` they do nothing. */
export interface Socket {
  /** Sends one binary message. False if the socket is not open, and then nothing was sent. */
  send(bytes: Uint8Array): boolean;
  /** Sends an RFC 6455 ping. False if the socket is not open. */
  ping(): boolean;
  /** Starts the closing handshake; the transport is destroyed when it has not finished in `timeoutMs`. */
  close(code: number, reason: string, timeoutMs: number): void;
  /** Destroys the transport at once: for peers that no longer answer. */
  terminate(): void;
}

/**
 * Opens a socket. Every listener is attached before this returns: a frame glued to the 101 answer is a message like
 * any other. There is no deadline here; whoever dials terminates a socket that takes too long.
 */
export interface Dial {
  (url: string, listener: SocketListener): Socket;
  /**
   * Loads what sockets need, for whoever keeps dialling: no outage then depends on a file. Null if it is there already.
   * Left out: nothing is to be loaded. Rejects with Node's own error, which names the package.
   */
  readonly prepare?: () => Promise<void> | null;
}
