import { bytes, counted } from '../../daemon/index.js';
import { type AppStatus, span } from '../../doctor/index.js';
import { columnsOf, folded, padded } from './fold.js';
import { BOLD, GREEN, type Paint, paintWith, RED, YELLOW } from './paint.js';
import {
  attemptRows,
  gapRows,
  outageRows,
  type Row,
  refreshWords,
  sessionRows,
  sparkRows,
  timelineRows,
  titled,
} from './past-lines.js';
import { type AppReading, type DaemonReading, type FactReading, isTold, type StatusReading } from './reading.js';

/** Where the words of a row begin: behind the longest title, and a margin on either side of it. */
const WORDS_AT = 14;

/**
 * A reading for people: the daemon, then each app with what is known of it.
 * @param columns Of the terminal that shows it, no line being wider; null for no limit.
 */
export function statusLines(reading: StatusReading, isColoured: boolean, columns: number | null = null): string {
  const paint = paintWith(isColoured);
  const { apps } = reading;
  const told = isTold(apps) ? apps.map((app) => appLines(app, reading.url, paint, columns)) : [listLines(apps, paint)];
  const whole = [headLine(reading, paint), ...told].join('\n\n');
  if (columns === null) return whole;
  return whole
    .split('\n')
    .flatMap((line) => folded(line, line.startsWith('  ') ? WORDS_AT : 2, columns))
    .join('\n');
}

/** Many apps in a line each, those that need somebody first. */
function listLines(apps: readonly AppReading[], paint: Paint): string {
  const wrong = apps.filter((app) => verdictOf(app) === 'wrong');
  const lookedAt = apps.filter((app) => verdictOf(app) === 'look');
  const well = apps.filter((app) => verdictOf(app) === 'well');
  const width = Math.min(40, Math.max(...apps.map(({ app }) => columnsOf(app))));
  const line = (app: AppReading) =>
    `  ${padded(app.app, width)}  ${paint(TONES[verdictOf(app)], verdictOf(app).padEnd(5))}  ${standingOf(app)}${besideWords(app)}`;
  return [
    `${paint(BOLD, `${apps.length} apps`)}, ${wrong.length} of them wrong${lookedAt.length === 0 ? '' : `, ${lookedAt.length} to look at`}; --app <name> tells all of one`,
    ...[...wrong, ...lookedAt, ...well].map(line),
  ].join('\n');
}

type ListVerdict = 'wrong' | 'look' | 'well';
const TONES: Readonly<Record<ListVerdict, number>> = { wrong: RED, look: YELLOW, well: GREEN };

/** As the list of the status page has it: by the facts first, then by what is wrong beside them. */
function verdictOf({ alive, connected, receiving, status }: AppReading): ListVerdict {
  const concerns = status?.concerns ?? [];
  if (!alive.is || !connected.is || !receiving.is || concerns.some(({ tone }) => tone === 'bad')) return 'wrong';
  return concerns.length > 0 ? 'look' : 'well';
}

/** What waits, and what is wrong though it is connected; why it is not connected is told already. */
function besideWords({ connected, status }: AppReading): string {
  if (status === null) return '';
  const { pending, deadLetters = 0 } = status.delivery;
  const [worst, ...others] = connected.is ? (status.concerns ?? []) : [];
  return [
    ...(pending > 0 ? [`, ${pending} pending`] : []),
    ...(deadLetters > 0 ? [`, dead letters: ${deadLetters}`] : []),
    ...(worst ? [`; ${worst.says}${others.length === 0 ? '' : ` (and ${others.length} more)`}`] : []),
  ].join('');
}

function headLine({ url, daemon, problem, apps }: StatusReading, paint: Paint): string {
  if (problem !== null) return paint(RED, problemLine(url, problem));
  const told = daemon && `feishu-connector ${daemon.version} at ${url}: ${daemon.phase}, up ${span(daemon.uptimeMs)}`;
  const older = daemon === null ? null : olderConfiguration(daemon);
  const head = older === null ? `${told}` : `${told}\n${paint(YELLOW, older)}`;
  return apps.length === 0 ? `${head}\n\n${paint(RED, 'no such app runs')}` : head;
}

