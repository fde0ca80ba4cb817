import type { Writable } from 'node:stream';
import { type Command, Option } from 'commander';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { seconds, surfaceUrl } from './daemon-address.js';
import type { DaemonClient } from './daemon-client.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, hasColour, isTerminal, writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { pause } from './pause.js';
import { reportError } from './report-error.js';
import type { StatusReading } from './status/reading.js';
import { columnsFor, pictureOn } from './status/screen.js';

interface StatusOptions {
  readonly config?: string;
  readonly url?: string;
  readonly app?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly watch?: true;
  readonly live?: true;
  readonly json?: true;
}

const DEFAULT_TIMEOUT_S = 5; // a daemon answers in milliseconds
const WATCH_EVERY_MS = 2_000;
const WATCH_AT_MOST_MS = 30_000;

const HELP = `
It asks the daemon, and nobody else: where none answers, doctor finds out why. What it claims is shown by the age of its
evidence. With more than five apps there is a line for each, and --app tells all of one: its timeline, heartbeats and
events, what is wrong with its runbook, outages, gaps, attempts. The status page at the daemon's address has the same.

--watch asks every 2 s, less often where nobody answers, until SIGINT. On a terminal the picture is drawn anew; elsewhere,
and with --json, there is a line per change.

--live is for probes that restart what they find dead: whether the process and its timers run, whatever Feishu does. It asks
/livez, of a daemon whose configuration may have changed since; with --json it is {url, isAlive}.

--json is one line with one object:
  at           milliseconds since the epoch
  url          whom it asked
  isConnected  whether there are apps, and every one of them is connected
  daemon       {version, phase, uptimeMs, configuration}, or null; configuration is {loadedAt, refused}: refused {at, problem}
               says why the one in force is older than the file
  problem      {is: absent|mute|foreign|unreachable|refused|busy, detail} without an answer, or null
  apps         [{app, appId, alive, connected, receiving, status, history, error}]: each fact {is, evidence, ageMs},
               judged by its age; status as /status has it; it is null, and error says why, where the daemon cannot
               tell; history as /status/history has it, with what is wrong and the runbooks; it is null for more than
               five apps, unless --app names one

Exit codes:
  0         every app is connected; with --live: it is alive
  1         one is not, or no daemon answers
  2         wrong command line or configuration
  130, 143  SIGINT, SIGTERM while watching`;

/** `feishu-connector status`: what the daemon knows of itself: the three facts per app, and what belongs to them. */
export function registerStatus(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  program
    .command('status')
    .description('Tells what the daemon knows of itself: per app whether it is alive, connected and receiving.')
    .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
    .option(
      '--url <url>',
      "base URL of the daemon's HTTP surface (default: its control socket, else its listen address)",
      surfaceUrl,
    )
    .option('--app <name>', 'this app alone, by its name or id')
    .option('--timeout <seconds>', 'for an answer', seconds, DEFAULT_TIMEOUT_S)
    .option('-w, --watch', 'go on, and tell what changes')
    .addOption(
      new Option('--live', 'only whether the process and its timers run: for probes').conflicts(['app', 'watch']),
    )
    .option('--json', 'one JSON line; with --watch one per change')
    .addHelpText('after', HELP)
    .action(async (options: StatusOptions) => end(await status(options, face)));
}

async function status(options: StatusOptions, face: CliFace): Promise<ExitCode> {
  const { app = null, timeout, watch: isWatching = false, json: isJson = false } = options;
  let client: DaemonClient | null = null;
  try {
    if (options.live === true) {
      const { tellLiveness } = await import('./status/live.js');
      return await tellLiveness(options, timeout * 1_000, isJson, face);
    }
    const { openDaemonClient } = await import('./daemon-client.js');
    client = await openDaemonClient(options, face);
    const { url, http } = client;
    if (url === null)
      throw new CommandLineError('with port 0 only the daemon itself knows its address: name it with --url');
    // Loaded only here: no other command needs it.
    const [{ askDaemon }, { readingOf, withHistories }, { askHistory }, { standingsOf, statusLines }] =
      await Promise.all([
        import('../doctor/index.js'),
        import('./status/reading.js'),
        import('./status/history.js'),
        import('./status/lines.js'),
      ]);
    const ask = async (): Promise<StatusReading> => {
      const answer = await askDaemon(http, face.clock, url, timeout * 1_000);
      const reading = readingOf(answer, app, face.clock.wallNow());
      return withHistories(reading, (name) => askHistory(http, url, name, timeout * 1_000));
    };
    const isScreen = isTerminal(face.stdout);
    const columns = () => (isScreen ? columnsFor(face.stdout) : null);
    const picture = (reading: StatusReading) => safe(statusLines(reading, isScreen && hasColour(face), columns()));
    const first = await ask();
    if (app !== null && first.daemon !== null && first.apps.length === 0)
      throw new CommandLineError(`--app: the daemon at ${url} runs no app ${app}`);
    if (!isWatching) {
      writeLine(face.stdout, isJson ? safe(JSON.stringify(first)) : picture(first));
      return first.isConnected ? EXIT.ok : EXIT.failure;
    }
    if (isJson || !isScreen) return await watch(first, ask, changesTo(face.stdout, standingsOf, isJson), face);
    const screen = pictureOn(face.stdout, picture);
    try {
      return await watch(first, ask, screen.draw, face);
    } finally {
      screen.dispose();
    }
  } catch (error) {
    return reportError(face, error, isJson);
  } finally {
    await client?.close();
  }
}

/** Asks again and again until a signal comes. */
async function watch(
  first: StatusReading,
  ask: () => Promise<StatusReading>,
  tell: (reading: StatusReading) => void,
  face: CliFace,
): Promise<ExitCode> {
  const interruption = listenForInterruption(face, () => {});
  try {
    let failures = 0;
    let reading: StatusReading | ExitCode = first;
    while (typeof reading === 'object') {
      tell(reading);
      failures = reading.problem === null ? 0 : failures + 1;
      const pauseMs = Math.min(WATCH_AT_MOST_MS, WATCH_EVERY_MS * 2 ** Math.max(0, failures - 1));
      const ended = await pause(face.clock, pauseMs, interruption.asked);
      // An answer that is under way when the signal comes is not waited for.
      reading = ended ?? (await Promise.race([ask(), interruption.asked]));
    }
    return reading;
  } finally {
    interruption.dispose();
  }
}

/** Writes what differs from before: a line of its own for each app, or the whole reading as JSON. */
function changesTo(
  stdout: Writable,
  standingsOf: (reading: StatusReading) => ReadonlyMap<string, string>,
  isJson: boolean,
) {
  let before: ReadonlyMap<string, string> = new Map();
  return (reading: StatusReading): void => {
    const standings = standingsOf(reading);
    const changed = [...standings].filter(([name, standing]) => before.get(name) !== standing);
    const gone = reading.problem === null ? [...before.keys()].filter((name) => !standings.has(name)) : [];
    before = standings;
    if (changed.length + gone.length === 0) return;
    if (isJson) {
      writeLine(stdout, safe(JSON.stringify(reading)));
      return;
    }
    const at = new Date(reading.at).toISOString();
    for (const [name, standing] of changed)
      writeLine(stdout, safe(`${at} ${name === '' ? '' : `${name}: `}${standing}`));
    for (const name of gone) writeLine(stdout, safe(`${at} ${name}: it runs no more`));
  };
}

/** A second line of defence: what daemons say is not ours. */
function safe(text: string): string {
  return redact(text);
}
