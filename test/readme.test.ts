import { expect, test } from 'vitest';
import { ALERT_NAMES } from '../src/alerts/index.js';
import { newConnection, step } from '../src/connection/connection.js';
import { STATES } from '../src/connection/index.js';
import { seededRandom } from '../src/ports/index.js';
import { INVARIANT_NAMES } from '../src/simulation/index.js';
import { FAULT_KINDS } from '../src/simulator/index.js';
import { DEFAULT_PACING } from '../src/wire/index.js';
import { readmeOf, recoveryPageOf, withExamples } from './docs/readme-page.js';
import { committed, read } from './docs/support/root.js';
import { failed, heard, opened, pong, STEADY_POLICY, start, stop, tick, ticket } from './support/story.js';

const README = 'README.md';

test('examples, times and failures in the README are those of the code (UPDATE=1 writes them)', () => {
  const { held, expected } = committed(README, readmeOf(read(README)));
  expect(held).toBe(expected);
});

test('docs/canary.md shows the example as it is (UPDATE=1 writes it)', () => {
  const { held, expected } = committed('docs/canary.md', withExamples(read('docs/canary.md')));
  expect(held).toBe(expected);
  expect(held).toContain(read('examples/canary.ts'));
});

test('docs/recovery.md holds every row of the bench (UPDATE=1 writes them)', () => {
  const { held, expected } = committed('docs/recovery.md', recoveryPageOf(read('docs/recovery.md')));
  expect(held).toBe(expected);
});

test('what the README counts is as many', () => {
  const readme = read(README).replace(/\s+/g, ' ');
  expect(readme).toContain(`${ALERT_NAMES.length} alerts with a runbook each`);
  expect(readme).toContain(`holds it to ${INVARIANT_NAMES.length} invariants`);
  const incidents = [...read('docs/incident-table.md').matchAll(/<a id="(f\d+)">/g)];
  expect(readme).toContain(`The ${incidents.length} ways in which such bots fell silent`);
});

test('what was measured is said alike wherever it is said', () => {
  const [readme, scale, deployment, changelog] = [
    'README.md',
    'docs/scale.md',
    'docs/deployment.md',
    'CHANGELOG.md',
  ].map((page) => read(page).replace(/\s+/g, ' '));
  const [, event, journaled] =
    /(\d+ µs) of CPU for an event, metrics included, and (\d+ µs) with a journal/.exec(readme ?? '') ?? [];
  expect(scale).toContain(`an event is ${event} of CPU then, ${journaled} with a journal`);
  const [, imported, made] =
    /Importing the library takes (.+?), a connector made with it (.+?);/.exec(readme ?? '') ?? [];
  expect(deployment).toContain(`about ${imported} |`);
  expect(deployment).toContain(`about ${made} |`);
  expect(changelog).toContain(`That is ${imported} instead of`);
});

test('what the changelog counts is as many', () => {
  const changelog = read('CHANGELOG.md').replace(/\s+/g, ' ');
  expect(changelog).toContain(`${FAULT_KINDS.length} kinds of faults`);
  expect(changelog).toContain(`holds it to ${INVARIANT_NAMES.length} invariants`);
});

test('the state diagram shows exactly the transitions that the core makes', () => {
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(read(README))?.[1] ?? '';
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
  expect(read(README)).toContain('npm ci && npm run demo');
  expect(read(README)).toContain('npm ci && npm test');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
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
