import type { Pacing, Ticket } from '../wire/index.js';
import type { Effort } from './effort.js';
import type { HeartbeatKind } from './heartbeat.js';
import type { Look } from './look.js';
import type { ConnectionReport } from './report.js';

/** What the driver must do about a decision. */
export type Effect =
  | { readonly do: 'discover'; readonly attempt: number; readonly pacing: Pacing }
  | { readonly do: 'dial'; readonly attempt: number; readonly ticket: Ticket }
  | { readonly do: 'ping'; readonly attempt: number; readonly kind: HeartbeatKind; readonly service: number }
  /** Send a close frame and let go within the policy's budget. */
  | { readonly do: 'close'; readonly attempt: number }
  /** Let go of whatever this Attempt holds, a request or a socket, at once. */
  | { readonly do: 'drop'; readonly attempt: number }
  /** See whether an Attempt is worth it now; what is found comes back as the input `looked`. */
  | { readonly do: 'look'; readonly look: Look; readonly gateway: string | null }
  /** Make the network parts anew: a process that fails for long must not fail by its own stale agents or lookups. */
  | { readonly do: 'refresh_parts' }
  | { readonly do: 'report'; readonly report: ConnectionReport };

export function report(told: ConnectionReport): Effect {
  return { do: 'report', report: told };
}

export function discover({ attempt, pacing }: Effort): Effect {
  return { do: 'discover', attempt, pacing };
}
