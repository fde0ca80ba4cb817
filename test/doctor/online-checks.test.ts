import { expect, test } from 'vitest';
import { judgeAfter, judgeBefore, judgeBeside, judgeDuring } from '../../src/doctor/online-checks.js';

test('nobody online is how it should be where no daemon runs it', () => {
  expect(judgeBefore(0, 12)).toMatchObject({ result: 'ok', tookMs: 12 });
});

test('F07: somebody online without a daemon is a foreign consumer, or a connector elsewhere', () => {
  expect(judgeBefore(1, 12)).toMatchObject({
    result: 'warn',
    evidence: "the platform counts 1 connection of this app, and none of them is a daemon's that was found here",
    advice: expect.stringContaining('(F07)'),
  });
  expect(judgeBefore(1, 12).advice).not.toContain('F06');
});

test('F06: near the limit of fifty it is said that the next ones are refused', () => {
  expect(judgeBefore(44, 1).advice).not.toContain('F06');
  expect(judgeBefore(45, 1).advice).toContain('At most 50 may be online');
});

test('a probe connection that is not counted is a warning', () => {
  expect(judgeDuring(0, 1, 3)).toMatchObject({
    result: 'ok',
    evidence: 'with the probe connection it counts 1, 0 before',
  });
  expect(judgeDuring(1, 1, 3)).toMatchObject({ result: 'warn', advice: expect.stringContaining('F04') });
});

test('a closed connection that is still counted is no more than that', () => {
  expect(judgeAfter(0, 0, 3)).toMatchObject({ result: 'ok' });
  expect(judgeAfter(0, 1, 3)).toMatchObject({ result: 'ok', evidence: expect.stringContaining('(F08)') });
});

test.each([
  [1, 1, 'ok', null],
  [0, 1, 'fail', /\(F04\)/],
  [2, 1, 'warn', /\(F07\)/],
  [50, 1, 'warn', /\(F06\)/],
] as const)('beside a daemon %i counted of %i expected is %s', (count, expected, result, advice) => {
  const found = judgeBeside(count, expected, 'asked now, in 3 ms');
  expect(found.result).toBe(result);
  if (advice === null) expect(found.advice).toBeNull();
  else expect(found.advice).toMatch(advice);
});
