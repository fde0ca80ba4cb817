import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, folded, padded } from '../../src/cli/status/fold.js';
import { parseHistory } from '../../src/cli/status/history.js';
import { statusLines } from '../../src/cli/status/lines.js';
import { paintWith, RED } from '../../src/cli/status/paint.js';
import { readingOf } from '../../src/cli/status/reading.js';
import { parseDaemonStatus } from '../../src/doctor/daemon-status.js';
import { statusWith } from '../support/app-connector.js';
import { toldWeek } from '../support/told-week.js';

const paint = paintWith(true);
const RESET = '\u001b[0m';

test('a line that is too wide goes on under its words, broken between them', () => {
  expect(folded('  token     valid for 2 h; latest renewal succeeded', 12, 34)).toEqual([
    '  token     valid for 2 h; latest',
    '            renewal succeeded',
  ]);
  expect(folded('  token     valid', 12, 34)).toEqual(['  token     valid']);
});

test('a word without an end is broken where the line ends, and a narrow terminal is no reason to go on for ever', () => {
  expect(folded('  x  https://example.org/runbooks/a-long-name.md', 5, 24)).toEqual([
    '  x  https://example.org',
    '    /runbooks/a-long-nam',
    '    e.md',
  ]);
  expect(folded('客服', 0, 1)).toEqual(['客', '服']);
});

test('what takes two columns counts as two, and what takes none as none', () => {
  expect(columnsOf('客服bot')).toBe(7);
  expect(columnsOf('e\u0301')).toBe(1);
  expect(columnsOf(paint(RED, 'no'))).toBe(2);
  expect(padded('客服', 6)).toBe('客服  ');
});

test('a colour ends with its line and begins again with the next', () => {
  expect(folded(paint(RED, 'not connected'), 0, 9)).toEqual([`\u001b[31mnot${RESET}`, `\u001b[31mconnected${RESET}`]);
});

test('no line is wider than asked for, and no word of it is lost (seed 7)', () => {
  const word = fc.string({ unit: fc.constantFrom('a', '服', '-', '\u0301', '█'), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1 }),
      fc.nat(20),
      fc.integer({ min: 2, max: 60 }),
      (words, indent, columns) => {
        const lines = folded(words.join(' '), indent, columns);
        expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([]);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      },
    ),
    { seed: 7 },
  );
});

test.each([40, 79, 120])('a week of an app is told in %i columns, the timelines too', (columns) => {
  const { status, history } = toldWeek();
  const body = { version: '1.2.3', phase: 'running', startedAt: 0, uptimeMs: 1, apps: [status] };
  const parsed = parseDaemonStatus(JSON.stringify(body));
  if (typeof parsed === 'string') throw new Error(parsed);
  const reading = readingOf(
    { is: 'ours', url: 'http://127.0.0.1:1', tookMs: 1, status: parsed, livez: 200, readyz: 200 },
    null,
    0,
  );
  const past = parseHistory(JSON.stringify({ ...history, concerns: [] }));
  const lines = statusLines(
    { ...reading, apps: reading.apps.map((app) => ({ ...app, history: past })) },
    true,
    columns,
  ).split('\n');
  expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([]);
  expect(lines.filter((line) => /[▂█]{9}/.test(line.replace(/[^▂█]/g, ''))).length).toBeGreaterThanOrEqual(2);
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('all known, 7 d: connected 95.78 %, 4 outages, 2 restarts');
});

test('a name in wide characters leaves the columns of a list where they are', () => {
  const apps = Array.from({ length: 6 }, (_, nth) => statusWith({ app: nth === 0 ? '客服机器人' : `app-${nth}` }));
  const parsed = parseDaemonStatus(JSON.stringify({ version: '1', phase: 'running', startedAt: 0, uptimeMs: 1, apps }));
  if (typeof parsed === 'string') throw new Error(parsed);
  const lines = statusLines(
    readingOf({ is: 'ours', url: 'u', tookMs: 1, status: parsed, livez: 200, readyz: 200 }, null, 0),
    false,
  )
    .split('\n')
    .filter((line) => line.includes('  well'));
  expect(lines).toHaveLength(6);
  expect(new Set(lines.map((line) => columnsOf(line.slice(0, line.indexOf('well'))))).size).toBe(1);
});
