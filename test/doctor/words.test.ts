import { expect, test } from 'vitest';
import { momentAndAge, printable, span } from '../../src/doctor/words.js';

test.each([
  [-5, '0 ms'],
  [0.4, '0 ms'],
  [12.4, '12 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [3_000, '3.0 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min'],
  [125_000, '2 min 5 s'],
  [3_599_600, '1 h'],
  [30_600_000, '8 h 30 min'],
  [86_399_000, '1 d'],
  [273_600_000, '3 d 4 h'],
])('%i ms read as %s', (ms, words) => {
  expect(span(ms)).toBe(words);
});

test('a moment stands with its age', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  expect(momentAndAge(at, at + 90_000)).toBe('2026-01-02T03:04:05.000Z (1 min 30 s ago)');
});

test('a foreign text forges no line and no colour, and fills no screen', () => {
  expect(printable(' ok\n\u001b[31mFAIL\u001b[0m\u0000 ')).toBe('ok [31mFAIL [0m');
  expect(printable('é界'.repeat(300))).toHaveLength(400);
});
