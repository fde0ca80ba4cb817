import { attemptUnderWay } from './connection.js';
import type { Outage } from './outage.js';
import type { Session } from './session.js';
import type { Connection, State } from './state.js';

/** All connections of an app, read as one. All times are monotonic milliseconds. */
export type Whole = Standing & (Proven | Unproven);

interface Standing {
  /** Attempts made so far. */
  readonly attempts: number;
  readonly isAttemptUnderWay: boolean;
  /** When the next attempt begins; null unless it is waiting. */
  readonly retryAt: number | null;
  readonly outage: Outage | null;
  /** How many connections there should be, and how many are proven. */
  readonly wanted: number;
  readonly proven: number;
}

/** At least one is proven. */
interface Proven {
  readonly state: LiveState;
  /** The Session that speaks for all: the oldest that nothing is held against, else the oldest. */
  readonly session: { readonly connectionId: string; readonly connectedAt: number };
}

interface Unproven {
  /** The state of the one that is furthest. */
  readonly state: Exclude<State, LiveState>;
  readonly session: null;
}

type LiveState = 'connected' | 'suspect';

/** From the worst to the best: what the app is, is what its best connection is. */
const UNPROVEN_RANKS = ['idle', 'stopped', 'waiting', 'discovering', 'dialing', 'proving'] as const;
const RANKS: readonly State[] = [...UNPROVEN_RANKS, 'suspect', 'connected'];

/** The best of these states; `idle` of none. */
export function furthest(states: readonly State[]): State {
  return RANKS.findLast((rank) => states.includes(rank)) ?? 'idle';
}

/** @param lead Whose wait is the app's. */
export function wholeOf(connections: readonly Connection[], lead: number, outage: Outage | null): Whole {
  const speakers = connections.flatMap((connection) => ('session' in connection ? [connection] : []));
  const states = connections.map(({ state }) => state);
  const next = connections[lead];
  const isWaiting = furthest(states) === 'waiting' && next?.state === 'waiting';
  return {
    ...speakerOf(speakers, states),
    attempts: connections.reduce((sum, { effort }) => sum + effort.attempt, 0),
    isAttemptUnderWay: connections.some((connection) => attemptUnderWay(connection) !== null),
    retryAt: isWaiting ? next.retryAt : null,
    outage,
    wanted: connections.length,
    proven: speakers.length,
  };
}

function speakerOf(
  speakers: readonly { readonly state: LiveState; readonly session: Session }[],
  states: readonly State[],
): Proven | Unproven {
  const state = speakers.some((speaker) => speaker.state === 'connected') ? 'connected' : 'suspect';
  const [speaker] = speakers
    .filter((each) => each.state === state)
    .sort((a, b) => a.session.connectedAt - b.session.connectedAt);
  if (speaker === undefined) {
    return { state: UNPROVEN_RANKS.findLast((rank) => states.includes(rank)) ?? 'idle', session: null };
  }
  const { ticket, connectedAt } = speaker.session;
  return { state, session: { connectionId: ticket.connectionId, connectedAt } };
}
