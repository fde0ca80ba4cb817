// Makes what is published out of what the compiler wrote: build/, module by module, becomes a few files in dist/, beside
// the declarations. Node.js takes a third of a millisecond for each module, and the library alone has over two hundred.
//
// Packages stay outside and nothing is minified: a stack trace still names our functions, and a comment the module.
import { readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = new URL('../', import.meta.url);
/** What package.json names, by where it lies in dist/. */
const ENTRIES = ['index', 'simulator/index', 'cli/main'];
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
for (const folder of ['chunks', ...ENTRIES.map((name) => `${name}.js`)]) {
  rmSync(new URL(`dist/${folder}`, ROOT), { recursive: true, force: true });
}
const { output } = await bundle.write({
  dir: 'dist',
  format: 'esm',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups: groupsOf((await bundle.generate({ format: 'esm' })).output) },
  comments: { legal: false, annotation: false, jsdoc: false }, // the declarations have them
});
await bundle.close();

// Whatever else a file imports would be missing where it is installed.
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
const known = new Set([...Object.keys({ ...dependencies, ...optionalDependencies }), ...builtinModules]);
const files = new Set(output.map(({ fileName }) => fileName));
for (const { fileName, imports = [], dynamicImports = [] } of output) {
  for (const name of [...imports, ...dynamicImports]) {
    if (files.has(name) || name.startsWith('node:') || known.has(name)) continue;
    throw new Error(`bundle: ${fileName} imports ${name}, which package.json does not have`);
  }
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