/** Null where the latest configuration that it was given is in force. */
function olderConfiguration({ configuration }: DaemonReading): string | null {
  const refused = configuration?.refused ?? null;
  if (refused === null) return null;
  const at = new Date(refused.at).toISOString();
  return `the configuration in force is older than the file: refused at ${at}: ${refused.problem}`;
}

const PROBLEMS = {
  absent: 'nobody listens at',
  mute: 'no answer in time from',
  foreign: 'what answers is no feishu-connector:',
  unreachable: 'there is no way to',
  refused: 'refused by',
  busy: 'no answer now from',
} as const;

/** What is refused or busy says itself what to do. */
const ADVICE: Readonly<Partial<Record<keyof typeof PROBLEMS, string>>> = {
  absent: 'Start the daemon, or name the address of the one that runs with --url.',
  mute: 'Look at its log, or have doctor look at it.',
  foreign: 'Name the right address with --url.',
  unreachable: 'Run this on the machine of the daemon.',
};

function problemLine(url: string, { is, detail }: NonNullable<StatusReading['problem']>): string {
  const advice = ADVICE[is];
  return `${PROBLEMS[is]} ${url} (${detail})${advice === undefined ? '' : `. ${advice}`}`;
}

function appLines(reading: AppReading, daemonUrl: string, paint: Paint, columns: number | null): string {
  const { app, appId, alive, connected, receiving, status, history, error } = reading;
  const name = app === appId ? app : `${app} (${appId})`;
  if (status === null) return `${paint(BOLD, name)}\n  ${paint(RED, `its status cannot be read: ${error}`)}`;
  const fact = ({ is, evidence, ageMs }: FactReading) => {
    const word = is ? paint(GREEN, 'yes') : paint(RED, 'no ');
    return `${word}  ${evidence}${ageMs === null ? '' : `; ${span(ageMs)} ago`}`;
  };
  const rows: readonly Row[] = [
    ['alive', fact(alive)],
    ['connected', `${fact(connected)} (${connected.state})`],
    ['receiving', fact(receiving)],
    ...concernRows(reading, daemonUrl, paint),
    ...(history === null
      ? []
      : [...timelineRows(history, paint, columns && Math.max(1, columns - WORDS_AT)), ...sparkRows(history)]),
    ['events', eventWords(status)],
    ['outage', outageWords(status)],
    ['attempts', attemptWords(status)],
    ...(history === null ? [] : sessionRows(history)),
    ...serverViewRows(status),
    ['token', `${tokenWords(status)}${history === null ? '' : refreshWords(history)}`],
    ['deliveries', deliveryWords(status)],
    ...(status.sink ? [['sink', `${status.sink.kind}: ${status.sink.state}; ${status.sink.evidence}`] as const] : []),
    ...(history === null ? [] : outageRows(history)),
    ...gapRows(status),
    ...(history === null ? [] : attemptRows(history)),
  ];
  const lines = rows.map(([title, words]) => `${`  ${title}`.padEnd(WORDS_AT)}${words}`);
  return [paint(BOLD, name), ...lines].join('\n');
}

/** What is wrong, each with its runbook. An older daemon told it with the past alone. */
function concernRows({ status, history }: AppReading, daemonUrl: string, paint: Paint): Row[] {
  const concerns = status?.concerns ?? history?.concerns ?? [];
  const rows = concerns.flatMap(({ tone, says, runbook, url }): Row[] => [
    ['', paint(tone === 'bad' ? RED : YELLOW, says)],
    ['', placeOf(runbook, url, daemonUrl)],
  ]);
  return titled('wrong', rows);
}

/** Where the runbook is read: a path is one of the daemon itself, and behind a Unix socket no browser gets there. */
function placeOf(runbook: string, url: string, daemonUrl: string): string {
  if (!url.startsWith('/')) return url;
  return daemonUrl.startsWith('unix:') ? `feishu-connector runbook ${runbook}` : `${daemonUrl}${url}`;
}

