import type { Clock } from '../ports/index.js';
import { behindMs, CHECKS, longestWayMs, type Plan } from './table.js';

/** `warn` does not make anything unhealthy, `skip` says nothing either way. */
export const RESULTS = ['ok', 'warn', 'fail', 'skip'] as const;
export type Result = (typeof RESULTS)[number];

/** What one check found. All texts are for people, on one line, and free of secrets. */
export interface Finding {
  readonly result: Result;
  /** What the result rests on, with ages and latencies; of a skipped check the reason. */
  readonly evidence: string;
  /** What to do; null if nothing. */
  readonly advice: string | null;
  /** How old the evidence was when it was read, in milliseconds; null if it is no older than the question, or there is none. */
  readonly ageMs: number | null;
  /** How long the answer took, in milliseconds; null where nobody was asked. */
  readonly tookMs: number | null;
}

/** A finding under the name of its check. */
export interface CheckResult extends Finding {
  /** The app it is about; null for the daemon as a whole, and for what watches over it. */
  readonly app: string | null;
  readonly name: string;
}

/** How one check of the table is made of a subject. */
export interface Check<Subject> {
  /** A row of the table. */
  readonly name: string;
  /** What it needs where it is made of this subject, if that is not what the table says. */
  readonly needs?: readonly string[];
  /**
   * Settles within `limitMs`, whole milliseconds from 1; what goes wrong is a finding.
   * @throws Only on a bug.
   */
  look(subject: Subject, limitMs: number): Finding | Promise<Finding>;
}

/** When the looking has to be over. */
export interface Limit {
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
  /** Who waits for whom. Default: the table. */
  readonly plan?: Plan;
}

/** What became of a check, as far as others depend on it. */
interface Outcome {
  readonly result: CheckResult;
  /** The check that failed in the first place; null if this one stands in nobody's way. */
  readonly culprit: string | null;
}

/**
 * The checks of one app, or of the daemon. Each begins as soon as those it waits for have ended, and takes at most what the
 * time that is left does not keep for those behind it: the first that hangs does not take it all.
 */
export class Round {
  readonly #app: string | null;
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #plan: Plan;
  /** Of the time in the plan, how much there is. */
  readonly #scale: number;
  readonly #outcomes = new Map<string, Promise<Outcome>>();

  constructor(app: string | null, { clock, endsAt, plan = CHECKS }: Limit) {
    this.#app = app;
    this.#clock = clock;
    this.#endsAt = endsAt;
    this.#plan = plan;
    this.#scale = Math.max(0, endsAt - clock.now()) / Math.max(1, longestWayMs(plan));
  }

  /** Makes these checks; what they need of others must have been begun before. @returns Their results, in this order. */
  async make<Subject>(checks: readonly Check<Subject>[], subject: Subject): Promise<CheckResult[]> {
    const begun = checks.map((check) => {
      const outcome = this.#run(check, subject);
      this.#outcomes.set(check.name, outcome);
      return outcome;
    });
    return (await Promise.all(begun)).map(({ result }) => result);
  }

  async #run<Subject>({ name, needs: own, look }: Check<Subject>, subject: Subject): Promise<Outcome> {
    const { needs = [], after = [] } = this.#plan[name] ?? {};
    // Taken before anything is awaited: whoever is begun later is not waited for.
    const needed = (own ?? needs).flatMap((need) => this.#outcomes.get(need) ?? []);
    const awaited = after.flatMap((each) => this.#outcomes.get(each) ?? []);
    const [outcomes] = await Promise.all([Promise.all(needed), Promise.all(awaited)]);
    const culprit = outcomes.find((outcome) => outcome.culprit !== null)?.culprit ?? null;
    if (culprit !== null) return this.#outcome(name, skip(`not reached: ${culprit} failed`), culprit);
    const finding = await look(subject, this.#limitMs(name));
    return this.#outcome(name, finding, finding.result === 'fail' ? name : null);
  }

  #outcome(name: string, finding: Finding, culprit: string | null): Outcome {
    return { result: { app: this.#app, name, ...finding }, culprit };
  }

  #limitMs(name: string): number {
    const leftMs = this.#endsAt - this.#clock.now();
    return Math.max(1, Math.floor(leftMs - behindMs(this.#plan, name) * this.#scale));
  }
}

/** {@link Round} for checks that belong together. */
export function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  app: string | null,
  limit: Limit,
): Promise<CheckResult[]> {
  return new Round(app, limit).make(checks, subject);
}

/** Every check of a list left out, for one reason. */
export function skipAll(
  checks: readonly { readonly name: string }[],
  app: string | null,
  reason: string,
): CheckResult[] {
  return checks.map(({ name }) => ({ app, name, ...skip(reason) }));
}

/**
 * Waits no longer than the limit.
 * @param late What to throw then.
 */
export function inTime<Value>(clock: Clock, work: Promise<Value>, limitMs: number, late: () => Error): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = clock.timer(limitMs, () => reject(late()));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}

/** Ages and durations of a finding, where there are any. */
export type Times = Partial<Pick<Finding, 'ageMs' | 'tookMs'>>;

export function ok(evidence: string, times: Times = {}): Finding {
  return found('ok', evidence, null, times);
}

export function warn(evidence: string, advice: string, times: Times = {}): Finding {
  return found('warn', evidence, advice, times);
}

export function fail(evidence: string, advice: string, times: Times = {}): Finding {
  return found('fail', evidence, advice, times);
}

export function skip(reason: string): Finding {
  return found('skip', reason, null, {});
}

function found(
  result: Result,
  evidence: string,
  advice: string | null,
  { ageMs = null, tookMs = null }: Times,
): Finding {
  // Fractions of a millisecond are noise to whoever reads this.
  const whole = (ms: number | null) => (ms === null ? null : Math.round(ms));
  return { result, evidence, advice, ageMs: whole(ageMs), tookMs: whole(tookMs) };
}
