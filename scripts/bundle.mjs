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
