import type { FaultKind } from '../simulator/index.js';
import type { InvariantName } from './invariants.js';

/** An invariant that did not hold, with all that is needed to see it again. */
export interface Violation {
  readonly invariant: InvariantName;
  /** The invariant in a sentence. */
  readonly says: string;
  /** What was seen instead. */
  readonly detail: string;
  /** Virtual milliseconds from the start. */
  readonly atMs: number;
  /** The same for people, such as `12d 03:04:05.678`. */
  readonly at: string;
  readonly seed: number;
  /** The latest reports of the connector, faults and other happenings, oldest first. */
  readonly story: readonly string[];
  /** The command that shows it again. */
  readonly replay: string;
}

/** What happened in a simulation. Plain data, a function of the seed and the code alone: no reading of real time in it. */
export interface SimulationResult {
  readonly seed: number;
  readonly profile: string;
  /** Days that were simulated: fewer than asked for after a violation or an interruption. */
  readonly days: number;
  readonly isInterrupted: boolean;
  readonly violation: Violation | null;
  readonly events: {
    /** Sent by the platform. */
    readonly sent: number;
    readonly acknowledged: number;
    /** Events that got to a handler that succeeded. */
    readonly handled: number;
    /** Deliveries after the first of an event. */
    readonly redelivered: number;
    /** Given up by the platform when its ladder was spent: through outages that outlast it, or handlers that fail. */
    readonly exhausted: number;
    /** Callbacks that were not answered in time. */
    readonly timedOut: number;
    /** Still on the ladder at the end. */
    readonly pending: number;
    readonly handlerFailures: number;
  };
  readonly outages: {
    readonly count: number;
    /** From a loss to the connection that lasted. */
    readonly longestMs: number;
    readonly totalMs: number;
  };
  readonly connection: {
    readonly attempts: number;
    readonly connected: number;
    readonly suspicions: number;
    /** Suspicions that an answer ended. */
    readonly recoveries: number;
    /** Suspect connections that a proven one took over from. */
    readonly replaced: number;
    /** Silent connections that were given up. */
    readonly givenUp: number;
  };
  readonly token: { readonly refreshes: number; readonly failures: number };
  readonly host: {
    readonly sleeps: number;
    readonly wallSteps: number;
    readonly restarts: number;
    readonly reconnects: number;
  };
  /** Faults by kind. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Most calls of each kind in any minute and in any hour. */
  readonly peaks: Readonly<
    Record<'discovery' | 'token' | 'probe' | 'reach', { readonly perMinute: number; readonly perHour: number }>
  >;
  /** How often the invariants were checked. */
  readonly checks: number;
  /** Over everything that happened: the same digest is the same story. */
  readonly digest: string;
}
