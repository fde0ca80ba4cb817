import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { summaryOf } from '../../src/cli/simulation.js';
import { runSimulation } from '../../src/simulation/index.js';
import { TestFace } from '../support/cli-face.js';

const simulate = async (...argv: string[]): Promise<{ readonly face: TestFace; readonly code: number }> => {
  const face = new TestFace(['simulate', ...argv]);
  return { face, code: await runCli(face) };
};

test('with --days the connector lives through them, and what happened is told', async () => {
  const { face, code } = await simulate('--seed', '11', '--days', '2', '--weather', 'stormy');
  expect(face.out).toContain('Simulating 2 days from seed 11. Storms with hardly a pause');
  expect(face.out).toMatch(/time +2[\d.]* days in [\d.]+ s: [\d.]+ days a second/);
  expect(face.out).toMatch(/events +\d+ sent, \d+ handled, \d+ redelivered, \d+ exhausted/);
  expect(face.out).toMatch(/suspicions +\d+: \d+ answered after all, \d+ replaced, \d+ given up/);
  expect(face.out).toContain('Every invariant held.');
  expect(face.err).toBe('');
  expect(code).toBe(EXIT.ok);
  expect(face.listenerCount).toBe(0);
});

test('with --json it is the result, the same at every run', async () => {
  const runs = [
    await simulate('--seed', '11', '--days', '1', '--json'),
    await simulate('--seed', '11', '--days', '1', '--json'),
  ];
  const [first, second] = runs.map(({ face }) => face.out);
  expect(second).toBe(first);
  expect(JSON.parse(first ?? '')).toMatchObject({ seed: 11, days: 1, profile: 'mixed', violation: null });
});

test('a signal ends it with its own code, and the days so far are told', async () => {
  const face = new TestFace(['simulate', '--seed', '11', '--days', '100000', '--weather', 'healthy']);
  const ended = runCli(face);
  await face.saw(/Simulating/);
  face.signal('SIGINT');
  expect(await ended).toBe(EXIT.interrupted);
  expect(face.out).toMatch(/time +1[\d.]* days in/);
});

test('a violation is told with what came before and with the command that shows it again', async () => {
  const result = await runSimulation({ seed: 11, days: 0.1 });
  const violation = {
    invariant: 'opensNoMoreThanWanted',
    says: 'one socket',
    detail: 'two sockets',
    atMs: 7_200_000,
    at: '0d 02:00:00.000',
    seed: 11,
    story: ['0d 01:59:59.000  fault {"fault":"drop_socket"}'],
    replay: 'feishu-connector simulate --seed 11 --days 1',
  } as const;
  const told = summaryOf({ ...result, violation }, 1);
  for (const text of Object.values(violation).filter((value) => typeof value === 'string'))
    expect(told).toContain(text);
  expect(told).toContain(violation.story[0]);
  expect(told).not.toContain('Every invariant held');
});

test.each([
  [['--days', '0'], 'It must be a number above 0'],
  [['--days', '1', '--weather', 'fine'], '--weather must be one of mixed, stormy, healthy, got fine'],
  [['--weather', 'stormy'], '--weather is for --days'],
  [['--days', '1', '--scenario', 'rude-gateway'], 'cannot be used with'],
])('%j is refused with a word about it', async (argv, told) => {
  const { face, code } = await simulate(...argv);
  expect(face.err).toContain(told);
  expect(code).toBe(EXIT.usage);
});
