import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Package {
  readonly main: string;
  readonly types: string;
  readonly typesVersions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string } | string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Package;
const DECLARED = Object.values(PACKAGE.exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]));

/** Every declaration that these lead to, with the other packages that each one needs. */
function declarationsFrom(entries: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const names = [...code.matchAll(/(?:\bfrom|\bimport\()\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name);
    found.set(
      file,
      names.filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
    );
    for (const name of names)
      if (name.startsWith('.')) waiting.push(join(dirname(file), name.replace(/\.js$/, '.d.ts')));
  }
  return found;
}

test('whoever compiles needs no package that may not be installed, and none whose own declarations do not compile', () => {
  const needed = new Set([...declarationsFrom(DECLARED).values()].flat());
  expect([...needed].filter((name) => !(name in PACKAGE.dependencies))).toEqual([]);
  // With `skipLibCheck: false` a type of lmdb is an error in every program.
  expect(needed).not.toContain('lmdb');
  expect(needed).toContain('pino');
});

test('every file of the build is one that somebody can load or read', () => {
  const declarations = declarationsFrom(DECLARED.map((path) => path.replace(/^\.\//, '')));
  const code = /^(?:index|simulator\/index|cli\/main|chunks\/[\w-]+)\.js$/;
  const files = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\./.test(name),
  );
  expect(files.length).toBeGreaterThan(100);
  // A page for each, which the daemon finds by its name.
  const runbooks = readdirSync(join(ROOT, 'alerts/runbooks')).map(
    (name) => `runbooks/${name.replace(/\.md$/, '.html')}`,
  );
  const pages = files.filter((name) => name.startsWith('runbooks/'));
  expect(pages.sort()).toEqual(runbooks.sort());
  const others = files.filter((name) => !pages.includes(name));
  expect(others.filter((name) => !code.test(name) && !declarations.has(`dist/${name}`))).toEqual([]);
});

test('who resolves modules as TypeScript did before exports, as CommonJS projects do, finds the same types', () => {
  const { main, types, typesVersions, exports } = PACKAGE;
  expect({ types, default: main }).toEqual(exports['.']);
  const others = Object.entries(exports).flatMap(([name, entry]) =>
    name === '.' || typeof entry === 'string' ? [] : [[name.replace('./', ''), [entry.types]]],
  );
  expect(typesVersions).toEqual({ '*': Object.fromEntries(others) });
  for (const path of [main, ...DECLARED, ...Object.values(PACKAGE.bin)])
    expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
});
