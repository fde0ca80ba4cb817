import type { Clock } from '../ports/index.js';

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
  /** The app it is about; null for the daemon as a whole. */
  readonly app: string | null;
  readonly name: string;
}

/** One question about a subject. A new one is an entry in a list: DAEMON_CHECKS or PROBE_CHECKS. */
export interface Check<Subject> {
  readonly name: string;
  /** Earlier checks of the list without which this one makes no sense: it is skipped where one of them failed. */
  readonly needs: readonly string[];
  /** Its share of the time that is left, against the checks behind it. Default 1; 0 for one that asks nobody. */
  readonly weight?: number;
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
}

/**
 * Asks one question after the other. What one of them leaves of its time goes to those behind it, so that the first
 * that hangs does not take it all.
 */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  app: string | null,
  { clock, endsAt }: Limit,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  /** Which check failed in the first place, by the name of the one that could not be made or failed. */
  const culprits = new Map<string, string>();
  for (const [index, check] of checks.entries()) {
    const { name, needs, weight = 1 } = check;
    const culprit = needs.map((need) => culprits.get(need)).find((found) => found !== undefined);
    const ahead = checks.slice(index).reduce((sum, { weight: each = 1 }) => sum + each, 0);
    const limitMs = Math.max(1, Math.floor(((endsAt - clock.now()) * weight) / Math.max(1, ahead)));
    const finding =
      culprit === undefined ? await check.look(subject, limitMs) : skip(`the check before it failed: ${culprit}`);
    if (finding.result === 'fail' || finding.result === 'skip') culprits.set(name, culprit ?? name);
    results.push({ app, name, ...finding });
  }
  return results;
}

/** Every check of a list left out, for one reason. */
export function skipAll(checks: readonly Check<never>[], app: string | null, reason: string): CheckResult[] {
  return checks.map(({ name }) => ({ app, name, ...skip(reason) }));
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
