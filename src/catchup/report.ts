import type { Verdict } from '../ports/index.js';
import type { CallFailureCode } from './failure.js';

/**
 * What the platform's own count of our connections says. `agrees`: no contradiction. `zombie`: it counts fewer than we
 * hold (F04, F08). `ghost`: it still counts connections of ours that are gone. `foreign_consumer`: somebody else is
 * connected as this app and takes part of its events (F07). `unknown`: nobody could ask.
 */
export const VIEW_VERDICTS = ['agrees', 'zombie', 'ghost', 'foreign_consumer', 'unknown'] as const;
export type ViewVerdict = (typeof VIEW_VERDICTS)[number];

/** Why events may have passed us by. */
export const GAP_CAUSES = [
  'outage', // no proven connection
  'restart', // from the last proof before the stop to the first proof after it
  'aftermath', // after an unclean end the platform went on serving the dead connection for a while (F08)
  'deaf', // the connection was proven to deliver nothing, or not everything
  'operator', // somebody asked for it
] as const;
export type GapCause = (typeof GAP_CAUSES)[number];

/** Whether everything that history can give has been taken. */
export const RECOVERIES = ['yes', 'no', 'unknown'] as const;
export type Recovery = (typeof RECOVERIES)[number];

/** What keeps part of a gap out of reach, besides the failures of calls. */
export type UnreachableReason =
  | CallFailureCode
  /** A bound on chats, pages, messages or calls was met, in every run that was allowed. */
  | 'bounds'
  /** The gap reaches further back than the policy lets us look. */
  | 'too_long_ago'
  /** Our own delivery did not take a message, in every run that was allowed. */
  | 'refused'
  /** Other processes serve this app and do not share with us what they handled: it would be handled twice. */
  | 'other_processes'
  /** Catch-up is switched off. */
  | 'disabled';

/** Part of a gap that could not be read. */
export interface Unreachable {
  /** What: the list of chats, or so many chats. */
  readonly what: 'chat_list' | 'chats' | 'time';
  readonly count: number;
  readonly why: UnreachableReason;
  /** For people; names the missing scope where that is why. */
  readonly detail: string;
}

/** A gap and what became of it. Times are milliseconds since the epoch, by our wall clock. */
export interface GapRecord {
  /** What `connector.catchUp` returned, for a gap that an operator asked for. */
  readonly number: number;
  readonly cause: GapCause;
  /** Epoch milliseconds, as `to` is. */
  readonly from: number;
  readonly to: number;
  /** Messages that only history had, and that delivery took. */
  readonly found: number;
  /** Messages that had arrived after all, by push or redelivery. */
  readonly alreadyKnown: number;
  /** What could not be read, and why. */
  readonly unreachable: readonly Unreachable[];
  /** Whether everything that history can give has been taken. */
  readonly recovered: Recovery;
  /** What no history can give, and why. */
  readonly otherEventTypes: { readonly types: readonly string[]; readonly why: string };
  /** Chats read to the end, and REST calls it took. */
  readonly chats: number;
  readonly calls: number;
}

/** What makes us look. Never enough by itself to give up an open socket. */
export const SUSPICIONS = [
  'silence', // nothing came although the app's own pattern says that something should have
  'server_view', // the platform counts fewer connections than we hold
  'canary_missing', // an event that we caused ourselves did not come
  'woke_up', // the machine slept, or the process froze
  'schedule', // nothing suspicious: the slow schedule, if there is one
  'operator', // somebody asked
] as const;
export type Suspicion = (typeof SUSPICIONS)[number];

/** What two of make a case for a new socket. */
export const PROOFS = [
  'silence', // the baseline contradicts the silence
  'count_below', // the platform counts fewer connections than we hold
  'count_below_again', // and did so again at a later poll
  'unseen_message', // history has a message that never arrived, past its first redelivery
  'canary_missing', // two canaries in a row did not come
] as const;
export type Proof = (typeof PROOFS)[number];

