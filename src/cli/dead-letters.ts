import { type Command, InvalidArgumentError } from 'commander';
import type { Settling } from '../connector-dead-letters.js';
import { LETTERS_DEFAULT, LETTERS_MAX, LetterProblem } from '../connector-letter-problem.js';
import { redact } from '../ports/index.js';
import { CommandLineError } from './command-line-error.js';
import { seconds, surfaceUrl } from './daemon-address.js';
import type { DaemonClient } from './daemon-client.js';
import { DaemonSilent } from './daemon-silent.js';
import type { LetterOffice } from './dead-letters/office.js';
import type { OfficeChoice } from './dead-letters/open-office.js';
import { ProgressLine } from './dead-letters/progress-line.js';
import type { SettleFailure } from './dead-letters/settle.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { type CliFace, hasColour, writeLine } from './face.js';
import { listenForInterruption } from './interruption.js';
import { reportError } from './report-error.js';

interface DeadLetterOptions {
  readonly config?: string;
  readonly url?: string;
  readonly app?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: true;
}

interface ListOptions extends DeadLetterOptions {
  readonly limit: number;
  readonly after?: string;
}

interface SettleOptions extends DeadLetterOptions {
  readonly all?: true;
  readonly yes?: true;
}

const DEFAULT_TIMEOUT_S = 9; // as doctor has it; a daemon answers in milliseconds

const HELP = `
A dead letter is an event that nobody handled: its handler failed as often as it may (attempts), refused it for good
(undeliverable), or it was held for its age (held). It waits in the journal until it is replayed or dropped.

The daemon that runs here is asked, over its control socket (FEISHU_CONTROL_SOCKET); over the network show, replay and drop
take its control token (FEISHU_CONTROL_TOKEN_FILE). Where nobody listens, list and show read the journal's directory, and
replay and drop open it as its owner: what is replayed then runs when the connector starts next. With --url alone no
configuration is needed, and nobody listening there is a failure.

Exit codes:
  0  done
  1  could not: no such dead letter, a daemon that does not answer or refuses, a journal that cannot be used
  2  wrong command line or configuration, or no journal is configured; nothing was done`;

const LIST_HELP = `
--json is one line with one object:
  at       ISO time
  by       daemon or journal: who was asked
  apps     [{app, appId, count, problem}]; count is null where it cannot be told, and problem says why
  letters  [{app, appId, eventId, eventType, reason, attempts, detail, source, arrivedAt, diedAt, payloadBytes}]; the
           moments in milliseconds since the epoch
  next     what --after takes for the next page; null on the last`;

const SHOW_HELP = `
The event goes to standard output as JSON, what is known of it to standard error. The verification token of the app, which
the platform puts into every event, is struck out.

--json is one line with one object: what list says of it, and the event as envelope.`;

const SETTLE_HELP = `
--json is a line per dead letter, {app, appId, eventId, how} or {app, eventId, error, hint, reason}, and a last one
{how, settled, failed, left}. left counts those that were not come to.`;

const SETTLE_EXITS = `
  130, 143  SIGINT, SIGTERM: it ended after the letter that was under way`;

/** `feishu-connector dead-letters`: the events that nobody handled, to list, show, replay and drop. */
export function registerDeadLetters(program: Command, face: CliFace, end: (code: ExitCode) => void): void {
  const group = program
    .command('dead-letters')
    .description('Lists the events that nobody handled, shows them, sends them on their way again, or drops them.')
    .helpCommand(false) // help dead-letters says the same
    .addHelpText('after', HELP);

  withAddress(group.command('list'))
    .description('Lists dead letters, without what they hold: the oldest of each app first, page by page.')
    .option('--limit <count>', `letters at most, 1 to ${LETTERS_MAX}`, letterCount, LETTERS_DEFAULT)
    .option('--after <position>', 'the next page: what the one before says under More, or next')
    .addHelpText('after', `${LIST_HELP}\n${HELP}`)
    .action(async (options: ListOptions) => end(await list(options, face)));

  withAddress(group.command('show'))
    .description('Shows one dead letter, with the whole event as JSON.')
    .argument('<id>', 'its event id')
    .addHelpText('after', `${SHOW_HELP}\n${HELP}`)
    .action(async (id: string, options: DeadLetterOptions) => end(await show(id, options, face)));

  withAddress(group.command('replay'))
    .description('Sends dead letters on their way again, with all their attempts.')
    .argument('[ids...]', 'event ids')
    .option('--all', 'all that there are, the oldest first')
    .addHelpText('after', `${SETTLE_HELP}\n${HELP}${SETTLE_EXITS}`)
    .action(async (ids: readonly string[], options: SettleOptions) =>
      end(await settle('replayed', ids, options, face)),
    );

  withAddress(group.command('drop'))
    .description('Throws dead letters away, for good.')
    .argument('[ids...]', 'event ids')
    .option('--all', 'all that there are')
    .option('--yes', 'with --all: they are really all to be lost')
    .addHelpText('after', `${SETTLE_HELP}\n${HELP}${SETTLE_EXITS}`)
    .action(async (ids: readonly string[], options: SettleOptions) => end(await settle('dropped', ids, options, face)));
}

