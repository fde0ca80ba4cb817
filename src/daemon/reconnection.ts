import type { ConnectorStatus } from '../connector-status.js';
import { redact } from '../observe/index.js';
import { type AppView, UnstartedError } from './readiness.js';

/** One app that an operator's word can reach. */
export interface ReconnectableApp extends AppView {
  /** See `Connector.reconnect`. */
  reconnect(): boolean;
}

/** What came of an operator's word that an attempt is worth it now. */
export interface AppReconnection {
  readonly app: string;
  readonly appId: string;
  /** What was there before; ISO time of the attempt that was scheduled, null if none was or one was under way. */
  readonly found: {
    readonly state: ConnectorStatus['connected']['state'] | 'unknown';
    readonly nextAttemptAt: string | null;
  };
  /** Whether the wait for the next attempt got shorter. */
  readonly isWaitCut: boolean;
  /** The same after it. */
  readonly nextAttemptAt: string | null;
  /** For people. */
  readonly says: string;
}

/** Gives the word to one app, and tells what it found and what came of it. Throws nothing. */
export function reconnectionOf(view: ReconnectableApp): AppReconnection {
  const { app, appId } = view;
  try {
    const { connected, attempts } = view.status();
    const { state } = connected;
    const isWaitCut = view.reconnect();
    return {
      app,
      appId,
      found: { state, nextAttemptAt: iso(attempts.nextAt) },
      isWaitCut,
      nextAttemptAt: iso(view.status().attempts.nextAt),
      says: wordsFor(state, isWaitCut),
    };
  } catch (error) {
    const reason = redact(error instanceof Error ? error.message : String(error));
    const says =
      error instanceof UnstartedError
        ? `Nothing is tried at the platform: ${reason}. Mend that; a reload tries at once.`
        : `This is a bug of the connector: ${reason}. Please report it with the log.`;
    return {
      app,
      appId,
      found: { state: 'unknown', nextAttemptAt: null },
      isWaitCut: false,
      nextAttemptAt: null,
      says,
    };
  }
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function wordsFor(state: ConnectorStatus['connected']['state'], isWaitCut: boolean): string {
  if (isWaitCut) return 'The wait was cut short.';
  switch (state) {
    case 'waiting':
      return 'The wait is as short already as it may be: each one that was cut in vain makes the next cut come later.';
    case 'discovering':
    case 'dialing':
    case 'proving':
      return 'An attempt is under way: there is no wait to cut. Should it fail, the wait after it is cut.';
    case 'connected':
    case 'suspect':
      return 'It is connected: there is no wait to cut.';
    case 'idle':
    case 'stopped':
      return 'It does not run: there is no wait to cut.';
  }
}
