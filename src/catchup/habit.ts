import { type Clock, type Moment, momentOf } from '../ports/index.js';
import {
  type Baseline,
  heardAt,
  isSuspicious,
  learned,
  NO_BASELINE,
  NO_SILENCE,
  prolonged,
  readBaseline,
  type Silence,
  suspiciousInMs,
} from './baseline.js';
import type { Notes } from './notes.js';
import type { BaselinePolicy } from './policy.js';
import type { Presence } from './presence.js';

export interface HabitParts {
  readonly clock: Clock;
  readonly policy: BaselinePolicy;
  readonly presence: Presence;
  readonly notes: Notes;
}

/** How often this app usually hears something, and the silence that lasts now. */
export class Habit {
  readonly #parts: HabitParts;
  #baseline: Baseline = NO_BASELINE;
  #silence: Silence = NO_SILENCE;
  #learnedAt = 0;
  /** Events since then. */
  #unlearned = 0;

  constructor(parts: HabitParts) {
    this.#parts = parts;
  }

  /** Events that should have come since the last one. */
  get missed(): number {
    return this.#silence.missed;
  }

  restore(): void {
    this.#baseline = readBaseline(this.#parts.notes.read('baseline').get('')) ?? this.#baseline;
  }

  start(now: number): void {
    this.#learnedAt = now;
  }

  /** An event came. It is counted, and learned with the next {@link learn}: a busy app hears thousands in between. */
  heard(at: Moment): void {
    if (!this.#parts.policy.isEnabled) return;
    // The time before it was part of a silence that teaches nothing; what comes now does.
    if (this.#silence.isActedOn) this.learn(at);
    this.#unlearned += 1;
    // An event ends the silence, however long it was.
    this.#silence = heardAt(at.now);
  }

  /** Tells the baseline and the silence of the time since last told. */
  learn({ now, wallNow }: Moment = momentOf(this.#parts.clock)): void {
    const { policy, presence } = this.#parts;
    if (!policy.isEnabled) return;
    const elapsedMs = now - this.#learnedAt;
    const events = this.#unlearned;
    this.#learnedAt = now;
    this.#unlearned = 0;
    const { isServed } = presence;
    // A silence that is being looked into teaches nothing: it would make deafness the pattern.
    const taughtMs = isServed && !this.#silence.isActedOn ? elapsedMs : 0;
    const { hours } = this.#baseline;
    this.#baseline = learned(this.#baseline, policy, { events, elapsedMs: taughtMs, wallNow });
    if (this.#baseline.hours !== hours) this.note();
    this.#silence = prolonged(this.#silence, this.#baseline, { now, wallNow, isServed });
  }

  /**
   * Somebody is connected again. What was expected meanwhile is the outage's business. Where a pattern is known, a process
   * that has not heard anything yet is silent from its first connection on.
   */
  resume({ now }: Moment): void {
    const isLearned = this.#silence.since === null && this.#baseline.hours.some((rate) => rate !== null);
    this.#silence = isLearned ? heardAt(now) : { ...this.#silence, countedTo: now };
  }

  /** When the silence will be suspicious unless something comes, monotonic milliseconds; null: not by what is known now. */
  suspiciousAt(): number | null {
    const { clock, policy, presence } = this.#parts;
    if (!policy.isEnabled || !presence.isServed) return null;
    const moment = momentOf(clock);
    const inMs = suspiciousInMs(this.#silence, this.#baseline, policy, moment);
    return inMs === null ? null : moment.now + inMs;
  }

  /** Whether the silence is suspicious, said once per silence. */
  isNewlySuspicious(now: number): boolean {
    const { policy, presence } = this.#parts;
    if (!policy.isEnabled || !presence.isServed || !isSuspicious(this.#silence, policy, now)) return false;
    this.#silence = { ...this.#silence, isActedOn: true };
    return true;
  }

  note(): void {
    this.#parts.notes.set('baseline', { hours: this.#baseline.hours });
  }
}
