import type { CheckResult, Diagnosis, Result } from '../../doctor/index.js';

const WORDS: Readonly<Record<Result, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' };
const COLOURS: Readonly<Record<Result, number>> = { ok: 32, warn: 33, fail: 31, skip: 90 };

/** A diagnosis for people: a line per check, its advice below it, and the verdict last. */
export function diagnosisLines({ checks, verdict, isHealthy }: Diagnosis, isColoured: boolean): string {
  const paint = (colour: number, text: string) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const blocks = groupsOf(checks).map(({ title, members }) => {
    const lines = members.flatMap(({ result, name, evidence, advice }) => [
      `  ${paint(COLOURS[result], WORDS[result])}  ${name.padEnd(width)}  ${evidence}`,
      ...(advice === null ? [] : [`  ${' '.repeat(WORDS.ok.length + width + 2)}  → ${advice}`]),
    ]);
    return [paint(1, title), ...lines].join('\n');
  });
  return [...blocks, paint(COLOURS[isHealthy ? 'ok' : 'fail'], verdict)].join('\n\n');
}

interface Group {
  readonly title: string;
  readonly members: CheckResult[];
}

/** The checks of each app under its name, in the order in which they came. */
function groupsOf(checks: readonly CheckResult[]): readonly Group[] {
  const groups = new Map<string | null, Group>();
  for (const check of checks) {
    const group = groups.get(check.app) ?? { title: check.app ?? 'daemon', members: [] };
    group.members.push(check);
    groups.set(check.app, group);
  }
  return [...groups.values()];
}