/** What comparing history with what arrived says. */
export const RECONCILE_VERDICTS = ['agrees', 'deaf', 'unknown'] as const;
export type ReconcileVerdict = (typeof RECONCILE_VERDICTS)[number];

/** How freely calls may be spent. `slowed`: less often. `saving`: only what recovers messages. `exhausted`: nothing of ours. */
export const BUDGET_LEVELS = ['free', 'slowed', 'saving', 'exhausted'] as const;
export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** Everything this room tells the outside. `detail` is for people; no report holds content, names of chats or people. */
export type CatchupReport =
  /** The platform told how many connections it counts. `verdict` is what all polls together say. */
  | {
      readonly type: 'server_view';
      readonly seen: number;
      readonly expected: number;
      readonly verdict: ViewVerdict;
      /** Whether the verdict is another one than before. */
      readonly isChange: boolean;
    }
  | {
      readonly type: 'view_failed';
      readonly failure: CallFailureCode;
      readonly verdict: Verdict;
      readonly detail: string;
    }
  | { readonly type: 'gap_opened'; readonly number: number; readonly cause: GapCause; readonly from: number }
  | { readonly type: 'gap_closed'; readonly record: GapRecord }
  /** Gaps that are not caught up, whenever that changes, and at start. */
  | { readonly type: 'gaps'; readonly open: number }
  /** A run over these gaps. `isResumed`: an earlier run, perhaps of an earlier process, had begun it. */
  | {
      readonly type: 'catchup_started';
      readonly gaps: readonly number[];
      readonly from: number;
      readonly to: number;
      readonly isResumed: boolean;
    }
  /** It reached its end: every gap it was about is closed. */
  | {
      readonly type: 'catchup_finished';
      readonly gaps: readonly number[];
      readonly found: number;
      readonly alreadyKnown: number;
      readonly chats: number;
      readonly calls: number;
      readonly durationMs: number;
    }
  /** It did not, and is tried again. */
  | {
      readonly type: 'catchup_failed';
      readonly gaps: readonly number[];
      readonly failure: UnreachableReason;
      readonly detail: string;
      readonly durationMs: number;
      /** Null: when it is started again. */
      readonly retryInMs: number | null;
    }
  /** A message that only history had. */
  | { readonly type: 'catchup_found'; readonly eventType: string; readonly eventId: string; readonly ageMs: number }
  /** History was compared with what arrived. */
  | {
      readonly type: 'reconciled';
      readonly trigger: Suspicion;
      readonly verdict: ReconcileVerdict;
      readonly chats: number;
      readonly compared: number;
      readonly missing: number;
      readonly detail: string;
    }
  | { readonly type: 'suspected'; readonly suspicion: Suspicion; readonly detail: string }
  /** What was suspected has been looked into, and nothing contradicts the connection. */
  | { readonly type: 'cleared'; readonly suspicion: Suspicion }
  /** A new socket is asked for, make before break, on these proofs. */
  | { readonly type: 'replace_advised'; readonly proofs: readonly Proof[]; readonly detail: string }
  /** Whether an event came within the time that a replaced connection is given to show its worth. */
  | { readonly type: 'replace_judged'; readonly isEffective: boolean }
  | { readonly type: 'canary_seen'; readonly roundTripMs: number }
  /** `missed` in a row; `waitedMs` for this one. */
  | { readonly type: 'canary_missing'; readonly missed: number; readonly waitedMs: number }
  /** The canary could not even be caused: says nothing about the connection. */
  | { readonly type: 'canary_failed'; readonly detail: string }
  /** The level changed. `projected` is what the month will have taken at this pace. */
  | {
      readonly type: 'budget';
      readonly level: BudgetLevel;
      readonly used: number;
      readonly projected: number;
      readonly quota: number;
    }
  /** A port broke its promise, or we have a bug: what was under way came to nothing. It is tried again in its time. */
  | { readonly type: 'look_failed'; readonly detail: string }
  /** What is remembered over a restart could not be written, or read. */
  | { readonly type: 'notes_failed'; readonly detail: string };