function withAddress(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration of the daemon, as for run; the environment counts too')
    .option(
      '--url <url>',
      "base URL of the daemon's HTTP surface (default: its control socket, else its listen address)",
      surfaceUrl,
    )
    .option('--app <name>', 'of this app alone, by its name or id')
    .option('--timeout <seconds>', 'for each answer of the daemon', seconds, DEFAULT_TIMEOUT_S)
    .option('--json', 'JSON lines');
}

async function list(options: ListOptions, face: CliFace): Promise<ExitCode> {
  const { app = null, after = null, limit, json: isJson = false } = options;
  const { pageLines, safeJson } = await import('./dead-letters/lines.js');
  return inOffice(options, face, false, async (office) => {
    const page = await office.list({ app, after, limit });
    const at = face.clock.wallNow();
    const told = isJson
      ? safeJson({ at: new Date(at).toISOString(), by: office.by, ...page })
      : pageLines(page, at, hasColour(face));
    // A second line of defence: what daemons and handlers say is not ours.
    writeLine(face.stdout, redact(told));
    // Not to know of any is no answer.
    return page.apps.some(({ count }) => count !== null) ? EXIT.ok : EXIT.failure;
  });
}

async function show(id: string, options: DeadLetterOptions, face: CliFace): Promise<ExitCode> {
  const { app = null, json: isJson = false } = options;
  const { letterLines, safeJson } = await import('./dead-letters/lines.js');
  return inOffice(options, face, false, async (office, beside) => {
    const letter = await office.show(app, id).catch(async (error: unknown) => {
      // Content goes to nobody over the network; but who may read the directory needs no daemon for it.
      const other = error instanceof DaemonSilent && error.is === 'refused' ? await beside(error.message) : null;
      if (other === null) throw error;
      return other.show(app, id);
    });
    if (isJson) {
      writeLine(face.stdout, safeJson({ by: office.by, ...letter }));
      return EXIT.ok;
    }
    writeLine(face.stderr, redact(letterLines(letter, face.clock.wallNow())));
    // As it is, not struck clean: it may be copied before it is dropped, and what users wrote is no secret of ours.
    writeLine(face.stdout, safeJson(letter.envelope, 2));
    return EXIT.ok;
  });
}

