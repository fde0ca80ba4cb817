import type { JournalSurvey } from '../connector-journal-survey.js';
import { DELIVERY_DEFAULTS } from '../connector-parts.js';
import { bytes, counted } from '../daemon/index.js';
import { StoreError } from '../ports/index.js';
import { type Check, type Finding, fail, inTime, ok, skip, warn } from './check.js';
import type { Visit } from './visit.js';
import { printable, span } from './words.js';

/** The journal, opened to be read, beside its owner or without one. */
export const JOURNAL_CHECK: Check<Visit> = { name: 'journal', look: journal };

async function journal(visit: Visit, limitMs: number): Promise<Finding> {
  const { lookIntoJournal } = visit.app;
  if (lookIntoJournal === null) return skip('it keeps none: an event is acknowledged when its handler is done');
  const late = () => new StoreError('failed', `it could not be looked into within ${span(limitMs)}`);
  try {
    const survey = await inTime(visit.clock, lookIntoJournal(), limitMs, late);
    return judgeJournal(survey, visit.clock.wallNow(), visit.status !== null);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const advice =
      'Until it can be used no event is acknowledged; the platform delivers them again for 7 h. See the runbook FeishuJournalFailing.';
    return fail(`${error.failure}: ${printable(error.message)}`, advice);
  }
}

/** Twice what a handler may take by default: whatever is older waits for something else. */
const OLD_DELIVERY_MS = 2 * DELIVERY_DEFAULTS.handlerDeadlineMs;
/** A fifth of the room is the time left to act. */
const CROWDED_RATIO = 0.8;
/** A day of a busy bot. */
const LITTLE_BYTES = 256 * 1024 * 1024;
/** LMDB needs a few pages to free any. */
const NO_ROOM_BYTES = 8 * 1024 * 1024;

const READ_ONLY =
  'Mount it so that it can be written, or name another directory in journal.directory: until then no event is acknowledged. dmesg tells whether an error of the disk made it so.';
const FORBIDDEN =
  'Whoever runs this may not write there. If the connector runs as another user that is well; else give it the directory (chown).';

/**
 * What a journal shows. Pure.
 * @param isRun Whether a daemon that answers runs the app.
 */
export function judgeJournal(survey: JournalSurvey, now: number, isRun: boolean): Finding {
  const { directory, contents, maxBytes, owner, freeBytes, writable } = survey;
  const free = freeBytes === null ? '' : `, ${bytes(freeBytes)} free on the disk`;
  if (contents === null) {
    const told = `none was ever made in ${directory}${free}`;
    if (isRun)
      return warn(told, 'The daemon keeps it elsewhere, or on another machine: name its configuration with --config.');
    if (writable === 'by_nobody') return fail(`${told}; its file system is read-only`, READ_ONLY);
    return writable === 'by_others' ? warn(told, FORBIDDEN) : ok(`${told}; the first start makes it`);
  }
  const { sizeBytes, pendingCount, oldestArrivedAt, deadLetterCount, damagedCount } = contents;
  const oldestMs = oldestArrivedAt === null ? null : Math.max(0, now - oldestArrivedAt);
  const told = [
    `${directory} has ${bytes(sizeBytes)} of at most ${bytes(maxBytes)}${free}`,
    owner === null ? 'nobody has it open' : `${printable(owner)} has it open`,
    `${pendingCount} pending${oldestMs === null ? '' : `, the oldest for ${span(oldestMs)}`}`,
    counted(deadLetterCount, 'dead letter'),
    ...(damagedCount === 0 ? [] : [`${counted(damagedCount, 'entry', 'entries')} that could not be read`]),
  ].join('; ');
  const room = 'When there is no room no event is acknowledged. Free space, or raise journal.maxBytes.';
  if (freeBytes !== null && freeBytes < NO_ROOM_BYTES) return fail(told, `The disk is full. ${room}`);
  if (sizeBytes >= maxBytes) return fail(told, `It is full. ${room}`);
  if (writable === 'by_nobody') return fail(`${told}; its file system is read-only`, READ_ONLY);
  const concerns = [
    ...(sizeBytes >= maxBytes * CROWDED_RATIO ? [`It is nearly full. ${room}`] : []),
    ...(freeBytes !== null && freeBytes < LITTLE_BYTES ? [`The disk is nearly full. ${room}`] : []),
    ...(owner !== null && !isRun
      ? ['A connector has it open that no daemon here tells of: look for that process before starting another one.']
      : []),
    ...(owner === null && isRun
      ? ['The daemon has it not open: it keeps another one. Name its own configuration with --config.']
      : []),
    ...(writable === 'by_others' && owner === null ? [FORBIDDEN] : []),
    ...(pendingCount > 0 && owner === null ? ['What is pending waits for a connector to start.'] : []),
    ...(oldestMs !== null && owner !== null && oldestMs > OLD_DELIVERY_MS
      ? ['A handler hangs, or fails again and again: see the runbook FeishuHandlerStalled.']
      : []),
    ...(deadLetterCount > 0 ? ['feishu-connector dead-letters list tells why each died; replay or drop them.'] : []),
    ...(damagedCount > 0
      ? ['The disk or the machine damaged entries; they are kept aside, and their events are lost.']
      : []),
  ];
  return concerns.length === 0 ? ok(told) : warn(told, concerns.join(' '));
}
