import { expect, test } from 'vitest';
import { apiParts, ELSEWHERE, MAIN, SIMULATOR, TOPICS } from './api-page.js';
import { committed, read, withParts } from './support/root.js';

const FILE = 'docs/api.md';

test('docs/api.md is what the declarations say (UPDATE=1 writes it)', () => {
  const { held, expected } = committed(FILE, withParts(read(FILE), apiParts()));
  expect(held).toBe(expected);
});

test('every module of the entry belongs to a topic', () => {
  const modules = [...new Set(MAIN.map(({ from }) => from))].sort();
  expect(modules).toEqual(Object.values(TOPICS).flat().sort());
  expect(MAIN.length).toBeGreaterThan(80);
  expect(SIMULATOR.length).toBeGreaterThan(50);
});

test.each([
  ['feishu-connector', MAIN],
  ['feishu-connector/simulator', SIMULATOR],
])('every export of %s says what it is', (_entry, exports) => {
  expect(exports.filter(({ docstring }) => docstring.trim() === '').map(({ name }) => name)).toEqual([]);
});

test('what stands on another page is an export', () => {
  const names = MAIN.map(({ name }) => name);
  expect(Object.keys(ELSEWHERE).filter((name) => !names.includes(name))).toEqual([]);
});

/** Names of the language, of Node.js, and of packages whose types ours speak of; and parameters of types. */
const FOREIGN = new Set([
  ...['AbortSignal', 'Buffer', 'Error', 'Iterable', 'Promise', 'Uint8Array', 'URL'],
  ...[
    'NonNullable',
    'Omit',
    'Partial',
    'Pick',
    'Readonly',
    'Record',
    'ReturnType',
    'ConstructorParameters',
    'Parameters',
  ],
  ...['Client', 'CardActionHandler', 'EventDispatcher', 'SdkWSClient', 'ConnectionStatus'],
  ...['Logger', 'OpenMetricsContentType', 'PrometheusContentType', 'Registry'],
  ...['Event', 'Name', 'Report'],
]);

test('whoever uses the package can name every type that it speaks of', () => {
  const names = new Set(MAIN.map(({ name }) => name));
  const unnamed = MAIN.flatMap(({ name, head, members, isTypeOnly }) => {
    // Whose type alone is exported is made by us.
    const isForUsers = ({ path }: { readonly path: string }) => path !== 'constructor' || !isTypeOnly;
    const text = [head, ...members.filter(isForUsers).map(({ type }) => type)]
      .join(' ')
      .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, '');
    const types = text.match(/(?<![.\w])[A-Z]\w+\b/g) ?? [];
    return types.filter((type) => !names.has(type) && !FOREIGN.has(type)).map((type) => `${name} speaks of ${type}`);
  });
  expect([...new Set(unnamed)]).toEqual([]);
});
