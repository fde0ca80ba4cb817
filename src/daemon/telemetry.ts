import { readFileSync } from 'node:fs';
import { context, trace } from '@opentelemetry/api';
import type { BasicTracerProvider, Sampler } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import {
  hasTracerProvider,
  type OnTelemetryError,
  packageFolder,
  readBuild,
  redact,
  Sparse,
} from '../observe/index.js';
import { type Clock, learnSecret, learnUrlSecrets } from '../ports/index.js';
import { keepFailures, recordUnsampled } from './failure-keeper.js';
import { SingleFlight } from './single-flight.js';
import type { TracingSettings } from './tracing-settings.js';
import { type OnExport, watchedExporter } from './watched-exporter.js';

export interface TelemetryParts {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Counts what fails. */
  readonly onError: OnTelemetryError;
  /** Default: the packages of OpenTelemetry, loaded now. */
  readonly load?: () => Promise<Sdk>;
}

/** The process's tracing. */
export interface Telemetry {
  /** Sends what is left, within {@link FLUSH_DEADLINE_MS}, and lets go of the process-wide registration. Twice is once. Never rejects. */
  stop(): Promise<void>;
}

/** A collector that is gone must not hold up the end of the process for longer. In milliseconds. */
export const FLUSH_DEADLINE_MS = 2_000;

const NO_TELEMETRY: Telemetry = { stop: async () => {} };

/**
 * Loads OpenTelemetry's SDK and registers it for the process, unless there is nothing to do or somebody did it already,
 * as with `node --import`. Never rejects: what goes wrong is logged and counted, and the daemon runs without spans.
 */
export async function startTelemetry(settings: TracingSettings | null, parts: TelemetryParts): Promise<Telemetry> {
  const { logger, onError, load = loadSdk } = parts;
  if (settings === null) return NO_TELEMETRY;
  if (hasTracerProvider()) {
    logger.info('[feishu] tracing: an OpenTelemetry SDK is registered already and stays in charge');
    return NO_TELEMETRY;
  }
  try {
    const provider = createProvider(await load(), settings, reporterOf(parts));
    const telemetry = register(provider, parts);
    const { serviceName, sampler } = settings;
    logger.info({ url: shownUrl(settings.url), service: serviceName, sampler }, '[feishu] tracing: spans are exported');
    return telemetry;
  } catch (error) {
    onError('export');
    logger.error({ reason: reasonOf(error) }, '[feishu] tracing could not start; the daemon runs without spans');
    return NO_TELEMETRY;
  }
}

/** Only when it is called: the packages are large, and a daemon without tracing never pays for them. */
async function loadSdk(): Promise<Sdk> {
  const [base, otlp, resources, hooks] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  return { ...base, ...otlp, ...resources, ...hooks };
}

/** What is used of OpenTelemetry's packages. */
export type Sdk = Pick<
  typeof import('@opentelemetry/sdk-trace-base'),
  | 'AlwaysOffSampler'
  | 'AlwaysOnSampler'
  | 'BasicTracerProvider'
  | 'BatchSpanProcessor'
  | 'ParentBasedSampler'
  | 'SamplingDecision'
  | 'TraceIdRatioBasedSampler'
> &
  Pick<typeof import('@opentelemetry/exporter-trace-otlp-http'), 'OTLPTraceExporter'> &
  Pick<typeof import('@opentelemetry/resources'), 'defaultResource' | 'resourceFromAttributes'> &
  Pick<typeof import('@opentelemetry/context-async-hooks'), 'AsyncLocalStorageContextManager'>;

interface Provider {
  readonly provider: BasicTracerProvider;
  readonly contextManager: InstanceType<Sdk['AsyncLocalStorageContextManager']>;
}

function createProvider(sdk: Sdk, settings: TracingSettings, onExport: OnExport): Provider {
  const { url, headers, serviceName, resource, sampler } = settings;
  learnCredentials(settings);
  const exporter = watchedExporter(new sdk.OTLPTraceExporter({ url, headers: { ...headers } }), onExport);
  const batches = new sdk.BatchSpanProcessor(exporter);
  const isRatio = sampler.endsWith('traceidratio');
  const chosen = samplerOf(sdk, settings);
  const provider = new sdk.BasicTracerProvider({
    resource: sdk.defaultResource().merge(
      sdk.resourceFromAttributes({
        'service.version': readBuild().version,
        ...resource,
        'service.name': serviceName,
      }),
    ),
    // Who asks for always_off wants nothing; who asks for a share wants to see what failed all the same.
    sampler: isRatio ? recordUnsampled(chosen, sdk.SamplingDecision) : chosen,
    spanProcessors: [isRatio ? keepFailures(batches) : batches],
  });
  return { provider, contextManager: new sdk.AsyncLocalStorageContextManager() };
}

