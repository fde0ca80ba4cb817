import type { Clock, Http, Random, ReportSink } from '../ports/index.js';
import type { TokenPort } from './api.js';
import type { Canary, CanaryEvent, CanarySchedule } from './canary.js';
import type { Feed } from './catchup-run.js';
import type { ConsoleAdvice } from './console-check.js';
import type { LookoutPolicy } from './policy.js';
import type {
  BudgetLevel,
  CatchupReport,
  GapCause,
  Proof,
  ReconcileVerdict,
  Suspicion,
  ViewVerdict,
} from './report.js';

/** What a {@link Lookout} is made of. */
export interface LookoutParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly token: TokenPort;
  readonly baseUrl: string;
  readonly appId: string;
  readonly policy: LookoutPolicy;
  readonly feed: Feed;
  /**
   * Whether delivery knows this message, by whatever way it came; under way counts. Left out: what this process has seen
   * is all there is.
   */
  readonly isKnown?: (messageId: string) => boolean;
  /** What follows from proofs. The Lookout itself touches no connection. */
  readonly advise: (advice: Advice) => void;
  readonly report: ReportSink<CatchupReport>;
  /** Whether somebody handles callbacks here. Default false. */
  readonly handlesCallbacks?: boolean;
  readonly canary?: { readonly canary: Canary; readonly schedule: CanarySchedule };
}

/** A new socket in place of the living one, proven before the old one closes: `ConnectionDriver.replace()`. */
export interface Advice {
  readonly do: 'replace';
  readonly proofs: readonly Proof[];
}

/** An event as the Lookout sees it. Any event of the delivery room fits. */
export interface SeenEvent extends CanaryEvent {
  /** `catchup` for what the Lookout itself has fed; anything else came by push. */
  readonly source?: string;
  /** Milliseconds since the epoch, or null. */
  readonly createTime: number | null;
  readonly tenantKey: string;
}

/** What is known from outside, as plain data. */
export interface LookoutSnapshot {
  readonly view: {
    readonly verdict: ViewVerdict;
    readonly seen: number | null;
    readonly expected: number | null;
    readonly ageMs: number | null;
  };
  readonly gaps: readonly {
    readonly number: number;
    readonly cause: GapCause;
    readonly from: number;
    readonly to: number | null;
  }[];
  readonly isCatchingUp: boolean;
  /** What is being looked into; null: nothing is suspected. */
  readonly suspicion: Suspicion | null;
  readonly lastComparison: { readonly verdict: ReconcileVerdict; readonly ageMs: number } | null;
  readonly budget: {
    readonly level: BudgetLevel;
    readonly used: number;
    readonly projected: number;
    readonly quota: number;
  };
  /** Events that our own pattern says should have come since the last one. */
  readonly missedEvents: number;
  readonly canaryMissed: number;
  readonly console: ConsoleAdvice | null;
}
