import { LETTERS_MAX, LetterProblem } from './connector-letter-problem.js';
import type { DeadLetter, DeadLetters, OpenedDeadLetter, ReadableDeadLetters } from './delivery/index.js';
import { ReplayRefused } from './delivery/index.js';
import { redact, STORE_FAILURES, StoreError } from './ports/index.js';

export {
  LETTER_PROBLEMS,
  LETTERS_DEFAULT,
  LETTERS_MAX,
  LetterProblem,
  type LetterProblemReason,
} from './connector-letter-problem.js';

/** One app whose dead letters may be asked for. */
export interface LetterApp<Letters extends ReadableDeadLetters = DeadLetters> {
  readonly app: string;
  readonly appId: string;
  /** Null for an app that keeps no journal. May throw: what keeps the journal from being open. */
  readonly deadLetters: (() => Letters) | null;
}

/** What is asked for. */
export interface LetterQuery {
  /** Name or id of the one app that is meant; null for all. */
  readonly app: string | null;
  /** `next` of the page before; null for the first. */
  readonly after: string | null;
  /** Letters at most, 1 to {@link LETTERS_MAX}. */
  readonly limit: number;
}

/** A dead letter, and whose it is; without the event's content. */
export interface ListedLetter extends DeadLetter {
  readonly app: string;
  readonly appId: string;
}

/** A dead letter with the whole event. */
export interface ShownLetter extends OpenedDeadLetter {
  readonly app: string;
  readonly appId: string;
}

/** How many one app has. */
export interface AppLetters {
  readonly app: string;
  readonly appId: string;
  /** Null where that cannot be told. */
  readonly count: number | null;
  /** Why there are none, or why that cannot be told; null if neither. */
  readonly problem: string | null;
}

export interface LetterPage {
  readonly apps: readonly AppLetters[];
  /** App after app, the oldest of each first. */
  readonly letters: readonly ListedLetter[];
  /** `after` of the next page; null on the last. */
  readonly next: string | null;
}

/** What became of a dead letter. */
export interface SettledLetter {
  readonly app: string;
  readonly appId: string;
  readonly eventId: string;
  readonly how: Settling;
}

export type Settling = 'replayed' | 'dropped';

type ReadableApp = LetterApp<ReadableDeadLetters>;

/** Before the first letter of an app: their numbers begin with 1. */
const START = '0'.repeat(16);

/**
 * One page of the dead letters of all apps, or of one.
 * @throws LetterProblem
 */
export function listLetters(apps: readonly ReadableApp[], { app, after, limit }: LetterQuery): LetterPage {
  if (!Number.isInteger(limit) || limit < 1 || limit > LETTERS_MAX)
    throw new LetterProblem('bad_query', 'bad limit', `limit is a whole number from 1 to ${LETTERS_MAX}.`);
  const meant = meantOf(apps, app);
  const cursor = after === null ? null : cursorOf(after);
  const first = cursor === null ? 0 : meant.findIndex((each) => each.app === cursor.app);
  if (first < 0)
    throw new LetterProblem('bad_query', 'after names an app that is not there', 'Begin anew, without after.');
  const letters: ListedLetter[] = [];
  let next: string | null = null;
  const views = meant.map((each): AppLetters => appLettersOf(each));
  for (const [index, each] of meant.entries()) {
    if (index < first || !views[index]?.count) continue;
    if (letters.length === limit) {
      next = `${START}.${each.app}`;
      break;
    }
    const from = index === first && cursor !== null ? cursor.key : null;
    const page = reading(each, (held) => held.list({ limit: limit - letters.length, after: from }));
    letters.push(...page.letters.map((letter) => listed(each, letter)));
    if (page.next === null) continue;
    next = `${page.next}.${each.app}`;
    break;
  }
  return { apps: views, letters, next };
}

/**
 * One dead letter with its event. The verification token, which the platform puts into every event, is struck out.
 * @throws LetterProblem
 */
export function showLetter(apps: readonly ReadableApp[], app: string | null, eventId: string): ShownLetter {
  const { holder, letter } = found(apps, app, eventId);
  return { ...listed(holder, letter), envelope: withoutToken(letter.envelope) };
}

/**
 * Sends a dead letter on its way again, or throws it away.
 * @throws LetterProblem
 */
export async function settleLetter(
  apps: readonly LetterApp[],
  app: string | null,
  eventId: string,
  how: Settling,
): Promise<SettledLetter> {
  const { holder } = found(apps, app, eventId);
  const letters = reading(holder, (held) => held);
  let isSettled: boolean;
  try {
    isSettled = await (how === 'replayed' ? letters.replay(eventId) : letters.drop(eventId));
  } catch (error) {
    if (error instanceof ReplayRefused)
      throw new LetterProblem('busy', redact(error.message), 'It is a dead letter still. Try again soon.', {
        cause: error,
      });
    throw unusable(holder, error);
  }
  // Somebody else was faster.
  if (!isSettled) throw noSuchLetter(eventId);
  return { app: holder.app, appId: holder.appId, eventId, how };
}

