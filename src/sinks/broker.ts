import type { SendError } from './send-error.js';

/** One message for the broker. */
export interface BrokerMessage {
  readonly subject: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the stream recognises a repeat by. */
  readonly messageId: string;
}

/** One life of a connection to the broker, its stream checked. */
export interface BrokerLink {
  /** For people: where it leads. */
  readonly server: string;
  /** Resolves once the stream holds the message. Rejects with a {@link SendError}. */
  publish(
    message: BrokerMessage,
    timeoutMs: number,
  ): Promise<{ readonly isDuplicate: boolean; readonly stream: string }>;
  /** Settles when the connection is over, with why; null if we closed it. Never rejects. */
  readonly closed: Promise<SendError | null>;
  /** Flushes and closes, within `timeoutMs`. Never rejects. */
  close(timeoutMs: number): Promise<void>;
}

/** Port: opens one {@link BrokerLink}. Rejects with a {@link SendError}; once `signal` is aborted nothing is left open. */
export type ConnectBroker = (signal: AbortSignal) => Promise<BrokerLink>;
