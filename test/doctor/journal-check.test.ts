import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournalStore, resolveJournalOptions } from '../../src/connector-journal.js';
import { type JournalSurvey, lookIntoJournal } from '../../src/connector-journal-survey.js';
import { JOURNAL_TABLES } from '../../src/delivery/index.js';
import { encodeEntry } from '../../src/delivery/journal-entry.js';
import { Round } from '../../src/doctor/check.js';
import { JOURNAL_CHECK, judgeJournal } from '../../src/doctor/journal-check.js';
import { type ProbedApp, Visit } from '../../src/doctor/visit.js';
import { StoreError } from '../../src/ports/index.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';
import { fakeScout } from '../support/fake-scout.js';
import { HandClock } from '../support/hand-clock.js';

const NOW = Date.UTC(2026, 0, 2);
const MIB = 1_048_576;
const CALM: JournalSurvey = {
  directory: '/var/lib/bot',
  contents: { sizeBytes: MIB, pendingCount: 0, oldestArrivedAt: null, deadLetterCount: 0, damagedCount: 0 },
  maxBytes: 1_024 * MIB,
  owner: 'pid 7 on host a',
  freeBytes: 10_240 * MIB,
  writable: 'by_us',
};
const UNMADE: JournalSurvey = { ...CALM, contents: null, owner: null };
type Contents = NonNullable<JournalSurvey['contents']>;
const withContents = (changes: Partial<Contents>): JournalSurvey => ({
  ...CALM,
  contents: { ...(CALM.contents as Contents), ...changes },
});

test('a journal that its daemon has open is fine, with all that it holds', () => {
  expect(judgeJournal(CALM, NOW, true)).toMatchObject({
    result: 'ok',
    evidence:
      '/var/lib/bot has 1.0 MiB of at most 1.0 GiB, 10 GiB free on the disk; pid 7 on host a has it open; 0 pending; 0 dead letters',
  });
});

test.each<[string, JournalSurvey, boolean, 'ok' | 'warn' | 'fail', RegExp | null]>([
  ['full', withContents({ sizeBytes: 1_024 * MIB }), true, 'fail', /^It is full/],
  ['nearly full', withContents({ sizeBytes: 900 * MIB }), true, 'warn', /nearly full.*journal\.maxBytes/],
  ['on a full disk', { ...CALM, freeBytes: 4 * MIB }, true, 'fail', /^The disk is full/],
  ['on a disk that is nearly full', { ...CALM, freeBytes: 100 * MIB }, true, 'warn', /disk is nearly full/],
  ['on a disk that cannot be asked', { ...CALM, freeBytes: null }, true, 'ok', null],
  ['on a read-only file system', { ...CALM, writable: 'by_nobody' }, true, 'fail', /^Mount it so/],
  ['never made, on a read-only file system', { ...UNMADE, writable: 'by_nobody' }, false, 'fail', /^Mount it so/],
  ['never made, where another user writes', { ...UNMADE, writable: 'by_others' }, false, 'warn', /chown/],
  ['at rest, where another user writes', { ...CALM, owner: null, writable: 'by_others' }, false, 'warn', /chown/],
  ['of a daemon that is another user', { ...CALM, writable: 'by_others' }, true, 'ok', null],
  ['of which nobody tells who may write', { ...CALM, writable: null }, true, 'ok', null],
  ['with dead letters', withContents({ deadLetterCount: 2 }), true, 'warn', /dead-letters list/],
  ['with damaged entries', withContents({ damagedCount: 1 }), true, 'warn', /damaged entries/],
  [
    'with an old event',
    withContents({ pendingCount: 1, oldestArrivedAt: NOW - 3_600_000 }),
    true,
    'warn',
    /FeishuHandlerStalled/,
  ],
  ['with a young event', withContents({ pendingCount: 1, oldestArrivedAt: NOW - 1_000 }), true, 'ok', null],
  ['that another process owns', CALM, false, 'warn', /look for that process/],
  ['that nobody owns, though a daemon runs', { ...CALM, owner: null }, true, 'warn', /it keeps another one/],
  ['at rest', { ...CALM, owner: null }, false, 'ok', null],
  [
    'at rest with events',
    { ...withContents({ pendingCount: 3, oldestArrivedAt: NOW - 1 }), owner: null },
    false,
    'warn',
    /waits for a connector/,
  ],
  ['never made', UNMADE, false, 'ok', null],
  ['never made, though a daemon runs', UNMADE, true, 'warn', /on another machine/],
])('a journal %s', (_what, survey, isRun, result, advice) => {
  const found = judgeJournal(survey, NOW, isRun);
  expect(found.result).toBe(result);
  if (advice === null) expect(found.advice).toBeNull();
  else expect(found.advice).toMatch(advice);
});

