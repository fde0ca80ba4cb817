import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { alertFiles, DEFAULT_ALERT_OPTIONS } from '../../src/alerts/index.js';
import { ENVIRONMENT, TRACING_ENVIRONMENT } from '../../src/daemon/index.js';
import { runTool } from '../support/run-tool.js';
import { withFiles } from '../support/temporary-folder.js';
import { refusalOfArguments } from './support/command-line.js';
import { refusalOfSnippet } from './support/config-snippet.js';
import { FENCES, type Fence, PAGES, placeOf, proseOf } from './support/pages.js';
import { read } from './support/root.js';
import { commandsOf, type ShellCommand } from './support/shell.js';
import { complaintsOf } from './support/type-check.js';

/** What is shown and does nothing: output, pictures, definitions of others. */
const SHOWN = ['text', 'mermaid', 'proto', 'json', 'jsonl'];

const of = (...languages: string[]): readonly Fence[] => FENCES.filter(({ language }) => languages.includes(language));

test('every block says what it is, in a language that is checked or only shown', () => {
  const known = ['ts', 'js', 'sh', 'yaml', 'diff', ...SHOWN];
  expect(FENCES.filter(({ language }) => !known.includes(language)).map(placeOf)).toEqual([]);
  expect(FENCES.length).toBeGreaterThan(30);
});

test('every TypeScript block compiles against the package, as strictly as the package itself', {
  timeout: 120_000,
}, async () => {
  const snippets = of('ts', 'diff').map((fence) => ({
    place: placeOf(fence),
    text: fence.language === 'diff' ? afterwards(fence.text) : fence.text,
    given: /^given: (.*)$/.exec(fence.mark)?.[1] ?? '',
  }));
  expect(snippets.length).toBeGreaterThan(5);
  expect(await complaintsOf(snippets)).toEqual([]);
});

test('the compiler is asked: a snippet that is wrong is told by its place', { timeout: 120_000 }, async () => {
  const wrong = { place: 'docs/none.md:7', text: "import { none } from 'feishu-connector';\n", given: '' };
  expect(await complaintsOf([wrong])).toEqual([expect.stringMatching(/^docs\/none\.md:7 line 1: error TS2305/)]);
});

test('every block of JavaScript is a file that the commands beside it run', () => {
  for (const fence of of('js')) expect(fence.mark, placeOf(fence)).toMatch(/^file: \w+\.mjs$/);
});

test('every block of JSON is JSON, and every line of JSON lines', () => {
  const texts = FENCES.flatMap((fence) => {
    if (fence.language === 'json') return [{ place: placeOf(fence), text: fence.text }];
    if (fence.language !== 'jsonl') return [];
    return fence.text
      .trimEnd()
      .split('\n')
      .map((text) => ({ place: placeOf(fence), text }));
  });
  expect(texts.length).toBeGreaterThan(4);
  for (const { place, text } of texts) expect(() => JSON.parse(text), place).not.toThrow();
});

test('every block of YAML is what the daemon reads, or says whose it is', async () => {
  for (const fence of of('yaml')) {
    if (fence.mark === 'refused') continue; // its refusal is compared in configuration.test.ts
    if (fence.mark === 'for: prometheus') {
      expect(await promtoolSays(fence.text), placeOf(fence)).toMatch(
        /SUCCESS: .* is valid prometheus config file syntax/,
      );
    } else if (/^for: /.test(fence.mark)) {
      for (const document of parseAllDocuments(fence.text)) expect(document.errors, placeOf(fence)).toEqual([]);
    } else {
      expect({ at: placeOf(fence), refusal: await refusalOfSnippet(fence.text) }).toEqual({
        at: placeOf(fence),
        refusal: null,
      });
    }
  }
});

const COMMANDS = of('sh').flatMap((fence) =>
  commandsOf(fence.text).map((command) => ({ at: placeOf(fence), command })),
);

