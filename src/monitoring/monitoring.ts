import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertOptionChanges, type Receivers, resolveAlertOptions } from '../alerts/index.js';
import { ChildProgram, ProgramFailedError } from './child-program.js';
import { ALERTMANAGER_FILE, monitoringFiles, PROMETHEUS_FILE } from './configuration.js';
import { freePorts } from './free-ports.js';
import { findPrograms } from './program.js';

/** What {@link startMonitoring} needs to know. */
export interface MonitoringSettings {
  /** HTTP surfaces of the connectors to watch, as `host:port`. */
  readonly connectors: readonly string[];
  readonly receivers: Receivers;
  /** How the shipped rules are changed; `timeScale` above all. */
  readonly alerts: AlertOptionChanges;
  /** Folders to look for the programs in. Default: the variable `PATH`. */
  readonly path?: string | undefined;
}

/** A Prometheus and an Alertmanager of our own, with the shipped rules and routes, on free loopback ports. */
export interface Monitoring {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** The folder with everything they read and write; it goes with them. */
  readonly directory: string;
  readonly pids: readonly number[];
  /** Ends both, by force if need be, and removes their folder. Twice is once. */
  stop(): Promise<void>;
}

/** Both are up in a second; on a busy machine it takes a few. */
const READY_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 5_000;
/** Between finding a free port and taking it somebody else may: then all are chosen anew. */
const TRIES = 3;

/**
 * Starts both, and resolves when both are ready.
 * @throws ProgramMissingError if one is not installed; ProgramFailedError if one does not get ready. Nothing is left
 * running then.
 */
export async function startMonitoring(settings: MonitoringSettings): Promise<Monitoring> {
  const programs = findPrograms(settings.path ?? process.env.PATH ?? '');
  for (let tried = 1; ; tried++) {
    try {
      return await startOnce(settings, programs);
    } catch (error) {
      const isPortTaken = error instanceof ProgramFailedError && error.message.includes('address already in use');
      if (!isPortTaken || tried === TRIES) throw error;
    }
  }
}

async function startOnce(
  { connectors, receivers, alerts }: MonitoringSettings,
  programs: ReturnType<typeof findPrograms>,
): Promise<Monitoring> {
  const addresses = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
  const [prometheus = '', alertmanager = ''] = addresses;
  const directory = await mkdtemp(join(tmpdir(), 'feishu-monitoring-'));
  const running: ChildProgram[] = [];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= Promise.all(running.map((program) => program.stop(STOP_GRACE_MS))).then(() =>
      rm(directory, { recursive: true, force: true }),
    );
    return stopping;
  };
  const run = async (name: string, path: string, address: string, args: readonly string[]): Promise<void> => {
    const program = await ChildProgram.start(name, path, [...args, `--web.listen-address=${address}`]);
    running.push(program);
    await program.ready(`http://${address}/-/ready`, READY_DEADLINE_MS);
  };
  try {
    const targets = { connectors, prometheus, alertmanagers: [alertmanager] };
    const files = monitoringFiles(resolveAlertOptions(alerts), targets, receivers);
    for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
    const inside = async (name: string): Promise<string> => {
      await mkdir(join(directory, name));
      return join(directory, name);
    };
    // Alertmanager first: the first alert finds it.
    await run('alertmanager', programs.alertmanager, alertmanager, [
      `--config.file=${join(directory, ALERTMANAGER_FILE)}`,
      `--storage.path=${await inside('alertmanager')}`,
      '--cluster.listen-address=', // alone: no gossip, no port for it
    ]);
    await run('prometheus', programs.prometheus, prometheus, [
      `--config.file=${join(directory, PROMETHEUS_FILE)}`,
      `--storage.tsdb.path=${await inside('prometheus')}`,
      '--rules.alert.resend-delay=5s', // a hand-over that failed is made up for within a scaled minute
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    prometheusUrl: `http://${prometheus}`,
    alertmanagerUrl: `http://${alertmanager}`,
    directory,
    pids: running.map(({ pid }) => pid),
    stop,
  };
}
