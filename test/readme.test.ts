import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newConnection, step } from '../src/connection/connection.js';
import { FAILURES, STATES } from '../src/connection/index.js';
import { seededRandom } from '../src/ports/index.js';
import { type RecoveryRow, recoveryOverview, recoveryTable } from '../src/simulation/index.js';
import { TOKEN_FAILURES } from '../src/token/index.js';
import { DEFAULT_PACING } from '../src/wire/index.js';
import { failed, heard, opened, pong, STEADY_POLICY, start, stop, tick, ticket } from './support/story.js';

const ROOT = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

/** The README with everything that stands elsewhere too put in: written with UPDATE=1, compared without. */
function withGeneratedParts(readme: string): string {
  return readme
    .replace(
      /(<!-- (examples\/\S+) -->\n```ts\n)[\s\S]*?(```)/g,
      (_all, head: string, path: string, tail: string) => head + read(path) + tail,
    )
    .replace(/(<!-- failures -->\n)[\s\S]*?(?=\n## )/, (_all, head: string) => `${head}\n${failuresTable()}`)
    .replace(
      /(<!-- recovery -->\n)[\s\S]*?(?=\n## )/,
      (_all, head: string) => `${head}\n${recoveryOverview(recoveryRows())}\n`,
    );
}

/** What `npm run bench:recovery -- --write` measured. */
const recoveryRows = () => JSON.parse(read('bench/recovery.json')) as RecoveryRow[];

function failuresTable(): string {
  const rows = Object.entries({ ...FAILURES, ...TOKEN_FAILURES })
    .filter(([code]) => code !== 'local_stop')
    .map(([code, { verdict, help }]) => `| \`${code}\` | ${verdict} | ${help} |`);
  return `${['| failure | verdict | what it means, and what to do |', '|---|---|---|', ...rows].join('\n')}\n`;
}

test('examples and the failure table in the README are those of the code (UPDATE=1 writes them)', () => {
  const path = fileURLToPath(new URL('README.md', ROOT));
  if (process.env.UPDATE === '1') writeFileSync(path, withGeneratedParts(read('README.md')));
  expect(read('README.md')).toBe(withGeneratedParts(read('README.md')));
});

test('docs/canary.md shows the example as it is (UPDATE=1 writes it)', () => {
  const path = fileURLToPath(new URL('docs/canary.md', ROOT));
  if (process.env.UPDATE === '1') writeFileSync(path, withGeneratedParts(read('docs/canary.md')));
  expect(read('docs/canary.md')).toBe(withGeneratedParts(read('docs/canary.md')));
  expect(read('docs/canary.md')).toContain(read('examples/canary.ts'));
});

test('docs/recovery.md holds every row of the bench (UPDATE=1 writes them)', () => {
  const page = read('docs/recovery.md');
  const updated = page.replace(
    /(<!-- recovery -->\n)[\s\S]*$/,
    (_all, head) => `${head}\n${recoveryTable(recoveryRows())}\n`,
  );
  if (process.env.UPDATE === '1') writeFileSync(fileURLToPath(new URL('docs/recovery.md', ROOT)), updated);
  expect(read('docs/recovery.md')).toBe(updated);
});

test('the state diagram shows exactly the transitions that the core makes', () => {
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';
  const drawn = [...diagram.matchAll(/^\s*(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} → ${to}`);
  expect(diagram).toContain('Every state leads to stopped by stop() alone.');
  const made = [...transitions()].filter((each) => !each.endsWith('→ stopped'));
  expect(drawn.sort()).toEqual(made.sort());
});

test('every state that the core can stop from leads to stopped', () => {
  const stopping = [...transitions()].filter((each) => each.endsWith('→ stopped')).map((each) => each.split(' ')[0]);
  expect(new Set(stopping)).toEqual(new Set(STATES.filter((state) => state !== 'stopped')));
});

test('both commands of the README exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  expect(read('README.md')).toContain('npm ci && npm run demo');
  expect(read('README.md')).toContain('npm ci && npm test');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
});

test('every relative link of the README leads somewhere', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(4);
  for (const path of links) expect(() => read(path), path).not.toThrow();
});

/** All transitions that come up when everything possible is told to a Connection, at random and from one seed. */
function transitions(): Set<string> {
  const random = seededRandom(20_261_122);
  // An idle Connection is seen once, so chance would not show that it can be stopped too.
  const unstarted = step(newConnection(DEFAULT_PACING), stop(), { now: 0, random: 0 }, STEADY_POLICY).next;
  const found = new Set([`idle → ${unstarted.state}`]);
  let connection = newConnection(DEFAULT_PACING);
  let now = 0;
  for (let round = 0; round < 200_000; round++) {
    const { attempt } = connection.effort;
    const inputs = [tick(), tick(), ticket(attempt), opened(attempt), pong(attempt), heard(attempt)];
    const rare = [failed(attempt, 'connection_reset'), stop(), start()];
    const choice = random() < 0.9 ? inputs : rare;
    const input = choice[Math.floor(random() * choice.length)] ?? tick();
    now += random() * 20_000;
    const { next } = step(connection, input, { now, random: random() }, STEADY_POLICY);
    if (next.state !== connection.state) found.add(`${connection.state} → ${next.state}`);
    connection = next;
  }
  return found;
}
