import { type Allowance, nextTurn } from './allowance.js';
import type { ConnectionPolicy } from './policy.js';
import type { Connection } from './state.js';
import { hasLasting, provenCount, type Team } from './team.js';

/** What a member is told about its turn. */
export type Turn =
  /** It makes no attempt until then, unless one is under way; Infinity is until it is told otherwise. */
  | { readonly do: 'hold'; readonly member: number; readonly until: number }
  /** It has not begun yet, and does so then. */
  | { readonly do: 'begin'; readonly member: number; readonly at: number };

/** How a member stands: its Connection, and whether a time to begin is set for it. */
export interface Standing {
  readonly connection: Connection;
  readonly isToBegin: boolean;
}

/**
 * Who may try when. While no member is proven only the lead does, and while none has lasted nobody joins it: a platform
 * that lets nobody stay gets the calls of one. Then the others follow one after the other, within their
 * {@link Allowance}. Of those that are proven, the first alone seeks a successor when it becomes suspect: another one is
 * lost without harm, and comes back in its turn. Pure; a second asking tells nothing new.
 */
export function turnsOf(
  team: Team,
  standings: readonly Standing[],
  allowance: Allowance,
  now: number,
  policy: ConnectionPolicy,
): { readonly turns: readonly Turn[]; readonly allowance: Allowance } {
  const isDeaf = provenCount(team) === 0;
  const mayFollow = hasLasting(team);
  const turns: Turn[] = [];
  let left = allowance;
  const first = standings.findIndex(({ connection }) => 'session' in connection);
  const spend = (): number => {
    const turn = nextTurn(left, standings.length, now, policy);
    left = turn.left;
    return turn.at;
  };
  for (const [member, { connection, isToBegin }] of standings.entries()) {
    const { state } = connection;
    if (state === 'idle' || state === 'stopped') {
      if (mayFollow && !isToBegin) turns.push({ do: 'begin', member, at: spend() });
    } else if ('session' in connection) {
      const until = holdOfSuccession(connection.heldUntil, member === first, now);
      if (until !== null) turns.push({ do: 'hold', member, until });
    } else if (connection.state === 'waiting') {
      const until = holdOf(connection.heldUntil, { mayFollow, isNext: isDeaf && member === team.lead, now, spend });
      if (until !== null) turns.push({ do: 'hold', member, until });
    }
  }
  return { turns, allowance: left };
}

/** What a living connection that is held like this is told; null if nothing. */
function holdOfSuccession(heldUntil: number | undefined, isFirst: boolean, now: number): number | null {
  if (isFirst) return heldUntil !== undefined && heldUntil > now ? now : null;
  return heldUntil === Number.POSITIVE_INFINITY ? null : Number.POSITIVE_INFINITY;
}

/** What a wait that is held like this is told; null if nothing. */
function holdOf(
  heldUntil: number | undefined,
  about: { readonly mayFollow: boolean; readonly isNext: boolean; readonly now: number; readonly spend: () => number },
): number | null {
  const { mayFollow, isNext, now, spend } = about;
  if (isNext) return heldUntil !== undefined && heldUntil > now ? now : null;
  const hasTurn = heldUntil !== undefined && heldUntil !== Number.POSITIVE_INFINITY;
  if (mayFollow) return hasTurn ? null : spend();
  return heldUntil === Number.POSITIVE_INFINITY ? null : Number.POSITIVE_INFINITY;
}
