import { type Command, InvalidArgumentError } from 'commander';
import { redact } from '../ports/index.js';
import { instantParser } from './catch-up/instant.js';
import { CommandLineError } from './command-line-error.js';
import { seconds, surfaceUrl } from './daemon-address.js';
import type { DaemonClient } from './daemon-client.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';

interface CatchUpCommandOptions {
  readonly config?: string;
  readonly url?: string;
  readonly app?: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  /** Seconds. */
  readonly wait: number;
  readonly timeout: number;
  readonly json?: true;
}

const DEFAULT_TIMEOUT_S = 5; // a daemon answers in milliseconds
const DEFAULT_WAIT_S = 120; // some seconds until it begins, and a call for each chat
const LONGEST_WAIT_S = 3_600;

const HELP = `
An operator's word that messages of some time may be missing: the history of the bot's chats is read, and what was never
handled is handled now, as event.source catchup. What was handled is known again, so that nothing is handled twice. It needs
catch-up, which is on where there is a journal, and scopes that read messages. Only messages have a history: other events of
that time stay lost. Each chat costs a call of the API or more, so name no longer time than it was.

Without --from it is as far back as messages that were handled are known again. One for each app at a time.

It goes over the daemon's control socket, or with its control token (FEISHU_CONTROL_TOKEN_FILE). Nobody needs to wait: the
daemon goes on, and status and log tell the end.

--json is one line with one object: apps [{app, appId, gap, is: refused|open|closed|unknown, says, record}]; record is null
until the gap is closed, and then {number, cause, from, to, found, alreadyKnown, recovered, unreachable}

Examples:
  feishu-connector catch-up --app support-bot --from 12h
  feishu-connector catch-up --from 2026-11-22T22:00Z --to 2026-11-23T06:30Z --wait 0

Exit codes:
  0         all was read; with --wait 0: it will be
  1         something was not, or not yet; no daemon answers, or it refuses
  2         wrong command line or configuration
  130, 143  SIGINT, SIGTERM while waiting; the daemon goes on`;

/** `feishu-connector catch-up`: has a daemon read the history of some time for messages that nobody handled. */
export function registerCatchUp(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  const instant = instantParser(() => face.clock.wallNow());
  program
    .command('catch-up')
    .description('Has the daemon read the history of the chats for messages that never came, and handle them.')
    .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
    .option('--url <url>', "base URL of the daemon's HTTP surface (default: its control socket)", surfaceUrl)
    .option('--app <name>', 'this app alone, by its name or id (default: all)')
    .option('--from <time>', 'a time such as 2026-11-23T08:00Z, or how long ago: 90m, 12h, 2d', instant)
    .option('--to <time>', 'the same (default: now)', instant)
    .option('--wait <seconds>', 'for the end; 0 for not at all', waitSeconds, DEFAULT_WAIT_S)
    .option('--timeout <seconds>', 'for each answer', seconds, DEFAULT_TIMEOUT_S)
    .option('--json', 'one JSON line')
    .addHelpText('after', HELP)
    .action(async (options: CatchUpCommandOptions) => end(await catchUp(options, face)));
}

async function catchUp(options: CatchUpCommandOptions, face: CliFace): Promise<ExitCode> {
  const { app, from, to, wait, timeout, json: isJson = false } = options;
  const interruption = listenForInterruption(face, () => {});
  let client: DaemonClient | null = null;
  try {
    // Loaded only here: no other command needs it all.
    const [{ openDaemonClient }, { DaemonLine }, { askCatchUp }, { watchGaps }, { isAllRead, outcomeLine }] =
      await Promise.all([
        import('./daemon-client.js'),
        import('./daemon-line.js'),
        import('./catch-up/ask.js'),
        import('./catch-up/watch.js'),
        import('./catch-up/outcome.js'),
      ]);
    client = await openDaemonClient(options, face);
    const { url } = client;
    if (url === null)
      throw new CommandLineError('with port 0 only the daemon itself knows its address: name it with --url');
    const timeoutMs = timeout * 1_000;
    const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    const answer = await askCatchUp(new DaemonLine(client, url, timeoutMs), app ?? null, span);
    const { clock } = face;
    const watching = { client, url, clock, timeoutMs, waitMs: wait * 1_000, asked: interruption.asked };
    if (!isJson && wait > 0)
      for (const { app: name, gap, says } of answer) if (gap !== null) tell(face.stderr, `${name}: ${says}`);
    const { outcomes, interrupted } = await watchGaps(answer, watching);
    if (isJson) tell(face.stdout, JSON.stringify({ apps: outcomes }));
    else for (const outcome of outcomes) tell(face.stdout, outcomeLine(outcome));
    if (interrupted !== null) return interrupted;
    const isDone = wait === 0 ? outcomes.every(({ is }) => is !== 'refused') : isAllRead(outcomes);
    return isDone ? EXIT.ok : EXIT.failure;
  } catch (error) {
    return reportError(face, error, isJson);
  } finally {
    interruption.dispose();
    await client?.close();
  }
}

function tell(stream: CliFace['stdout'], line: string): void {
  writeLine(stream, redact(line));
}

function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= LONGEST_WAIT_S) return value;
  throw new InvalidArgumentError(`It must be a number of seconds from 0 to ${LONGEST_WAIT_S}.`);
}
