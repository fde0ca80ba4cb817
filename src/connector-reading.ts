import type { LookoutSnapshot } from './catchup/index.js';
import type { Whole } from './connection/index.js';
import type { Facts } from './connector-facts.js';
import type { ResolvedOptions } from './connector-options.js';
import type { ConnectorStatus } from './connector-status.js';
import type { PipelineSnapshot } from './delivery/index.js';
import type { Moment } from './ports/index.js';
import type { SinkHealth } from './sinks/index.js';
import type { TokenSnapshot } from './token/index.js';

/** What the rooms say of themselves at one moment. */
export interface Snapshots {
  readonly whole: Whole;
  readonly token: TokenSnapshot;
  /** Null if `catchup` is false. */
  readonly seen: LookoutSnapshot | null;
  readonly delivery: PipelineSnapshot;
  /** Null where nobody knows. */
  readonly sink: SinkHealth | null;
}

/** One reading of everything that is known: the dated evidence of the facts, and what the rooms say now. */
export function readStatus(
  facts: Facts,
  { whole, token, seen, delivery, sink }: Snapshots,
  { app, appId, baseUrl, connection }: ResolvedOptions,
  moment: Moment,
): ConnectorStatus {
  const connected = facts.connected(whole, connection, moment);
  const waitMs = whole.retryAt === null ? null : Math.max(0, whole.retryAt - moment.now);
  return {
    app,
    appId,
    domain: baseUrl,
    at: moment.wallNow,
    alive: facts.alive(moment),
    connected,
    receiving: facts.receiving(connected, seen, moment),
    ...facts.outside(seen),
    attempts: {
      count: whole.attempts,
      nextAt: waitMs === null ? null : moment.wallNow + waitMs,
      isUnderWay: whole.isAttemptUnderWay,
    },
    gateway: facts.gateway(),
    connections: { wanted: whole.wanted, proven: whole.proven },
    lastFailure: facts.lastFailure(),
    outage: facts.outage(whole),
    token: {
      isValid: token.hasToken,
      expiresAt: token.hasToken ? moment.wallNow + token.expiresInMs : null,
      lastFailure: token.lastFailure && {
        code: token.lastFailure.code,
        detail: token.lastFailure.detail,
        at: token.lastFailure.at,
      },
    },
    delivery: facts.delivery(delivery, moment),
    ...(sink !== null && { sink }),
  };
}
