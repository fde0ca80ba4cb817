import { expect, test } from 'vitest';
import { ENVIRONMENT } from '../../src/daemon/index.js';
import { securityParts } from './security-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/security.md';

test('docs/security.md has every route with its audience, and every limit, as the code has them (UPDATE=1 writes them)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), securityParts()));
  expect(held).toBe(expected);
});

test('every variable on the page is there', () => {
  const names = read(FILE).match(/\bFEISHU_[A-Z_]+/g) ?? [];
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => !(name in ENVIRONMENT))).toEqual([]);
});
