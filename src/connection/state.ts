import type { Attempt } from './attempt.js';
import type { Effect } from './effect.js';
import type { Effort } from './effort.js';
import type { FailureCode } from './failure.js';
import type { Session } from './session.js';
import type { Watch } from './watch.js';

/** Where a Connection is. */
export const STATES = [
  'idle',
  'discovering',
  'dialing',
  'proving',
  'connected',
  'suspect',
  'waiting',
  'stopped',
] as const;
export type State = (typeof STATES)[number];

export type Connection = Resting | Trying | Connected | Suspect | Waiting;

/** Nothing happens, and nothing is scheduled. */
export interface Resting {
  readonly state: 'idle' | 'stopped';
  readonly effort: Effort;
}

export interface Trying {
  readonly state: 'discovering' | 'dialing' | 'proving';
  readonly effort: Effort;
  readonly attempt: Attempt;
  /** What is looked at while discovery is silent; null after it. */
  readonly watch: Watch | null;
}

export interface Connected {
  readonly state: 'connected';
  readonly effort: Effort;
  readonly session: Session;
  /** An Attempt at a new Session: it takes over once it is proven, and not before. */
  readonly challenger: Attempt | null;
  /** Until when it seeks no successor, for another connection of the app does; absent if none does. */
  readonly heldUntil?: number;
}

/** Connected still, but a ping is overdue: both witnesses were asked again, and a challenger is on its way. */
export interface Suspect extends Omit<Connected, 'state'> {
  readonly state: 'suspect';
  /** When a Session that has not answered by then is given up. */
  readonly giveUpAt: number;
  readonly isExcused: boolean;
}

export interface Waiting {
  readonly state: 'waiting';
  readonly effort: Effort;
  readonly retryAt: number;
  /** What the wait is for. */
  readonly failure: FailureCode;
  /** What is looked at meanwhile; null if nothing but an Attempt would tell. */
  readonly watch: Watch | null;
  /** Until when another connection of the app has the turn, see the input `hold`; absent if none does. */
  readonly heldUntil?: number;
}

/** A Session lives, proven once. */
export type Live = Connected | Suspect;

/** What a {@link Connection} becomes, and what the driver must do about it. */
export interface Step {
  readonly next: Connection;
  readonly effects: readonly Effect[];
}

/** Nothing is to be done. */
export function stay(next: Connection): Step {
  return { next, effects: [] };
}

const STATE_OF_STEP = { discovery: 'discovering', dial: 'dialing', proof: 'proving' } as const;

/** An Attempt that is all we have. */
export function underway(effort: Effort, attempt: Attempt, watch: Watch | null): Trying {
  // The ticket's pacing is in force from the moment it came, and kept for answers without one.
  const pacing = attempt.step === 'dial' ? attempt.ticket.pacing : effort.pacing;
  const isSilent = attempt.step === 'discovery';
  return { state: STATE_OF_STEP[attempt.step], effort: { ...effort, pacing }, attempt, watch: isSilent ? watch : null };
}
