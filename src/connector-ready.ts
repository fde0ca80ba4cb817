import { ConnectorError } from './connector-error.js';
import type { Listener } from './connector-events.js';
import type { ConnectorStatus } from './connector-status.js';
import type { Clock } from './ports/index.js';

/** What a wait for `connected` asks and hears. */
export interface ReadyGrounds {
  readonly clock: Clock;
  readonly status: () => ConnectorStatus;
  /** Hears of every change of the state; returns what ends that. */
  readonly onState: (listener: Listener<'state'>) => () => void;
}

/**
 * The wait of `connector.ready()`.
 * @throws ConnectorError `not_ready` when the time is up, with the latest Failure as its cause; `stopped` if the state
 *   becomes that meanwhile. The signal's reason if that aborts. All of them by rejection.
 */
export function untilConnected(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  { clock, status, onState }: ReadyGrounds,
): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (status().connected.is) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      timer.cancel();
      unsubscribe();
      signal?.removeEventListener('abort', abandon);
      settle();
    };
    const abandon = (): void => finish(() => reject(signal?.reason));
    const timer = clock.timer(timeoutMs, () => finish(() => reject(notReady(timeoutMs, status()))));
    const unsubscribe = onState(({ to }) => {
      if (to === 'connected') finish(resolve);
      if (to === 'stopped') finish(() => reject(new ConnectorError('stopped', 'the connector was stopped')));
    });
    signal?.addEventListener('abort', abandon, { once: true });
  });
}

function notReady(timeoutMs: number, { connected, lastFailure: failure }: ConnectorStatus): ConnectorError {
  const why = failure ? `; the latest failure is ${failure.code} (${failure.detail}). ${failure.help}` : '';
  const message = `not connected after ${timeoutMs} ms: ${connected.state}${why}`;
  return new ConnectorError('not_ready', message, failure ? { verdict: failure.verdict, cause: failure } : {});
}
