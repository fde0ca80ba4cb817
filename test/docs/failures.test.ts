import { expect, test } from 'vitest';
import { FAILURES } from '../../src/connection/index.js';
import { TOKEN_FAILURES } from '../../src/token/index.js';
import { failuresParts, operatorFailures } from './failures-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/failures.md';

test('docs/failures.md is what the rooms say (UPDATE=1 writes it)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), failuresParts()));
  expect(held).toBe(expected);
});

test('every failure has one row and one anchor, and the README those that need a human', () => {
  const all = Object.entries({ ...TOKEN_FAILURES, ...FAILURES }).filter(([word]) => word !== 'local_stop');
  for (const [word, { verdict }] of all) {
    expect(read(FILE).split(`<a id="${word}"></a>\`${word}\``), word).toHaveLength(2);
    expect(operatorFailures().includes(`| \`${word}\` |`), word).toBe(verdict === 'operator');
  }
});

test('a word that both rooms use has one verdict in both', () => {
  const ofToken: Readonly<Record<string, { readonly verdict: string }>> = TOKEN_FAILURES;
  for (const [word, { verdict }] of Object.entries(FAILURES)) {
    if (word in ofToken) expect({ word, verdict: ofToken[word]?.verdict }).toEqual({ word, verdict });
  }
});
