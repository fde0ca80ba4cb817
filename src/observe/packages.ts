import { createRequire } from 'node:module';

// The three packages that every connector uses and an import of the library does not: loading them takes longer than
// loading all that is ours. They come with the first connector, or logger, in one go, so one that is missing is told of
// there, and no event ever waits for a file. They are `require`d: that is synchronous, as making a connector is, and
// gives the same instances as an `import`.
const load = createRequire(import.meta.url);

export const openTelemetry = onDemand<typeof import('@opentelemetry/api')>('@opentelemetry/api');
export const pinoPackage = onDemand<typeof import('pino')>('pino');
export const promClient = onDemand<typeof import('prom-client')>('prom-client');

/** @returns What gives the package, loaded at the first call. */
function onDemand<Package>(name: string): () => Package {
  let loaded: Package | null = null;
  return () => {
    loaded ??= load(name) as Package;
    return loaded;
  };
}
