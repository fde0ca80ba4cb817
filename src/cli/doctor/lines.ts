import { CHECKS, type CheckResult, type Diagnosis, type Result } from '../../doctor/index.js';
import { redact } from '../../ports/index.js';
import { columnsOf } from '../status/fold.js';

const WORDS: Readonly<Record<Result, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' };
const COLOURS: Readonly<Record<Result, number>> = { ok: 32, warn: 33, fail: 31, skip: 90 };

/**
 * A diagnosis for people: a line per check, its advice below it, and the verdict last. What was skipped for one reason
 * stands in one line, behind the checks that were made.
 * @param columns Of the terminal; what is longer goes on below where it began. Null: every line is left whole, for programs.
 */
export function diagnosisLines(
  { checks, verdict, isHealthy }: Diagnosis,
  isColoured: boolean,
  columns: number | null = null,
): string {
  // What daemons and platforms say is not ours; and half a secret, at the end of a line, would look like none.
  const line = (head: string, body: string) => folded(head, redact(body), columns);
  const paint = (colour: number, text: string) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const width = Math.max(0, ...checks.filter(({ result }) => result !== 'skip').map(({ name }) => name.length));
  const blocks = groupsOf(checks).map(({ title, members }) => {
    const made = members.filter(({ result }) => result !== 'skip');
    const lines = made.flatMap(({ result, name, evidence, advice }) => [
      line(`  ${paint(COLOURS[result], WORDS[result])}  ${name.padEnd(width)}  `, evidence),
      ...(advice === null ? [] : [line(`  ${' '.repeat(WORDS.ok.length + width + 2)}  → `, advice)]),
    ]);
    const skipped = skipsOf(members).map(({ names, reason }) =>
      line(`  ${paint(COLOURS.skip, WORDS.skip)}  `, `${names.join(', ')}: ${reason}`),
    );
    return [paint(1, redact(title)), ...lines, ...skipped].join('\n');
  });
  const runbooks = runbooksIn(checks).map((name) => `feishu-connector runbook ${name}`);
  return [
    ...blocks,
    ...(runbooks.length === 0 ? [] : [['To read what is named above:', ...runbooks].join('\n  ')]),
    paint(COLOURS[isHealthy ? 'ok' : 'fail'], line('', verdict)),
  ].join('\n\n');
}

/** As advice names them; what else begins so may be an app. */
const RUNBOOK = /(?<=\brunbooks?(?: is)? (?:Feishu\w+ and )?)Feishu\w+/g;

/** Those that an advice names, each once. */
function runbooksIn(checks: readonly CheckResult[]): readonly string[] {
  return [...new Set(checks.flatMap(({ advice }) => advice?.match(RUNBOOK) ?? []))];
}

/** What is narrower is left to the terminal to break. */
const LEAST_COLUMNS = 60;
/** Below this width a column of text is harder to read than one that begins at the margin. */
const LEAST_WIDTH = 36;
const MARGIN = ' '.repeat(8);
/** What is to be copied into a shell stays on one line. */
const WORD = /feishu-connector reconnect -.*$|\S+/g;
/** A text behind its head, broken between words. Pure. */
function folded(head: string, body: string, columns: number | null): string {
  const indent = columnsOf(head);
  if (columns === null || columns < LEAST_COLUMNS || indent + columnsOf(body) <= columns) return head + body;
  const hang = columns - indent >= LEAST_WIDTH ? ' '.repeat(indent) : MARGIN;
  const lines: string[] = [];
  let line = head;
  let width = indent;
  let isFresh = true;
  for (const word of body.match(WORD) ?? []) {
    const wordColumns = columnsOf(word);
    if (!isFresh && width + 1 + wordColumns > columns) {
      lines.push(line);
      [line, width, isFresh] = [hang, hang.length, true];
    }
    line += isFresh ? word : ` ${word}`;
    width += wordColumns + (isFresh ? 0 : 1);
    isFresh = false;
  }
  return [...lines, line].join('\n');
}

interface Group {
  readonly title: string;
  readonly members: CheckResult[];
}

/** The checks of each app under its name, in the order in which they came. */
function groupsOf(checks: readonly CheckResult[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const check of checks) {
    const title = check.app ?? sectionOf(check.name);
    // No app's name begins with a space.
    const key = check.app ?? ` ${title}`;
    const group = groups.get(key) ?? { title, members: [] };
    group.members.push(check);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sectionOf(name: string): string {
  return Object.entries(CHECKS).find(([known]) => known === name)?.[1].section ?? 'daemon';
}

/** In the order in which each reason came first. */
function skipsOf(checks: readonly CheckResult[]): readonly { readonly reason: string; readonly names: string[] }[] {
  const byReason = new Map<string, string[]>();
  for (const { result, name, evidence } of checks) {
    if (result === 'skip') byReason.set(evidence, [...(byReason.get(evidence) ?? []), name]);
  }
  return [...byReason].map(([reason, names]) => ({ reason, names }));
}
