import type { Command } from 'commander';
import type { AppConfig } from '../daemon/index.js';
import type { Examination, WayOut } from '../doctor/index.js';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { prometheusUrl, seconds, surfaceUrl } from './daemon-address.js';
import type { DaemonClient } from './daemon-client.js';
import type { OpenWatcher, WatcherFlags } from './doctor/watcher.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, hasColour, isTerminal, writeLine } from './face.js';
import { reportError } from './report-error.js';

interface DoctorOptions extends WatcherFlags {
  readonly config?: string;
  readonly url?: string;
  readonly app?: string;
  /** Seconds. */
  readonly timeout: number;
  /** `--no-api` makes it false. */
  readonly api?: boolean;
  readonly json?: true;
}

const DEFAULT_TIMEOUT_S = 9; // people wait ten seconds, and so do most supervisors

const HELP = `
It asks the daemon that runs here, and judges what it says by the age of the evidence. Only where none listens, or the
daemon does not run the app, it goes the way of a connection itself: token, discovery, handshake, first pong. Such a
connection joins the platform's rotation for a few seconds; it acknowledges no event, so none is lost. The way to the
platform, the console's settings, the journal and the metrics are looked at either way. docs/doctor.md has every check.

With --url alone no configuration is needed, and nobody listening there is a failure: so let cron and probes ask it. That
asks the daemon alone. With a configuration it makes up to five calls of the API per app, which count against the monthly
quota; --no-api spares them.

--json is one line with one object:
  schemaVersion  1; counts up when a field goes or changes its meaning
  at             ISO time
  isHealthy      whether no check failed; warnings are allowed
  verdict        for people, in one line
  daemon         {url, version, phase} of the daemon that answered, or null
  apps           [{app, appId, source: daemon|probe|none, isDeaf, deafSince}]; isDeaf is null where nobody can tell
  counts         {ok, warn, fail, skip}
  checks         [{app, name, result: ok|warn|fail|skip, evidence, advice, ageMs, tookMs}]; app is null where it is of none
  notices        what the looking itself did

Exit codes:
  0  healthy, or no connector was found and nothing stands in the way of one; warnings are allowed
  1  deaf or failing
  2  wrong command line or configuration; nothing was asked`;

/** `feishu-connector doctor`: whether events can reach the bot now, and if not, since when, why and what to do. */
export function registerDoctor(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('Tells whether events reach the bot now, by evidence and its age; if not, why, and what to do.')
    .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
    .option(
      '--url <url>',
      "base URL of the daemon's HTTP surface (default: its control socket, else its listen address)",
      surfaceUrl,
    )
    .option('--app <name>', 'this app alone, by its name or id')
    .option('--timeout <seconds>', 'for everything together', seconds, DEFAULT_TIMEOUT_S)
    .option('--no-api', 'make no call of the API: no counts, scopes and subscription')
    .option(
      '--prometheus <url>',
      'base URL of the Prometheus that watches over it: are its targets up, its rules loaded?',
      prometheusUrl,
    )
    .option('--prometheus-user <name>', 'who asks it, where it wants to know')
    .option('--prometheus-password-file <file>', 'the file with the password of that user')
    .option('--prometheus-token-file <file>', 'the file with a bearer token, instead of user and password')
    .option('--prometheus-ca-file <file>', 'the PEM file of the authority that signed its certificate')
    .option('--job <name>', 'label job of the scrape there (default: feishu-connector)')
    .option('--json', 'one JSON line')
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => end(await doctor(options, face)));
}

/** @param openWayOut Default: the network, by the rules of the app's configuration. */
export async function doctor(
  options: DoctorOptions,
  face: CliFace,
  openWayOut?: (app: AppConfig) => WayOut,
): Promise<ExitCode> {
  const { app = null, timeout, json: isJson = false } = options;
  // Loaded only here: no other command needs it all.
  const [
    { openDaemonClient },
    { examine, UnknownAppError },
    { probedApp, wayOutOf },
    { openWatcher },
    { diagnosisLines },
  ] = await Promise.all([
    import('./daemon-client.js'),
    import('../doctor/index.js'),
    import('./doctor/probed-app.js'),
    import('./doctor/watcher.js'),
    import('./doctor/lines.js'),
  ]);
  let client: DaemonClient | null = null;
  let open: OpenWatcher | null = null;
  try {
    open = await openWatcher(options, face.cwd);
    client = await openDaemonClient(options, face);
    const { config } = client;
    if (!isJson) for (const warning of config?.warnings ?? []) writeLine(face.stderr, warning);
    const examination: Examination = {
      apps: config?.apps.map((each) => probedApp(each, openWayOut ?? wayOutOf)) ?? [],
      only: app,
      daemonUrl: client.url,
      isDaemonExpected: client.isNamed,
      reconnectCommand: client.hasControl ? reconnectCommandFor(options) : null,
      mayCall: options.api !== false,
      watcher: open?.watcher ?? null,
      timeoutMs: leftMs(timeout * 1_000, face),
      clock: face.clock,
      http: client.http,
      ...(!isJson && { onNotice: (notice: string) => writeLine(face.stderr, notice) }),
    };
    const diagnosis = await examine(examination).catch((error: unknown) => {
      throw error instanceof UnknownAppError ? new CommandLineError(`--app: ${error.message}`) : error;
    });
    const told = isJson
      ? JSON.stringify(diagnosis)
      : diagnosisLines(diagnosis, isTerminal(face.stdout) && hasColour(face), widthOf(face.stdout));
    // A second line of defence: what daemons and platforms say is not ours.
    writeLine(face.stdout, redact(told));
    return diagnosis.isHealthy ? EXIT.ok : EXIT.failure;
  } catch (error) {
    return reportError(face, error, isJson);
  } finally {
    await Promise.all([client?.close(), open?.close()]);
  }
}

/** People wait from the moment they ask: on a busy machine it takes a second until anything of this runs. */
function leftMs(timeoutMs: number, { clock, startedAt = clock.now() }: CliFace): number {
  return Math.max(LEAST_MS, Math.floor(timeoutMs - (clock.now() - startedAt)));
}

/** However long that took: with nothing left nobody would be asked anything. */
const LEAST_MS = 1_000;

/** How wide the terminal is; null where no person reads, or it does not tell. */
function widthOf(stdout: CliFace['stdout']): number | null {
  return isTerminal(stdout) && 'columns' in stdout && typeof stdout.columns === 'number' ? stdout.columns : null;
}

/** What has the daemon that was asked try at once, for a shell. */
function reconnectCommandFor({ config, url }: DoctorOptions): (app: string) => string {
  const quoted = (text: string) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const named = [
    ...(config === undefined ? [] : ['--config', quoted(config)]),
    ...(url === undefined ? [] : ['--url', quoted(url)]),
  ];
  return (app) => ['feishu-connector reconnect', ...named, `--app=${quoted(app)}`].join(' ');
}
