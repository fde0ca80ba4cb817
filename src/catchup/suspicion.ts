import { backoffMs } from '../ports/index.js';
import type { ReplacePolicy } from './policy.js';
import type { Proof, ReconcileVerdict, Suspicion } from './report.js';

/**
 * The ladder from a suspicion to a new socket: suspicion, a look at the platform's count and at one or two chats, proof,
 * make before break. An open socket is never given up on one reading alone, and not again and again in vain (F31).
 */
export interface Ladder {
  /** What is being looked into; null: nothing. */
  readonly look: {
    readonly suspicion: Suspicion;
    readonly proofs: readonly Proof[];
    readonly awaitsView: boolean;
    readonly awaitsHistory: boolean;
  } | null;
  /** Starts of the looks of the last hour, monotonic milliseconds. */
  readonly lookedAt: readonly number[];
  /** When a replacement was last advised; null: never. */
  readonly replacedAt: number | null;
  /** Replacements in a row after which no event came. */
  readonly vain: number;
  /** Until when the latest replacement may show its worth; null: it has, or there was none. */
  readonly judgeAt: number | null;
  /** When to look again at what was proven and not healed; null: nothing is. */
  readonly recheckAt: number | null;
}

export type LadderInput =
  /** `proof` is what the suspicion itself proves, if it does. */
  | { readonly type: 'suspect'; readonly suspicion: Suspicion; readonly proof: Proof | null }
  /** A count came: below ours or not; null if none came. */
  | { readonly type: 'viewed'; readonly isBelow: boolean | null }
  /** `isExplained`: somebody else is connected and may have what is missing. */
  | { readonly type: 'compared'; readonly verdict: ReconcileVerdict; readonly isExplained: boolean }
  /** A real event came by push. */
  | { readonly type: 'event' }
  /** There is no connection any more: whatever was suspected of it is moot. */
  | { readonly type: 'disconnected' }
  | { readonly type: 'tick' };

/** What follows. `look` asks for the count (`confirmMs` later if it was just asked for) and for a comparison. */
export type LadderAction =
  | { readonly do: 'look'; readonly suspicion: Suspicion; readonly isConfirming: boolean }
  | { readonly do: 'replace'; readonly proofs: readonly Proof[] }
  | { readonly do: 'clear'; readonly suspicion: Suspicion }
  | { readonly do: 'judge'; readonly isEffective: boolean };

export interface LadderStep {
  readonly next: Ladder;
  readonly actions: readonly LadderAction[];
}

export const CALM: Ladder = Object.freeze<Ladder>({
  look: null,
  lookedAt: [],
  replacedAt: null,
  vain: 0,
  judgeAt: null,
  recheckAt: null,
});

const HOUR_MS = 3_600_000;

/** The Ladder after this input, and what follows. Pure; `now` is monotonic milliseconds. */
export function climbed(ladder: Ladder, input: LadderInput, policy: ReplacePolicy, now: number): LadderStep {
  switch (input.type) {
    case 'suspect':
      return suspect(ladder, input.suspicion, input.proof, policy, now);
    case 'viewed':
      return viewed(ladder, input.isBelow, policy, now);
    case 'compared':
      return compared(ladder, input.verdict === 'deaf' && !input.isExplained, policy, now);
    case 'event':
      return event(ladder);
    case 'disconnected':
      // A new connection starts with a clean slate; what it was replaced for is not forgotten.
      return { next: { ...ladder, look: null }, actions: [] };
    case 'tick':
      return tick(ladder, policy, now);
  }
}