async function checked(lookInto: ProbedApp['lookIntoJournal'], advanceMs = 0) {
  const clock = new HandClock();
  const app: ProbedApp = {
    app: 'bot',
    appId: APP_ID,
    baseUrl: 'https://open.example',
    secret: async () => APP_SECRET,
    secretOrigin: 'nowhere',
    openWayOut: () => ({
      http: () => Promise.reject(new TypeError('nobody is asked')),
      dial: () => {
        throw new TypeError('nobody is dialled');
      },
      scout: fakeScout(),
      close: async () => {},
    }),
    lookIntoJournal: lookInto,
  };
  const round = new Round('bot', { clock, endsAt: 9_000 });
  const looked = round.make([JOURNAL_CHECK], new Visit(app, clock, { mayCall: false }));
  await clock.advanceBy(advanceMs);
  return (await looked)[0];
}

test('an app without a journal has none to look at', async () => {
  expect(await checked(null)).toMatchObject({ result: 'skip', evidence: expect.stringContaining('keeps none') });
});

test('a journal that cannot be read fails by its own words, one that hangs at the limit', async () => {
  const damaged = () => Promise.reject(new StoreError('corrupt', '/var/lib/bot: data.mdb is damaged'));
  expect(await checked(damaged)).toMatchObject({
    result: 'fail',
    evidence: 'corrupt: /var/lib/bot: data.mdb is damaged',
    advice: expect.stringContaining('FeishuJournalFailing'),
  });
  expect(await checked(() => new Promise(() => {}), 9_000)).toMatchObject({
    result: 'fail',
    evidence: 'failed: it could not be looked into within 9.0 s',
  });
});

test('a real journal is looked into beside its owner and without one, and nothing in it changes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'doctor-journal-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  expect(await lookIntoJournal({ directory })).toMatchObject({ directory, contents: null, owner: null });

  const store = await openJournalStore(resolveJournalOptions({ directory, durability: 'process' }));
  const entry = encodeEntry({
    header: {
      eventId: 'e1',
      eventType: 'im.message.receive_v1',
      source: 'push',
      arrivedWallAt: NOW,
      laneKey: null,
      contentKeys: [],
      traceparent: null,
      isReplayed: false,
    },
    payload: new Uint8Array([123, 125]),
  });
  await store.commit([{ table: JOURNAL_TABLES.entries, key: '0000000000000001', value: entry }]);
  const open = await lookIntoJournal({ directory, maxBytes: 64 * MIB });
  expect(open).toMatchObject({
    contents: { pendingCount: 1, oldestArrivedAt: NOW, deadLetterCount: 0, damagedCount: 0 },
    maxBytes: 64 * MIB,
    owner: expect.stringMatching(/^pid \d+ on host /),
    freeBytes: expect.any(Number),
    writable: 'by_us',
  });
  expect(open.contents?.sizeBytes).toBeGreaterThan(0);
  await store.close();
  expect(await lookIntoJournal({ directory })).toMatchObject({ contents: { pendingCount: 1 }, owner: null });

  await writeFile(join(directory, 'data.mdb'), 'no store of ours');
  await expect(lookIntoJournal({ directory })).rejects.toThrow(StoreError);
});
