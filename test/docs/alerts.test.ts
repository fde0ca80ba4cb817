import { expect, test } from 'vitest';
import { ALERT_NAMES, THRESHOLDS } from '../../src/alerts/index.js';
import { alertParts } from './alerts-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/alerts.md';

test('docs/alerts.md is what the rules say (UPDATE=1 writes it)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), alertParts()));
  expect(held).toBe(expected);
});

test('every alert stands once in docs/alerts.md, and every threshold says which alerts it moves', () => {
  const page = read(FILE);
  for (const name of ALERT_NAMES) expect(page.split(`\n| [${name}](`)).toHaveLength(2);
  for (const name of Object.keys(THRESHOLDS)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    // One that moves nothing would be a number that somebody sets in vain.
    expect(row, name).toMatch(/ Feishu\w+(, Feishu\w+)* \|$/);
  }
});
