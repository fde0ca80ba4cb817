// Makes what is published out of what the compiler wrote: build/, module by module, becomes a few files in dist/, beside
// the declarations that a user's compiler reads and the runbooks as the daemon serves them, and nothing else is left there.
// Node.js takes a third of a millisecond for each module, and the library alone has over two hundred.
//
// Packages stay outside and nothing is minified: a stack trace still names our functions, and a comment the module.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { renderRunbooks } from './runbooks.mjs';

const ROOT = new URL('../', import.meta.url);
/** What package.json names, by where it lies in dist/. */
const ENTRIES = ['index', 'simulator/index', 'cli/main'];
/** Those that are imported, and so typed. */
const TYPED = ['index', 'simulator/index'];
/** Who loads this loads nearly all of the library. */
const CONNECTOR = fileURLToPath(new URL('build/connector.js', ROOT));

const bundle = await rolldown({
  cwd: fileURLToPath(ROOT),
  input: Object.fromEntries(ENTRIES.map((name) => [name, `build/${name}.js`])),
  platform: 'node',
  tsconfig: false,
  transform: { target: 'esnext' },
  external: (id) => /^[a-z@]/i.test(id) && !/^(build\/|@oxc-project\/runtime)/.test(id),
  // No module of ours does anything by being imported: what nobody uses is left out, and so are the packages it imports.
  treeshake: { moduleSideEffects: false },
  onLog(_level, log) {
    throw new Error(`bundle: ${log.message}`);
  },
});
// The old chunks first: a new one of the same name would be another file.
rmSync(new URL('dist/chunks', ROOT), { recursive: true, force: true });
const { output } = await bundle.write({
  dir: 'dist',
  format: 'esm',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups: groupsOf((await bundle.generate({ format: 'esm' })).output) },
  comments: { legal: false, annotation: false, jsdoc: false }, // the declarations have them
});
await bundle.close();

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
// Whatever else a file imports would be missing where it is installed.
const known = new Set([...Object.keys({ ...dependencies, ...optionalDependencies }), ...builtinModules]);
const files = new Set(output.map(({ fileName }) => fileName));
for (const { fileName, imports = [], dynamicImports = [] } of output) {
  for (const name of [...imports, ...dynamicImports]) {
    if (files.has(name) || name.startsWith('node:') || known.has(name)) continue;
    throw new Error(`bundle: ${fileName} imports ${name}, which package.json does not have`);
  }
}

const runbooks = [...renderRunbooks(new URL('alerts/runbooks/', ROOT))].map(([name, html]) => [
  `runbooks/${name}.html`,
  html,
]);
for (const [fileName, text] of [...declarationsFrom(TYPED.map((name) => `${name}.d.ts`)), ...runbooks]) {
  const path = new URL(`dist/${fileName}`, ROOT);
  mkdirSync(new URL('./', path), { recursive: true });
  writeFileSync(path, text);
  files.add(fileName);
}
removeOthers('dist');

/**
 * The declarations that these lead to: who reads the types of the library has no use for those of the command line.
 * What they import of other packages must be there wherever ours is, or nothing compiles without `skipLibCheck`.
 * @returns Texts by file name, relative to dist/.
 */
function declarationsFrom(entries) {
  const found = new Map();
  const waiting = [...entries];
  for (let fileName = waiting.pop(); fileName !== undefined; fileName = waiting.pop()) {
    if (found.has(fileName)) continue;
    const text = readFileSync(new URL(`build/${fileName}`, ROOT), 'utf8');
    found.set(fileName, text);
    // Examples in comments import as well.
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, name] of code.matchAll(/(?:\bfrom|\bimport\()\s*['"]([^'"]+)['"]/g)) {
      const [scope, rest] = name.split('/');
      if (name.startsWith('.')) waiting.push(join(dirname(fileName), name).replace(/\.js$/, '.d.ts'));
      else if (!name.startsWith('node:') && !((name.startsWith('@') ? `${scope}/${rest}` : scope) in dependencies))
        throw new Error(`bundle: the types in ${fileName} need ${name}, which may not be installed`);
    }
  }
  return found;
}

/** What an earlier build left behind would be published too. */
function removeOthers(directory, inside = '') {
  for (const entry of readdirSync(new URL(`${directory}/${inside}`, ROOT), { withFileTypes: true })) {
    const path = `${inside}${entry.name}`;
    if (entry.isDirectory()) removeOthers(directory, `${path}/`);
    else if (!files.has(path)) rmSync(new URL(`${directory}/${path}`, ROOT));
  }
  const folder = new URL(`${directory}/${inside}`, ROOT);
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * Left alone, the library comes in 27 files: one for every set of commands that have some of its modules in common. Three
 * are 15 ms and 0.5 MB less at each start: what the other entries need as well, what commands without a connector need as
 * well, and the rest. So nobody loads much that is not needed.
 * @param chunks How the modules are parted without groups, which tells what is loaded with what.
 */
function groupsOf(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const modulesWith = (chunk, met = new Set()) => {
    if (chunk === undefined || met.has(chunk)) return [];
    met.add(chunk);
    return [...chunk.moduleIds, ...chunk.imports.flatMap((name) => modulesWith(byName.get(name), met))];
  };
  const loaded = chunks
    .filter(({ isEntry, isDynamicEntry }) => isEntry || isDynamicEntry)
    .map((chunk) => ({ chunk, modules: new Set(modulesWith(chunk)) }));
  const library = loaded.find(({ chunk }) => chunk.fileName === 'index.js').modules;
  const others = loaded.filter(({ modules }) => !modules.has(CONNECTOR));
  const group = (name, sharers) => ({
    name,
    test: (id) => library.has(id) && sharers.some(({ modules }) => modules.has(id)),
  });
  // The first that takes a module keeps it.
  return [
    group(
      'common',
      others.filter(({ chunk }) => chunk.isEntry),
    ),
    group('shared', others),
    { name: 'library', test: (id) => library.has(id) },
  ];
}
