import type { Moment } from '../ports/index.js';
import type { Frame, Pacing, Ticket } from '../wire/index.js';
import type { Failure } from './failure.js';
import type { Gateway } from './report.js';

/** What one discovery request asks for. */
export interface DiscoveryRequest {
  readonly attempt: number;
  /** What stays in force where the answer has no valid pacing. */
  readonly pacing: Pacing;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type DiscoveryOutcome =
  | { readonly ticket: Ticket; readonly gateway: Gateway; readonly rejected: readonly RejectedPacing[] }
  | { readonly failure: Failure };

/** A field of the platform's pacing that could not be used as it was. */
export interface RejectedPacing {
  readonly field: string;
  readonly detail: string;
}

/** Asks the platform for a Ticket. A failure is an outcome; it rejects only on a bug. */
export type Discover = (request: DiscoveryRequest) => Promise<DiscoveryOutcome>;

/** The socket a data frame came on: an ack goes back on this one, never on a successor. */
export interface FrameSession {
  readonly attempt: number;
  /** False if this very socket is gone; nothing was sent then. `at` is now, if the clocks were just read. */
  send(bytes: Uint8Array, at?: Moment): boolean;
}

/** Takes the data frames, in order, as they come; `at` is now. Must not throw. */
export type FrameSink = (frame: Frame, session: FrameSession, at: Moment) => void;