function samplerOf(sdk: Sdk, { sampler, sampleRatio }: TracingSettings): Sampler {
  const parentBased = (root: Sampler) => new sdk.ParentBasedSampler({ root });
  switch (sampler) {
    case 'always_on':
      return new sdk.AlwaysOnSampler();
    case 'always_off':
      return new sdk.AlwaysOffSampler();
    case 'traceidratio':
      return new sdk.TraceIdRatioBasedSampler(sampleRatio);
    case 'parentbased_always_on':
      return parentBased(new sdk.AlwaysOnSampler());
    case 'parentbased_always_off':
      return parentBased(new sdk.AlwaysOffSampler());
    case 'parentbased_traceidratio':
      return parentBased(new sdk.TraceIdRatioBasedSampler(sampleRatio));
  }
}

function register({ provider, contextManager }: Provider, { logger, clock, onError }: TelemetryParts): Telemetry {
  // Somebody may keep a context without spans, for logs: theirs serves ours as well.
  const isOurContext = context.setGlobalContextManager(contextManager.enable());
  trace.setGlobalTracerProvider(provider);
  const flush = new SingleFlight(() => provider.shutdown(), clock, FLUSH_DEADLINE_MS);
  const stop = async (): Promise<void> => {
    try {
      await flush.run();
    } catch (error) {
      onError('export');
      logger.warn({ reason: reasonOf(error) }, '[feishu] tracing: the last spans could not be exported');
    }
    trace.disable();
    if (isOurContext) context.disable();
  };
  let stopped: Promise<void> | null = null;
  return {
    stop() {
      // Once: a second stop would take away what somebody registered since.
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Counts every batch that is lost, and logs few of them: a collector that is down is down for a while. */
function reporterOf({ logger, clock, onError }: TelemetryParts): OnExport {
  const failures = new Sparse();
  return ({ spanCount, error }) => {
    if (error === null) {
      if (failures.count > 0) {
        logger.info({ failures: failures.count }, '[feishu] tracing: spans are exported again');
        failures.reset();
      }
      return;
    }
    onError('export');
    if (failures.next(clock.now())) {
      const fields = { reason: reasonOf(error), spans: spanCount, failures: failures.count };
      logger.warn(fields, '[feishu] tracing: spans could not be exported; events are not affected');
    }
  };
}

const LONGEST_REASON = 200;

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_MODULE_NOT_FOUND') return `OpenTelemetry is not installed: ${installCommand()}`;
  const message = error instanceof Error ? error.message : String(error);
  // Of an HTTP error the code is its status; of a system error the message repeats it.
  const told = code === '' || message.includes(code) ? message : `${message} (${code})`;
  return redact(told.trim() === '' ? 'unknown' : told).slice(0, LONGEST_REASON);
}

/** What an installation without optional packages lacks, in the versions that fit. */
function installCommand(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('package.json', packageFolder()), 'utf8'));
  const { optionalDependencies = {} } = parsed as { readonly optionalDependencies?: Readonly<Record<string, string>> };
  const packages = Object.entries(optionalDependencies).filter(([name]) => name.startsWith('@opentelemetry/'));
  return `npm install ${packages.map(([name, range]) => `${name}@${range}`).join(' ')}`;
}

/** Headers whose value lets somebody in; others say `production`, which must stay readable. */
const CREDENTIAL_HEADER = /auth|key|token|secret|password/i;

/** What the collector asks of us is in nothing that this process says. */
function learnCredentials({ url, headers }: TracingSettings): void {
  learnUrlSecrets(new URL(url));
  for (const [name, value] of Object.entries(headers)) {
    // `Basic …` and `Bearer …`: the scheme is no secret.
    if (CREDENTIAL_HEADER.test(name)) for (const part of value.split(/\s+/)) learnSecret(part);
  }
}

/** A URL may carry a user and a key. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