/** Commands in the middle of a sentence: what stands in backquotes and begins with a program of ours. */
const INLINE = PAGES.flatMap((page) =>
  [...proseOf(page).matchAll(/`((?:[A-Z_]+=\S+ )*(?:npx )?(?:feishu-connector|npm run) [^`]+)`/g)].flatMap(
    ([, line = '']) => commandsOf(line.replace(/…|<[^>]*>/g, 'x')).map((command) => ({ at: page, command })),
  ),
);

test('every command line of feishu-connector is one that it takes', async () => {
  const refused: unknown[] = [];
  let count = 0;
  for (const { at, command } of [...COMMANDS, ...INLINE]) {
    const words = ownArguments(command);
    if (words === null) continue;
    count += 1;
    const refusal = await refusalOfArguments(words);
    if (refusal !== null) refused.push({ at, words, refusal });
  }
  expect(refused).toEqual([]);
  expect(count).toBeGreaterThan(20);
});

test('its own parser is asked: an option that does not exist is refused', async () => {
  expect(await refusalOfArguments(['run', '--confg', 'x'])).toMatch(/unknown option '--confg'/);
  expect(await refusalOfArguments(['dead-letters', 'lst'])).toMatch(/unknown command/);
  expect(await refusalOfArguments(['completion', 'tcsh'])).toMatch(/Allowed choices/);
});

test('every script that is run exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const { at, command } of [...COMMANDS, ...INLINE]) {
    const [program, verb, name = ''] = command.words;
    if (program !== 'npm') continue;
    if (verb === 'run') expect(Object.keys(scripts), `${at}: npm run ${name}`).toContain(name);
    else expect(['ci', 'install', 'test', 'init'], `${at}: npm ${verb}`).toContain(verb);
  }
});

/** Programs of others that the pages name, and no more than these: what they do is not ours to test. */
const FOREIGN = [
  'promtool',
  'curl',
  'sleep',
  'grep',
  'cd',
  'for',
  'cp',
  'grafana',
  'mkdir',
  'printf',
  'install',
  'export',
];

test('whatever else a block runs is one of few programs that belong to others', () => {
  const programs = COMMANDS.map(({ command: { words } }) => words[0] ?? '').filter(
    (program) => !['npm', 'npx', 'feishu-connector'].includes(program),
  );
  expect([...new Set(programs)].filter((program) => !FOREIGN.includes(program))).toEqual([]);
});

test('every variable that is named is one that is read', () => {
  const known: readonly string[] = [...Object.keys(ENVIRONMENT), ...Object.keys(TRACING_ENVIRONMENT)];
  for (const page of PAGES) {
    const names = [...read(page).matchAll(/\b(?:FEISHU|OTEL)_[A-Z0-9_]*[A-Z0-9]\b/g)].map(([name]) => name);
    expect({ page, unknown: names.filter((name) => !known.includes(name)) }).toEqual({ page, unknown: [] });
  }
});

/** Checked beside the rule files that are shipped. */
function promtoolSays(text: string): Promise<string> {
  const files = { ...alertFiles(DEFAULT_ALERT_OPTIONS), 'checked.yml': text };
  return withFiles(
    files,
    async (folder) => (await runTool('promtool', ['check', 'config', 'checked.yml'], folder)).output,
  );
}

/** The arguments, if it is ours, by whichever name it is called. */
function ownArguments({ words }: ShellCommand): readonly string[] | null {
  const own = words[0] === 'npx' ? words.slice(1) : words;
  if (own[0] === 'feishu-connector') return own.slice(1);
  const isDemo = words[0] === 'npm' && words[1] === 'run' && words[2] === 'demo';
  return isDemo ? ['demo', ...words.slice(3).filter((word) => word !== '--')] : null;
}

/** What a file looks like once a diff is applied. */
function afterwards(diff: string): string {
  return diff
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(1))
    .join('\n');
}
