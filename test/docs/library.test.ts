import { expect, test } from 'vitest';
import { createConnector } from '../../src/connector.js';
import { DEFAULT_APP } from '../../src/simulator/index.js';
import { libraryParts } from './library-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/library.md';

test('docs/library.md is what the docstrings say (UPDATE=1 writes it)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), libraryParts()));
  expect(held).toBe(expected);
});

test('every public member of a connector stands in docs/library.md', async () => {
  const connector = createConnector({ ...DEFAULT_APP, handlers: {} });
  const names = [...Object.getOwnPropertyNames(Object.getPrototypeOf(connector)), ...Object.keys(connector)];
  expect(names.length).toBeGreaterThan(10);
  const obvious = ['constructor', 'appId'];
  for (const name of names.filter((each) => !obvious.includes(each))) {
    expect(read(FILE)).toMatch(new RegExp(`^\\| \`${name}[(\`]`, 'm'));
  }
  await connector.stop();
});