async function settle(how: Settling, ids: readonly string[], options: SettleOptions, face: CliFace): Promise<ExitCode> {
  const { app = null, timeout, all: isAll = false, yes: isSure = false, json: isJson = false } = options;
  const verb = how === 'replayed' ? 'replay' : 'drop';
  const mistake = mistakeOf(verb, ids, isAll, isSure);
  if (mistake !== null) return reportError(face, new CommandLineError(mistake), isJson);
  const { countWords, idWord, safeJson } = await import('./dead-letters/lines.js');
  const { settleLetters } = await import('./dead-letters/settle.js');
  return inOffice(options, face, true, async (office) => {
    let isStopped = false;
    const interruption = listenForInterruption(face, () => {
      isStopped = true;
    });
    const progress = new ProgressLine(face, isJson || !isAll);
    try {
      const summary = await settleLetters({
        office,
        how,
        app,
        ids: isAll ? null : [...new Set(ids)],
        clock: face.clock,
        patienceMs: timeout * 1_000,
        isStopped: () => isStopped,
        onSettled: (letter, done, total) => {
          progress.show(`${how} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`);
          if (isJson) writeLine(face.stdout, safeJson(letter));
          else if (!isAll) writeLine(face.stdout, `${how}  ${idWord(letter.eventId)}  ${idWord(letter.app)}`);
        },
        onFailed: (failure) => {
          progress.clear();
          if (isJson) writeLine(face.stdout, redact(safeJson(failureJson(failure))));
          else writeLine(face.stderr, redact(`feishu-connector: ${idWord(failure.eventId)}: ${said(failure.problem)}`));
        },
      });
      progress.clear();
      const { settled, failed, left, fault } = summary;
      if (isJson) writeLine(face.stdout, safeJson({ how, settled, failed, left }));
      else if (isAll) writeLine(face.stdout, `${how}: ${countWords(settled)}`);
      if (office.by === 'journal' && how === 'replayed' && settled > 0 && !isJson)
        writeLine(face.stderr, 'It runs when the connector starts next.');
      if (left > 0 && !isJson) writeLine(face.stderr, `feishu-connector: not come to: ${countWords(left)}`);
      if (fault !== null) throw fault;
      if (isStopped) return await interruption.asked;
      return failed === 0 && left === 0 ? EXIT.ok : EXIT.failure;
    } finally {
      progress.clear();
      interruption.dispose();
    }
  });
}

/** What is wrong with the command line; null if nothing is. */
function mistakeOf(verb: string, ids: readonly string[], isAll: boolean, isSure: boolean): string | null {
  if (isAll && ids.length > 0) return `${verb}: name event ids, or --all, but not both`;
  if (!isAll && ids.length === 0) return `${verb}: name the event ids, or --all; dead-letters list has them`;
  if (!isAll && isSure) return `${verb}: --yes is for --all`;
  if (isAll && verb === 'drop' && !isSure) return 'drop --all throws them away for good; add --yes if that is meant';
  return null;
}

function failureJson({ app, eventId, problem }: SettleFailure): object {
  return { app, eventId, error: problem.message, hint: problem.hint, reason: problem.reason };
}

/** Opens another office than the one that refused; null if there is none. */
type Beside = (refusal: string) => Promise<LetterOffice | null>;

async function inOffice(
  options: DeadLetterOptions,
  face: CliFace,
  isSettling: boolean,
  work: (office: LetterOffice, beside: Beside) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { app = null, timeout, json: isJson = false } = options;
  const opened: LetterOffice[] = [];
  let client: DaemonClient | null = null;
  const say = (notice: string | null): void => {
    if (notice !== null && !isJson) writeLine(face.stderr, redact(notice));
  };
  try {
    const { openDaemonClient } = await import('./daemon-client.js');
    client = await openDaemonClient(options, face);
    const { isNamed } = client;
    for (const warning of client.config?.warnings ?? []) say(warning);
    // Loaded only here: no other command needs it.
    const { openBeside, openOffice } = await import('./dead-letters/open-office.js');
    const choice: OfficeChoice = { client, app, timeoutMs: timeout * 1_000, isSettling };
    const { office, notice } = await openOffice(choice);
    opened.push(office);
    say(notice);
    return await work(office, async (refusal) => {
      // A daemon that was named may be another's; its events are not in a directory of this machine.
      if (isNamed) return null;
      const beside = await openBeside(choice, refusal);
      opened.push(beside.office);
      say(beside.notice);
      return beside.office;
    });
  } catch (error) {
    return reportError(face, error instanceof LetterProblem ? toldAs(error) : error, isJson);
  } finally {
    for (const office of opened) await office.close();
    await client?.close();
  }
}

/** Mistakes of the command line or the configuration as such, the rest as it is, each with what to do. */
function toldAs(problem: LetterProblem): Error {
  switch (problem.reason) {
    case 'no_such_app':
      return new CommandLineError(`--app: ${said(problem)}`);
    case 'bad_query':
    case 'ambiguous':
    case 'no_journal':
      return new CommandLineError(said(problem));
    default:
      return new LetterProblem(problem.reason, said(problem), problem.hint, { cause: problem.cause });
  }
}

function said({ message, hint }: LetterProblem): string {
  return `${message}. ${hint}`;
}

function letterCount(text: string): number {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= 1 && value <= LETTERS_MAX) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LETTERS_MAX}.`);
}
