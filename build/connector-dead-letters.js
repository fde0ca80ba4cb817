import { LETTERS_MAX, LetterProblem } from './connector-letter-problem.js';
import { ReplayRefused } from './delivery/index.js';
import { redact, STORE_FAILURES, StoreError } from './ports/index.js';
export { LETTER_PROBLEMS, LETTERS_DEFAULT, LETTERS_MAX, LetterProblem, } from './connector-letter-problem.js';
/** Before the first letter of an app: their numbers begin with 1. */
const START = '0'.repeat(16);
/**
 * One page of the dead letters of all apps, or of one.
 * @throws LetterProblem
 */
export function listLetters(apps, { app, after, limit }) {
    if (!Number.isInteger(limit) || limit < 1 || limit > LETTERS_MAX)
        throw new LetterProblem('bad_query', 'bad limit', `limit is a whole number from 1 to ${LETTERS_MAX}.`);
    const meant = meantOf(apps, app);
    const cursor = after === null ? null : cursorOf(after);
    const first = cursor === null ? 0 : meant.findIndex((each) => each.app === cursor.app);
    if (first < 0)
        throw new LetterProblem('bad_query', 'after names an app that is not there', 'Begin anew, without after.');
    const letters = [];
    let next = null;
    const views = meant.map((each) => appLettersOf(each));
    for (const [index, each] of meant.entries()) {
        if (index < first || !views[index]?.count)
            continue;
        if (letters.length === limit) {
            next = `${START}.${each.app}`;
            break;
        }
        const from = index === first && cursor !== null ? cursor.key : null;
        const page = reading(each, (held) => held.list({ limit: limit - letters.length, after: from }));
        letters.push(...page.letters.map((letter) => listed(each, letter)));
        if (page.next === null)
            continue;
        next = `${page.next}.${each.app}`;
        break;
    }
    return { apps: views, letters, next };
}
/**
 * One dead letter with its event. The verification token, which the platform puts into every event, is struck out.
 * @throws LetterProblem
 */
export function showLetter(apps, app, eventId) {
    const { holder, letter } = found(apps, app, eventId);
    return { ...listed(holder, letter), envelope: withoutToken(letter.envelope) };
}
/**
 * Sends a dead letter on its way again, or throws it away.
 * @throws LetterProblem
 */
export async function settleLetter(apps, app, eventId, how) {
    const { holder } = found(apps, app, eventId);
    const letters = reading(holder, (held) => held);
    let isSettled;
    try {
        isSettled = await (how === 'replayed' ? letters.replay(eventId) : letters.drop(eventId));
    }
    catch (error) {
        if (error instanceof ReplayRefused)
            throw new LetterProblem('busy', redact(error.message), 'It is a dead letter still. Try again soon.', {
                cause: error,
            });
        throw unusable(holder, error);
    }
    // Somebody else was faster.
    if (!isSettled)
        throw noSuchLetter(eventId);
    return { app: holder.app, appId: holder.appId, eventId, how };
}
function found(apps, app, eventId) {
    const holders = [];
    let silent = null;
    for (const holder of meantOf(apps, app)) {
        if (holder.deadLetters === null)
            continue;
        try {
            const letter = reading(holder, (held) => held.show(eventId));
            if (letter !== null)
                holders.push({ holder, letter });
        }
        catch (error) {
            if (!(error instanceof LetterProblem))
                throw error;
            // Another app may well have it; if none has, this one might.
            silent ??= error;
        }
    }
    const [only, ...others] = holders;
    if (only === undefined)
        throw silent ?? noSuchLetter(eventId);
    if (others.length === 0)
        return only;
    const names = holders.map(({ holder }) => holder.app).join(', ');
    throw new LetterProblem('ambiguous', `several apps have a dead letter of this id: ${names}`, 'Name the one that is meant: --app <name>, or ?app=<name>.');
}
/** @throws LetterProblem if none of those that are meant keeps a journal. */
function meantOf(apps, wanted) {
    const named = apps.filter(({ app }) => app === wanted);
    const meant = wanted === null ? apps : named.length > 0 ? named : apps.filter(({ appId }) => appId === wanted);
    const names = apps.map(({ app }) => app).join(', ') || 'none';
    if (wanted !== null && meant.length === 0)
        throw new LetterProblem('no_such_app', 'no such app', `There are ${names}.`);
    if (meant.every(({ deadLetters }) => deadLetters === null)) {
        const who = meant.map(({ app }) => app).join(', ') || 'nobody';
        throw new LetterProblem('no_journal', `${who} without a journal: there are no dead letters`, 'Name a directory for it: journal.directory in the configuration, or FEISHU_JOURNAL_DIRECTORY.');
    }
    return meant;
}
function appLettersOf(view) {
    const { app, appId, deadLetters } = view;
    if (deadLetters === null)
        return { app, appId, count: null, problem: 'without a journal' };
    try {
        return { app, appId, count: reading(view, ({ count }) => count), problem: null };
    }
    catch (error) {
        if (!(error instanceof LetterProblem))
            throw error;
        return { app, appId, count: null, problem: error.message };
    }
}
/** @throws LetterProblem `journal_unusable` */
function reading(view, read) {
    if (view.deadLetters === null)
        throw new TypeError(`${view.app} keeps no journal`);
    try {
        return read(view.deadLetters());
    }
    catch (error) {
        throw unusable(view, error);
    }
}
function unusable({ app }, error) {
    const said = redact(error instanceof Error ? error.message : String(error));
    const hint = error instanceof StoreError
        ? STORE_FAILURES[error.failure]
        : 'It is open while the connector runs: look at its log, and try again.';
    return new LetterProblem('journal_unusable', `the journal of ${app} cannot be used: ${said}`, hint, { cause: error });
}
function noSuchLetter(eventId) {
    return new LetterProblem('no_such_letter', `no dead letter of the id ${JSON.stringify(eventId.length > 100 ? `${eventId.slice(0, 100)}…` : eventId)}`, 'It may have been settled before. The list has those there are: feishu-connector dead-letters list.');
}
function listed({ app, appId }, letter) {
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
function cursorOf(after) {
    const [, key, app] = /^(\d{16})\.(.+)$/su.exec(after) ?? [];
    if (key === undefined || app === undefined)
        throw new LetterProblem('bad_query', 'bad after', 'after is what next of the page before says.');
    return { key, app };
}
const STRUCK = '[redacted]';
/** In version 2.0 it stands in the header, in version 1.0 at the top. */
function withoutToken(envelope) {
    const { header, token } = envelope;
    return {
        ...envelope,
        ...(isText(token) && { token: STRUCK }),
        ...(isRecord(header) && isText(header.token) && { header: { ...header, token: STRUCK } }),
    };
}
function isText(value) {
    return typeof value === 'string' && value !== '';
}
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
