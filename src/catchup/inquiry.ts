import { pause } from './api.js';
import type { Comparison } from './comparison.js';
import type { Ground } from './ground.js';
import type { Advice } from './lookout-parts.js';
import type { OpenGaps } from './open-gaps.js';
import type { LookoutPolicy } from './policy.js';
import type { Presence } from './presence.js';
import type { Proof, Suspicion } from './report.js';
import type { ServerCount } from './server-count.js';
import { CALM, climbed, type Ladder, type LadderAction, type LadderInput, ladderWakeAt } from './suspicion.js';

export interface InquiryParts {
  readonly ground: Ground;
  readonly policy: Pick<LookoutPolicy, 'replace' | 'view'>;
  readonly presence: Presence;
  readonly gaps: OpenGaps;
  readonly count: ServerCount;
  readonly comparison: Comparison;
  readonly advise: (advice: Advice) => void;
  /** {@link Inquiry.dueAt}, or that of a part that was asked, has changed. */
  readonly rescheduled: () => void;
}

/** Looks into what is suspected: holds the {@link Ladder} from a suspicion to advice, and does what it says. */
export class Inquiry {
  readonly #parts: InquiryParts;
  #ladder: Ladder = CALM;

  constructor(parts: InquiryParts) {
    this.#parts = parts;
  }

  /** What is being looked into; null: nothing. */
  get suspicion(): Suspicion | null {
    return this.#ladder.look?.suspicion ?? null;
  }

  /** When it wants a `tick`, monotonic milliseconds; null: not at all. */
  get dueAt(): number | null {
    return ladderWakeAt(this.#ladder);
  }

  /** @param proof What the suspicion itself proves; null: nothing. */
  suspect(suspicion: Suspicion, proof: Proof | null, detail: string): void {
    this.#parts.ground.tell({ type: 'suspected', suspicion, detail });
    this.climb({ type: 'suspect', suspicion, proof });
    this.#parts.rescheduled();
  }

  climb(input: LadderInput, now = this.#parts.ground.clock.now()): void {
    const { next, actions } = climbed(this.#ladder, input, this.#parts.policy.replace, now);
    this.#ladder = next;
    for (const action of actions) this.#perform(action);
  }

  /** The regular comparison, which suspects nobody. Not while something is looked into: that compares by itself. */
  compare(): void {
    if (this.#ladder.look === null) this.#parts.ground.launch((signal) => this.#compare('schedule', signal));
  }

  /** Nobody is connected any more, for the process goes. */
  forget(): void {
    this.#ladder = { ...this.#ladder, look: null };
  }

  #perform(action: LadderAction): void {
    const { ground } = this.#parts;
    switch (action.do) {
      case 'look':
        ground.launch((signal) => this.#look(action.suspicion, action.isConfirming, signal));
        break;
      case 'replace':
        this.#replace(action.proofs);
        break;
      case 'clear':
        ground.tell({ type: 'cleared', suspicion: action.suspicion });
        break;
      case 'judge':
        ground.tell({ type: 'replace_judged', isEffective: action.isEffective });
        break;
    }
  }

  #replace(proofs: readonly Proof[]): void {
    const { ground, gaps, presence, advise } = this.#parts;
    // Since the last thing that spoke for the connection, whatever came was perhaps not given to us.
    gaps.openDeaf(presence.trustedWallAt ?? ground.clock.wallNow());
    ground.tell({ type: 'replace_advised', proofs, detail: `proven by ${proofs.join(' and ')}` });
    advise({ do: 'replace', proofs });
  }

  async #look(suspicion: Suspicion, isConfirming: boolean, signal: AbortSignal): Promise<void> {
    const { ground, policy, count, rescheduled } = this.#parts;
    if (isConfirming) await pause(ground.clock, policy.view.confirmMs, signal);
    if (signal.aborted) return;
    // First the count: if somebody else is connected, that explains what history has and we have not.
    const seen = await count.poll(signal);
    if (signal.aborted) return;
    this.climb({ type: 'viewed', isBelow: seen === null ? null : count.view.below > 0 });
    if (this.#ladder.look !== null) await this.#compare(suspicion, signal);
    rescheduled();
  }

  async #compare(trigger: Suspicion, signal: AbortSignal): Promise<void> {
    const { comparison, count, gaps, rescheduled } = this.#parts;
    const finding = await comparison.run(trigger, signal);
    if (finding === null) return;
    const { verdict, missedAt } = finding;
    if (missedAt !== null) gaps.openDeaf(comparison.deafSince(missedAt));
    const { view } = count;
    this.climb({ type: 'compared', verdict, isExplained: view.above > 0 && view.verdict !== 'ghost' });
    rescheduled();
  }
}
