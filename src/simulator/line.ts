/** What a face offers for one accepted socket: the way back to the client. No method throws. */
export interface Line {
  /** One binary message. */
  send(bytes: Uint8Array): void;
  sendText(text: string): void;
  /** The answer to an RFC 6455 ping. */
  pong(payload: Uint8Array): void;
  /** The platform's own close frame, and then the end of TCP. */
  close(code: number, reason: string): void;
  /** The close frame that answers the client's, and then the end of TCP. */
  answerClose(code: number, reason: string): void;
  /** Tears TCP down without a word. */
  reset(): void;
  /** False: stop reading from TCP, so that the client's bytes pile up unanswered. */
  setReading(isReading: boolean): void;
}

/** How a socket ended, seen from the platform. */
export type LineEnd =
  /** The client sent a close frame. */
  | { readonly how: 'closed'; readonly code: number; readonly reason: string }
  /** TCP broke. */
  | { readonly how: 'reset' };