/** When the Ladder wants a tick, monotonic milliseconds, or null. */
export function ladderWakeAt(ladder: Ladder): number | null {
  const times = [ladder.judgeAt, ladder.recheckAt].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** Whether these are a case: history that contradicts us, two canaries, or two facts from different sources. */
export function isEnough(proofs: readonly Proof[]): boolean {
  const kinds = new Set(proofs);
  return kinds.has('unseen_message') || kinds.has('canary_missing') || kinds.size >= 2;
}

function suspect(
  ladder: Ladder,
  suspicion: Suspicion,
  proof: Proof | null,
  policy: ReplacePolicy,
  now: number,
): LadderStep {
  const proofs = proof === null ? [] : [proof];
  if (ladder.look !== null) {
    return decide({ ...ladder, look: { ...ladder.look, proofs: [...ladder.look.proofs, ...proofs] } }, policy, now);
  }
  const lookedAt = ladder.lookedAt.filter((at) => now - at < HOUR_MS);
  // Beyond the bound only a human's wish counts: something keeps us suspicious, and looking does not settle it.
  if (lookedAt.length >= policy.looksPerHour && suspicion !== 'operator')
    return { next: { ...ladder, lookedAt }, actions: [] };
  const look = { suspicion, proofs, awaitsView: true, awaitsHistory: true };
  const step = decide({ ...ladder, look, lookedAt: [...lookedAt, now] }, policy, now);
  if (step.next.look === null) return step;
  return { next: step.next, actions: [{ do: 'look', suspicion, isConfirming: suspicion === 'server_view' }] };
}

function viewed(ladder: Ladder, isBelow: boolean | null, policy: ReplacePolicy, now: number): LadderStep {
  const { look } = ladder;
  if (look === null) return { next: ladder, actions: [] };
  const proof: Proof = look.proofs.includes('count_below') ? 'count_below_again' : 'count_below';
  const proofs = isBelow === true ? [...look.proofs, proof] : look.proofs;
  return decide({ ...ladder, look: { ...look, proofs, awaitsView: false } }, policy, now);
}

function compared(ladder: Ladder, isProof: boolean, policy: ReplacePolicy, now: number): LadderStep {
  const proofs: readonly Proof[] = isProof ? ['unseen_message'] : [];
  const { look } = ladder;
  if (look !== null) {
    return decide(
      { ...ladder, look: { ...look, proofs: [...look.proofs, ...proofs], awaitsHistory: false } },
      policy,
      now,
    );
  }
  if (!isProof) return { next: ladder, actions: [] };
  const found = { suspicion: 'schedule' as const, proofs, awaitsView: false, awaitsHistory: false };
  return decide({ ...ladder, look: found }, policy, now);
}

function decide(ladder: Ladder, policy: ReplacePolicy, now: number): LadderStep {
  const { look } = ladder;
  if (look === null) return { next: ladder, actions: [] };
  if (isEnough(look.proofs)) return replace(ladder, look.proofs, policy, now);
  if (look.awaitsView || look.awaitsHistory) return { next: ladder, actions: [] };
  return { next: { ...ladder, look: null, recheckAt: null }, actions: [{ do: 'clear', suspicion: look.suspicion }] };
}

function replace(ladder: Ladder, proofs: readonly Proof[], policy: ReplacePolicy, now: number): LadderStep {
  const pauseMs = backoffMs(policy.pause, ladder.vain, 0);
  const freeAt = ladder.replacedAt === null ? now : ladder.replacedAt + pauseMs;
  // Too soon after the last: what is proven is looked at again when the pause is over, and may be gone by then.
  if (freeAt > now) return { next: { ...ladder, look: null, recheckAt: freeAt }, actions: [] };
  const next: Ladder = {
    ...ladder,
    look: null,
    replacedAt: now,
    // In vain until an event says otherwise.
    vain: ladder.vain + 1,
    judgeAt: now + policy.judgeMs,
    recheckAt: now + backoffMs(policy.pause, ladder.vain + 1, 0),
  };
  return { next, actions: [{ do: 'replace', proofs: [...new Set(proofs)] }] };
}

function event(ladder: Ladder): LadderStep {
  if (ladder.judgeAt === null && ladder.vain === 0) return { next: ladder, actions: [] };
  const actions: readonly LadderAction[] = ladder.judgeAt === null ? [] : [{ do: 'judge', isEffective: true }];
  // The recheck stays: of two connections one may bring events while the other does not.
  return { next: { ...ladder, judgeAt: null, vain: 0 }, actions };
}

function tick(ladder: Ladder, policy: ReplacePolicy, now: number): LadderStep {
  let next = ladder;
  const actions: LadderAction[] = [];
  if (next.judgeAt !== null && next.judgeAt <= now) {
    next = { ...next, judgeAt: null };
    actions.push({ do: 'judge', isEffective: false });
  }
  if (next.recheckAt === null || next.recheckAt > now) return { next, actions };
  const again = suspect({ ...next, recheckAt: null }, 'schedule', null, policy, now);
  return { next: again.next, actions: [...actions, ...again.actions] };
}
