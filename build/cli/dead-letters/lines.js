import { printable, span } from '../../doctor/index.js';
/** Wider columns are left ragged: one strange id must not push all others off the screen. */
const COLUMN_MAX = 48;
/**
 * A page of dead letters for people: a block per app, a line per letter. Empty apps are told of too.
 * @param wallNow Epoch milliseconds.
 */
export function pageLines({ apps, letters, next }, wallNow, isColoured) {
    const bold = (text) => (isColoured ? `\u001b[1m${text}\u001b[0m` : text);
    const blocks = apps.flatMap(({ app, count, problem }) => {
        const own = letters.filter((letter) => letter.app === app);
        // Of an app whose letters stand on another page the number is enough.
        const title = `${bold(printable(app))}  ${problem ?? countWords(count ?? 0)}`;
        return own.length === 0 ? [title] : [[title, ...tableOf(own, wallNow)].join('\n')];
    });
    const more = next === null ? [] : [`More: --after ${shellWord(next)}`];
    return [...blocks, ...more].join('\n\n');
}
function tableOf(letters, wallNow) {
    const rows = letters.map(({ diedAt, eventId, eventType, reason, attempts, detail }) => [
        span(wallNow - diedAt),
        idWord(eventId),
        eventType,
        reason,
        String(attempts),
        printable(detail),
    ]);
    return aligned([['age', 'event id', 'type', 'reason', 'attempts', 'detail'], ...rows]);
}
/** What is known of a dead letter besides its event, a line each. */
export function letterLines(letter, wallNow) {
    const { app, appId, eventId, eventType, reason, attempts, detail, source, arrivedAt, diedAt, payloadBytes } = letter;
    const at = (ms) => `${new Date(ms).toISOString()}, ${span(wallNow - ms)} ago`;
    return aligned([
        ['event id', idWord(eventId)],
        ['type', printable(eventType)],
        ['app', `${printable(app)} (${printable(appId)})`],
        ['arrived', `${at(arrivedAt)}, by ${source}`],
        ['given up', at(diedAt)],
        ['reason', reason],
        ['attempts', String(attempts)],
        ['detail', printable(detail)],
        ['size', `${payloadBytes} bytes`],
    ]).join('\n');
}
function aligned(rows) {
    const widths = (rows[0] ?? []).map((_title, column) => Math.min(COLUMN_MAX, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
    return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
/** `1 dead letter`, `12,345 dead letters`. */
export function countWords(count) {
    if (count === 0)
        return 'no dead letters';
    return count === 1 ? '1 dead letter' : `${count.toLocaleString('en-US')} dead letters`;
}
/** An id as it is, or, where a terminal would not show it as it is, in quotes as JSON writes it. */
export function idWord(eventId) {
    return printable(eventId) === eventId ? eventId : safeJson(eventId);
}
function shellWord(text) {
    return /^[\w.:-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", "'\\''")}'`;
}
/**
 * JSON that a terminal shows as it is: what users and strangers wrote cannot move its cursor, forge a line or turn its
 * text around. It reads the same as without.
 */
export function safeJson(value, indent = 0) {
    return JSON.stringify(value, null, indent).replace(/[^\P{C}\n]/gu, (character) => character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