function eventWords({ receiving: { lastEventAt, eventsReceived }, at }: AppStatus): string {
  const last = lastEventAt === null ? 'none yet' : `the last one ${span(at - lastEventAt)} ago`;
  return `${eventsReceived} since start; ${last}`;
}

function outageWords({ outage, at }: AppStatus): string {
  if (outage === null) return 'none goes on';
  const { number, startedAt, cause, attempts } = outage;
  return `number ${number}, for ${span(at - startedAt)}, caused by ${cause}, attempts in it: ${attempts}`;
}

function attemptWords({ attempts: { count, nextAt, isUnderWay }, connections, lastFailure, at }: AppStatus): string {
  return [
    `${count} since start`,
    ...(connections ? [`${connections.proven} of ${connections.wanted} connections proven`] : []),
    ...(isUnderWay ? ['one is under way'] : nextAt === null ? [] : [`the next one in ${span(nextAt - at)}`]),
    ...(lastFailure
      ? [`latest failure ${lastFailure.code} ${span(at - lastFailure.at)} ago: ${lastFailure.detail}`]
      : []),
  ].join('; ');
}

/** What the platform itself counts; nothing where nobody asks it. */
function serverViewRows({ serverView }: AppStatus): Row[] {
  if (!serverView || serverView.seen === null) return [];
  const { verdict, seen, expected, ageMs } = serverView;
  const when = ageMs === null ? '' : `, ${span(ageMs)} ago`;
  const told = `${counted(seen, 'connection')} counted, ${expected} expected${when}`;
  return [['platform', `${verdict.replaceAll('_', ' ')}: ${told}`]];
}

function tokenWords({ token: { isValid, expiresAt, lastFailure }, at }: AppStatus): string {
  const held = isValid && expiresAt !== null && expiresAt > at ? `valid for ${span(expiresAt - at)}` : 'none';
  if (lastFailure === null) return held;
  return `${held}; latest failure ${lastFailure.code} ${span(at - lastFailure.at)} ago: ${lastFailure.detail}`;
}

function deliveryWords({
  delivery: { pending, capacity, oldestPendingAt, deadLetters, journal },
  at,
}: AppStatus): string {
  return [
    `${pending} of ${capacity} pending`,
    ...(oldestPendingAt === null ? [] : [`the oldest for ${span(at - oldestPendingAt)}`]),
    ...(deadLetters === undefined || !journal ? [] : [`dead letters: ${deadLetters}`]),
    ...(journal ? [`journal ${journal.isOpen ? 'open' : 'not open'}, ${bytes(journal.sizeBytes)}`] : []),
  ].join('; ');
}

/** What of a reading counts as a change, by whom it concerns; the empty name is the daemon itself. */
export function standingsOf({ url, daemon, problem, apps }: StatusReading): ReadonlyMap<string, string> {
  if (problem !== null) return new Map([['', problemLine(url, problem)]]);
  const older = daemon === null ? null : olderConfiguration(daemon);
  const itself = `feishu-connector ${daemon?.version} at ${url}: ${daemon?.phase}${apps.length === 0 ? ', no such app runs' : ''}${older === null ? '' : `; ${older}`}`;
  return new Map([['', itself], ...apps.map((app) => [app.app, standingOf(app)] as const)]);
}

function standingOf({ alive, connected, receiving, status, error }: AppReading): string {
  if (status === null) return `its status cannot be read: ${error}`;
  const words = ({ is }: FactReading) => (is ? 'yes' : 'no');
  const facts = `alive ${words(alive)}, connected ${words(connected)}, receiving ${words(receiving)}`;
  if (connected.is) return facts;
  const { outage, lastFailure } = status;
  const why = lastFailure === null ? '' : `, latest failure ${lastFailure.code}`;
  return `${facts}${outage === null ? '' : `, outage ${outage.number} by ${outage.cause}`}${why}`;
}
