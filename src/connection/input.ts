import type { Pacing, Ticket } from '../wire/index.js';
import type { Evidence } from './evidence.js';
import type { Failure } from './failure.js';
import type { HeartbeatKind } from './heartbeat.js';
import type { Look } from './look.js';
import type { Gateway } from './report.js';

/** Everything that can happen to a Connection. What belongs to one Attempt carries its number. */
export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'tick' }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  /** What a look found: true if it is there, or new. */
  | { readonly type: 'looked'; readonly look: Look; readonly isNew: boolean }
  /** The living socket should be replaced by a new one, which is proven before the old one closes. */
  | { readonly type: 'replace' }
  /**
   * Somebody else's turn: a wait lasts until then at least, whatever says otherwise, and a living socket that becomes
   * suspect has no successor sought. Infinity is until told anew.
   */
  | { readonly type: 'hold'; readonly until: number }
  | AttemptInput;

/** A word of one Attempt, or of the Session it became. */
export type AttemptInput =
  | { readonly type: 'ticket'; readonly attempt: number; readonly ticket: Ticket; readonly gateway: Gateway }
  | { readonly type: 'opened'; readonly attempt: number }
  /** Any inbound message that is no protocol pong. */
  | { readonly type: 'heard'; readonly attempt: number }
  /** `pacing` is what the pong's payload makes of ours; null if it said nothing. */
  | { readonly type: 'pong'; readonly attempt: number; readonly kind: HeartbeatKind; readonly pacing: Pacing | null }
  /** Discovery failed, or the socket ended. */
  | { readonly type: 'failed'; readonly attempt: number; readonly failure: Failure; readonly closeCode: number | null };
