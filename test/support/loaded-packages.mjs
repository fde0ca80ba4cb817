// Preloaded into a program: at its end it says on standard error which packages of OpenTelemetry were loaded. They are
// CommonJS, so that the cache of require() knows them, however they were imported.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { cache } = createRequire(import.meta.url);

process.on('exit', () => {
  const names = Object.keys(cache).flatMap((file) => /node_modules\/(@opentelemetry\/[^/]+)\//.exec(file)?.[1] ?? []);
  writeSync(2, `loaded: ${JSON.stringify([...new Set(names)].sort())}\n`);
});
