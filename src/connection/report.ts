import type { Verdict } from '../ports/index.js';
import type { Failure, FailureCode, Step } from './failure.js';
import type { HeartbeatKind } from './heartbeat.js';
import type { Look } from './look.js';
import type { OutageSummary } from './outage.js';
import type { State } from './state.js';

/**
 * Everything the connection room tells the outside. Plain data; durations in milliseconds. Where an app has several
 * connections, `isStandby` says that another one of them is proven: what is told happened beside it, and changes nothing
 * about the app. It is absent otherwise.
 */
export type ConnectionReport =
  | { readonly type: 'state_changed'; readonly from: State; readonly to: State }
  /** `isReconnect` is false for the first attempt after start() alone. */
  | {
      readonly type: 'attempt_started';
      readonly attempt: number;
      readonly isReconnect: boolean;
      readonly outage: number | null;
      readonly isStandby?: true;
    }
  /** Also for a step that failed. `gateway` is known once discovery succeeded: no query, no secret. */
  | {
      readonly type: 'step_finished';
      readonly attempt: number;
      readonly step: Step;
      readonly durationMs: number;
      readonly gateway: Gateway | null;
    }
  | {
      readonly type: 'attempt_failed';
      readonly attempt: number;
      readonly step: Step;
      readonly failure: Failure;
      readonly verdict: Verdict;
      readonly durationMs: number;
      readonly outage: number | null;
      readonly isStandby?: true;
    }
  /** An Attempt that was no longer needed: the suspect Session answered after all, or stop() was called. */
  | {
      readonly type: 'attempt_abandoned';
      readonly attempt: number;
      readonly step: Step;
      readonly durationMs: number;
    }
  /**
   * `outage` is the Outage this ends if it proves stable; null for the first connection since start, and for one that
   * took over from a living Session: then `replaces` is the attempt of that one.
   */
  | {
      readonly type: 'connected';
      readonly attempt: number;
      readonly connectionId: string;
      readonly outage: OutageSummary | null;
      readonly replaces?: number;
      readonly isStandby?: true;
    }
  | {
      readonly type: 'disconnected';
      readonly attempt: number;
      readonly connectionId: string;
      readonly failure: Failure;
      readonly sessionMs: number;
      readonly closeCode: number | null;
      readonly outage: number | null;
      readonly isStandby?: true;
    }
  | {
      readonly type: 'waiting';
      readonly attempt: number;
      readonly retryInMs: number;
      readonly failure: FailureCode;
      readonly verdict: Verdict;
      readonly outage: number | null;
    }
  | { readonly type: 'outage_started'; readonly outage: number; readonly cause: FailureCode }
  /** The Connection that followed has lasted: durationMs is from the loss to that Connection's `connected`. */
  | { readonly type: 'outage_ended'; readonly outage: OutageSummary }
  | { readonly type: 'heartbeat_sent'; readonly attempt: number; readonly kind: HeartbeatKind }
  | {
      readonly type: 'heartbeat_answered';
      readonly attempt: number;
      readonly kind: HeartbeatKind;
      readonly rttMs: number;
    }
  /** A frame of the gateway or ours. `frameType` is the header `type`, `unknown` if it is none of those we know. */
  | {
      readonly type: 'frame';
      readonly attempt: number;
      readonly direction: 'in' | 'out';
      readonly frameType: FrameType;
    }
  | {
      readonly type: 'frame_error';
      readonly attempt: number;
      readonly reason: FrameErrorReason;
      readonly detail: string;
    }
  /** The limits in force for this Session, whenever they change. */
  | { readonly type: 'pacing'; readonly heartbeatIntervalMs: number; readonly silenceLimitMs: number }
  /** A field of the platform's pacing was unusable; the previous value stays. */
  | { readonly type: 'pacing_rejected'; readonly field: string; readonly detail: string }
  /** What a look during a wait found. */
  | { readonly type: 'looked'; readonly look: Look; readonly isNew: boolean }
  /** The network parts are made anew after so many failures in a row. */
  | { readonly type: 'parts_refreshed'; readonly failures: number }
  | { readonly type: 'sockets'; readonly open: number }
  /** Our own timer fired this late: the peer is not blamed for what we did not read meanwhile. */
  | { readonly type: 'late'; readonly lateMs: number };

/** Where a Ticket points, without its secrets. */
export interface Gateway {
  /** Scheme, host and port, such as `wss://host`. */
  readonly origin: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly connectionId: string;
}

/** What a frame says it is, for counting. */
export const FRAME_TYPES = ['ping', 'pong', 'event', 'card', 'unknown'] as const;
export type FrameType = (typeof FRAME_TYPES)[number];

/** Why a frame could not be read. */
export const FRAME_ERROR_REASONS = ['malformed', 'text', 'too_large', 'unknown_method', 'unknown_type'] as const;
export type FrameErrorReason = (typeof FRAME_ERROR_REASONS)[number];
