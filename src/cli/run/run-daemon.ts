import type { Logger } from 'pino';
import {
  type Daemon,
  type DaemonConfig,
  type Ending,
  FLUSH_DEADLINE_MS,
  type Layer,
  loadConfig,
  startDaemon,
} from '../../daemon/index.js';
import { createLogger, readBuild } from '../../observe/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type CliFace, writeLine } from '../face.js';
import { type Interruption, listenForInterruption } from '../interruption.js';
import { reportError } from '../report-error.js';
import { type RunningSimulator, startSimulator } from '../simulator.js';
import { Reloads } from './reloads.js';

export interface RunOptions {
  readonly config?: string;
  readonly simulator?: true;
  readonly listen?: string;
  readonly logLevel?: string;
  readonly json?: true;
}

/** Beyond the drain: the close handshake's 2 s, the flush of spans, and one for everything else. Then the process ends regardless. */
export const STOP_MARGIN_MS = 3_000 + FLUSH_DEADLINE_MS;

/** Events go to standard output, and nothing else does; logs and messages go to standard error. */
export async function runDaemon(options: RunOptions, face: CliFace): Promise<ExitCode> {
  const isJson = options.json === true;
  const logger = createLogger({ destination: face.stderr });
  const reloads = new Reloads(face, logger);
  const interruption = listenForInterruption(face, (signal) => {
    logger.info({ signal }, `[feishu] ${signal}: draining; a second signal ends it at once`);
  });
  const calledOff = new AbortController();
  void interruption.asked.then(() => calledOff.abort());
  let simulator: RunningSimulator | null = null;
  try {
    if (options.simulator) simulator = await startSimulator({ clock: face.clock });
    const load = () =>
      loadConfig({ file: options.config, env: face.env, cwd: face.cwd, overrides: overridesOf(options, simulator) });
    const config = await load();
    const createConnector = face.createConnector ?? (await import('../../connector.js')).createConnector;
    const daemon = await startDaemon(config, { ...face, createConnector, logger, signal: calledOff.signal });
    announce(daemon, config, simulator, { face, logger, isJson });
    return await untilStopped(daemon, config, load, { face, logger, interruption, reloads });
  } catch (error) {
    // Asked to end while handlers were loading: nothing runs yet that would have to drain.
    if (calledOff.signal.aborted && error === calledOff.signal.reason) return await interruption.asked;
    return reportError(face, error, isJson);
  } finally {
    interruption.dispose();
    await simulator?.stop();
    reloads.dispose();
  }
}

interface Running {
  readonly face: CliFace;
  readonly logger: Logger;
  readonly interruption: Interruption;
  readonly reloads: Reloads;
}

async function untilStopped(
  daemon: Daemon,
  config: DaemonConfig,
  load: () => Promise<DaemonConfig>,
  running: Running,
): Promise<ExitCode> {
  const { face, logger, interruption, reloads } = running;
  let { drainMs } = config;
  reloads.begin(async () => {
    const next = await reload(daemon, load, logger);
    drainMs = next?.drainMs ?? drainMs;
  });
  const code = await Promise.race([interruption.asked, daemon.ended.then((ending) => tellEnding(ending, logger))]);
  reloads.stop();
  const overdue = face.clock.timer(drainMs + STOP_MARGIN_MS, () => {
    logger.fatal({ drainMs }, '[feishu] not stopped within the budget: the process ends regardless');
    face.exitNow(code);
  });
  await daemon.stop({ drainMs });
  overdue.cancel();
  logger.info('[feishu] stopped');
  return code;
}

/** Says why the daemon stops by itself, and what to do about it. */
function tellEnding({ why, reason }: Ending, logger: Logger): ExitCode {
  if (why === 'output_gone') {
    logger.fatal({ reason }, `[feishu] ${reason}: nobody gets the events, so the daemon stops`);
    return EXIT.failure;
  }
  const code = EXIT.restartNeeded;
  logger.fatal({ reason, code }, `[feishu] ${reason}, so the daemon drains and ends with ${code}: have it restarted`);
  return code;
}

/** @returns The configuration now in force, or null if the old one stays. */
async function reload(daemon: Daemon, load: () => Promise<DaemonConfig>, logger: Logger): Promise<DaemonConfig | null> {
  try {
    const reading = load();
    const summary = await daemon.reload(reading);
    const config = await reading;
    logger.info({ ...summary }, '[feishu] configuration reloaded');
    return config;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error({ reason }, '[feishu] the new configuration is not used; the old one stays in force');
    return null;
  }
}

function overridesOf(options: RunOptions, simulator: RunningSimulator | null): Layer {
  const layer = new Map<string, { value: unknown; from: string }>();
  if (options.listen !== undefined) layer.set('listen', { value: options.listen, from: '--listen' });
  if (options.logLevel !== undefined) layer.set('logLevel', { value: options.logLevel, from: '--log-level' });
  if (simulator) {
    const { appId, appSecret, url } = simulator;
    for (const [key, value] of Object.entries({ appId, appSecret, domain: url }))
      layer.set(key, { value, from: '--simulator' });
  }
  return layer;
}

interface Announcing {
  readonly face: CliFace;
  readonly logger: Logger;
  readonly isJson: boolean;
}

function announce(daemon: Daemon, config: DaemonConfig, simulator: RunningSimulator | null, to: Announcing): void {
  const { face, logger, isJson } = to;
  const { version } = readBuild();
  logger.info({ url: daemon.url, apps: daemon.apps, version }, '[feishu] daemon started');
  if (simulator) {
    logger.warn({ simulator: simulator.url }, '[feishu] SIMULATOR: nothing here is real, no event comes from Feishu');
  }
  if (isJson || !face.isTty) return;
  if (simulator) {
    const line = '!'.repeat(72);
    writeLine(face.stderr, `${line}\n!! SIMULATOR at ${simulator.url}: no event here comes from Feishu.\n${line}`);
  }
  writeLine(face.stderr, `feishu-connector ${version}: ${config.apps.map(({ app }) => app).join(', ')}`);
  writeLine(
    face.stderr,
    `  curl ${daemon.url}/readyz    connected, or why not\n  curl ${daemon.url}/status    everything it knows`,
  );
}