function found<App extends ReadableApp>(apps: readonly App[], app: string | null, eventId: string) {
  const holders: { readonly holder: App; readonly letter: OpenedDeadLetter }[] = [];
  let silent: LetterProblem | null = null;
  for (const holder of meantOf(apps, app)) {
    if (holder.deadLetters === null) continue;
    try {
      const letter = reading(holder, (held) => held.show(eventId));
      if (letter !== null) holders.push({ holder, letter });
    } catch (error) {
      if (!(error instanceof LetterProblem)) throw error;
      // Another app may well have it; if none has, this one might.
      silent ??= error;
    }
  }
  const [only, ...others] = holders;
  if (only === undefined) throw silent ?? noSuchLetter(eventId);
  if (others.length === 0) return only;
  const names = holders.map(({ holder }) => holder.app).join(', ');
  throw new LetterProblem(
    'ambiguous',
    `several apps have a dead letter of this id: ${names}`,
    'Name the one that is meant: --app <name>, or ?app=<name>.',
  );
}

/** @throws LetterProblem if none of those that are meant keeps a journal. */
function meantOf<App extends ReadableApp>(apps: readonly App[], wanted: string | null): readonly App[] {
  const named = apps.filter(({ app }) => app === wanted);
  const meant = wanted === null ? apps : named.length > 0 ? named : apps.filter(({ appId }) => appId === wanted);
  const names = apps.map(({ app }) => app).join(', ') || 'none';
  if (wanted !== null && meant.length === 0)
    throw new LetterProblem('no_such_app', 'no such app', `There are ${names}.`);
  if (meant.every(({ deadLetters }) => deadLetters === null)) {
    const who = meant.map(({ app }) => app).join(', ') || 'nobody';
    throw new LetterProblem(
      'no_journal',
      `${who} without a journal: there are no dead letters`,
      'Name a directory for it: journal.directory in the configuration, or FEISHU_JOURNAL_DIRECTORY.',
    );
  }
  return meant;
}

function appLettersOf(view: ReadableApp): AppLetters {
  const { app, appId, deadLetters } = view;
  if (deadLetters === null) return { app, appId, count: null, problem: 'without a journal' };
  try {
    return { app, appId, count: reading(view, ({ count }) => count), problem: null };
  } catch (error) {
    if (!(error instanceof LetterProblem)) throw error;
    return { app, appId, count: null, problem: error.message };
  }
}

/** @throws LetterProblem `journal_unusable` */
function reading<Letters extends ReadableDeadLetters, Read>(
  view: LetterApp<Letters>,
  read: (letters: Letters) => Read,
): Read {
  if (view.deadLetters === null) throw new TypeError(`${view.app} keeps no journal`);
  try {
    return read(view.deadLetters());
  } catch (error) {
    throw unusable(view, error);
  }
}

function unusable({ app }: ReadableApp, error: unknown): LetterProblem {
  const said = redact(error instanceof Error ? error.message : String(error));
  const hint =
    error instanceof StoreError
      ? STORE_FAILURES[error.failure]
      : 'It is open while the connector runs: look at its log, and try again.';
  return new LetterProblem('journal_unusable', `the journal of ${app} cannot be used: ${said}`, hint, { cause: error });
}

function noSuchLetter(eventId: string): LetterProblem {
  return new LetterProblem(
    'no_such_letter',
    `no dead letter of the id ${JSON.stringify(eventId.length > 100 ? `${eventId.slice(0, 100)}…` : eventId)}`,
    'It may have been settled before. The list has those there are: feishu-connector dead-letters list.',
  );
}

function listed({ app, appId }: ReadableApp, letter: DeadLetter): ListedLetter {
  const { eventId, eventType, reason, attempts, detail, source, arrivedAt, diedAt, payloadBytes } = letter;
  return {
    app,
    appId,
    eventId,
    eventType,
    reason,
    attempts,
    // What a handler threw is not ours.
    detail: redact(detail),
    source,
    arrivedAt,
    diedAt,
    payloadBytes,
  };
}

function cursorOf(after: string): { readonly key: string; readonly app: string } {
  const [, key, app] = /^(\d{16})\.(.+)$/su.exec(after) ?? [];
  if (key === undefined || app === undefined)
    throw new LetterProblem('bad_query', 'bad after', 'after is what next of the page before says.');
  return { key, app };
}

const STRUCK = '[redacted]';

/** In version 2.0 it stands in the header, in version 1.0 at the top. */
function withoutToken(envelope: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { header, token } = envelope;
  return {
    ...envelope,
    ...(isText(token) && { token: STRUCK }),
    ...(isRecord(header) && isText(header.token) && { header: { ...header, token: STRUCK } }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
