import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@larksuiteoapi/node-sdk';
import type { Logger } from 'pino';
import { type ConnectorOptions, resolveOptions } from '../connector-options.js';
import { createHandlerSink, createSink } from '../connector-sinks.js';
import type { MetricsRegistry } from '../observe/index.js';
import type { Clock } from '../ports/index.js';
import { checkNats, type Sink, type StdoutSink } from '../sinks/index.js';
import type { AppConfig } from './config.js';
import { HandlerModuleError, type LoadedFor, loadHandlerModule } from './handler-module.js';

/** An app that could run: its options checked, its handlers loaded. */
export interface PreparedApp {
  readonly config: AppConfig;
  readonly handlersVersion: string;
  readonly options: ConnectorOptions;
}

/** An app whose handlers cannot be loaded now, or are not loaded yet. */
export interface UnpreparedApp {
  readonly config: AppConfig;
  readonly failure: HandlerModuleError;
  /** Tries again, by itself. Rejects like {@link prepareApps}. */
  readonly prepare: () => Promise<PreparedApp>;
}

/** What all apps of the daemon share. */
export interface SharedParts {
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly clock: Clock;
  readonly stdout: StdoutSink;
  /** Why nobody reads standard output any more; null while somebody does. */
  readonly stdoutGone: () => string | null;
}

/**
 * Everything that can be wrong with the configuration of apps goes wrong here, before anything that runs is touched: in a
 * reload, where all of them go on as they are then.
 * @throws HandlerModuleError or ConnectorError, or an error that names the app whose output is gone.
 */
export function prepareApps(configs: readonly AppConfig[], shared: SharedParts): Promise<PreparedApp[]> {
  // Together: one module that takes its time holds up the slowest alone.
  const prepare = async (config: AppConfig): Promise<PreparedApp> => {
    try {
      return await prepareApp(config, shared);
    } catch (error) {
      if (!(error instanceof HandlerModuleError)) throw error;
      // Whoever saw a start go on without such an app is not to believe that this did.
      // Short before the cause, which a long line would lose.
      const told = `${config.app} keeps every app from being reloaded: ${error.message}`;
      throw new HandlerModuleError(`${told}. A start would leave out ${config.app} alone.`, { cause: error });
    }
  };
  return Promise.all(configs.map(prepare));
}

/** How long those that are ready wait for others whose handlers take their time to load, in milliseconds. */
export const PATIENCE_MS = 5_000;

/**
 * The same where nothing runs yet that could go on instead: handlers that cannot be loaded, as what they need is not there
 * say, are no reason to leave the other apps unconnected, and neither are those that take long. Where none is ready it waits
 * on.
 */
export function prepareFirstApps(
  configs: readonly AppConfig[],
  shared: SharedParts,
): Promise<(PreparedApp | UnpreparedApp)[]> {
  const unprepared = (config: AppConfig, failure: HandlerModuleError): UnpreparedApp => ({
    config,
    failure,
    prepare: () => prepareApp(config, shared, 'itself'),
  });
  const apps: (PreparedApp | UnpreparedApp)[] = configs.map((config) =>
    unprepared(config, new HandlerModuleError(`the handler module ${config.handler} is still being loaded`)),
  );
  return new Promise((resolve, reject) => {
    let isPatient = true;
    let underWay = configs.length;
    const look = (): void => {
      const isWorthIt = isPatient || !apps.some((app) => 'options' in app);
      if (underWay > 0 && isWorthIt) return;
      patience.cancel();
      resolve([...apps]);
    };
    const patience = shared.clock.timer(PATIENCE_MS, () => {
      isPatient = false;
      look();
    });
    const settled = (index: number, app: PreparedApp | UnpreparedApp): void => {
      apps[index] = app;
      underWay -= 1;
      look();
    };
    configs.forEach((config, index) => {
      prepareApp(config, shared).then(
        (app) => settled(index, app),
        (error: unknown) => {
          if (error instanceof HandlerModuleError) return settled(index, unprepared(config, error));
          patience.cancel();
          reject(error);
        },
      );
    });
    look();
  });
}

async function prepareApp(
  config: AppConfig,
  shared: SharedParts,
  loadedFor: LoadedFor = 'operator',
): Promise<PreparedApp> {
  const { logger, registry } = shared;
  const gone = config.handler === 'stdout' ? shared.stdoutGone() : null;
  if (gone !== null) throw new Error(`${gone}; name a handler for ${config.app}`);
  const { handler: _handler, sink: _settings, ...rest } = config;
  const { sink, version } = await sinkOf(config, shared, loadedFor);
  const options = { ...rest, sink, logger, registry };
  resolveOptions(options);
  return { config, handlersVersion: version, options };
}

/** Whether nothing changed between them: what runs may go on untouched. */
export function isSame(before: PreparedApp, next: PreparedApp): boolean {
  return before.handlersVersion === next.handlersVersion && isDeepStrictEqual(before.config, next.config);
}

/** Whether one must be gone before the other starts: series go by the name, connections by the id, a journal has one owner. */
export function isInTheWay(before: AppConfig, next: AppConfig): boolean {
  const isJournalShared = before.journal !== undefined && before.journal.directory === next.journal?.directory;
  return before.app === next.app || before.appId === next.appId || isJournalShared;
}

/** A sink of the app's own, not started; the connector starts and stops it. */
async function sinkOf(
  config: AppConfig,
  { clock, stdout }: SharedParts,
  loadedFor: LoadedFor,
): Promise<{ readonly sink: Sink<Client>; readonly version: string }> {
  const { handler = 'stdout', sink: settings, app, proxy, caFile } = config;
  if (settings !== undefined) {
    // An optional package that is missing is found here, and not when the first event comes.
    if (settings.jetstream !== undefined) await checkNats();
    const network = { ...(proxy !== undefined && { proxy }), ...(caFile !== undefined && { caFile }) };
    return { sink: createSink<Client>(settings, { app, clock, ...network }), version: '' };
  }
  if (handler === 'stdout') return { sink: createHandlerSink('stdout', stdout.handlers, clock), version: '' };
  const { handlers, version } = await loadHandlerModule(handler, clock, loadedFor);
  return { sink: createHandlerSink('handler', handlers, clock), version };
}
