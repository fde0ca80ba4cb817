import type { Writable } from 'node:stream';
import type { ConnectorOptions } from '../connector-options.js';
import type { AppConnector, Environment } from '../daemon/index.js';
import type { Clock } from '../ports/index.js';

/** The signals that commands listen to. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What went wrong where nobody catches: a bug, of ours or of a handler. */
export interface Fault {
  readonly kind: 'uncaughtException' | 'unhandledRejection';
  readonly error: unknown;
}

/** All that a command has to do with its process; `main.ts` binds the real one. */
export interface CliFace {
  /** Arguments without node and script. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  /** Of Node.js, as `process.versions.node` has it. */
  readonly nodeVersion: string;
  /** Results: events, JSON. */
  readonly stdout: Writable;
  /** Logs and messages for people. */
  readonly stderr: Writable;
  /** Whether a person reads {@link stderr}. */
  readonly isTty: boolean;
  readonly clock: Clock;
  /** When the process began, by {@link clock} in monotonic milliseconds. Default: when it is asked. */
  readonly startedAt?: number;
  /** For tests. Default: the connector itself. */
  readonly createConnector?: (options: ConnectorOptions) => AppConnector;
  /** @returns Ends the subscription. While there is one, the signal does not kill. */
  onSignal(signal: Signal, listener: () => void): () => void;
  /** @returns Ends the subscription. */
  onFault(listener: (fault: Fault) => void): () => void;
  /** Ends the process at once, whatever still runs. */
  exitNow(code: number): void;
}

/** Whether to write in colours: only for people, and not against their will. */
export function hasColour({ isTty, env }: Pick<CliFace, 'isTty' | 'env'>): boolean {
  return isTty && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Whether a person reads this stream: colours and redrawn screens in a file are noise. */
export function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

export function writeLine(stream: Writable, text: string): void {
  stream.write(`${text}\n`);
}
