import { expect, test } from 'vitest';
import { type LetterApp, LetterProblem, listLetters, settleLetter, showLetter } from '../src/connector-dead-letters.js';
import { type DeadLetters, ReplayRefused } from '../src/delivery/index.js';
import { StoreError } from '../src/ports/index.js';
import { VirtualClock } from '../src/simulator/virtual-clock.js';
import { appWithLetters } from './support/letter-store.js';

const clock = new VirtualClock();

const journalless: LetterApp = { app: 'plain', appId: 'cli_00000000000000bb', deadLetters: null };

function broken(error: Error, app = 'broken'): LetterApp {
  return {
    app,
    appId: 'cli_00000000000000cc',
    deadLetters: () => {
      throw error;
    },
  };
}

function problemOf(ask: () => unknown): LetterProblem | null {
  try {
    ask();
    return null;
  } catch (error) {
    if (error instanceof LetterProblem) return error;
    throw error;
  }
}

test('pages go through all apps, each letter once, whatever the size of a page', async () => {
  const apps = [
    await appWithLetters(clock, 'sales', ['s1', 's2', 's3']),
    journalless,
    await appWithLetters(clock, 'empty', []),
    await appWithLetters(clock, 'a.b', ['b1', 'b2']),
  ];
  for (const limit of [1, 2, 3, 4, 5, 6, 1_000]) {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = listLetters(apps, { app: null, after, limit });
      expect(page.letters.length).toBeGreaterThan(0);
      expect(page.letters.length).toBeLessThanOrEqual(limit);
      seen.push(...page.letters.map(({ app, eventId }) => `${app} ${eventId}`));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(['sales s1', 'sales s2', 'sales s3', 'a.b b1', 'a.b b2']);
  }
  const { apps: counts } = listLetters(apps, { app: null, after: null, limit: 1 });
  expect(counts.map(({ app, count, problem }) => [app, count, problem])).toEqual([
    ['sales', 3, null],
    ['plain', null, 'without a journal'],
    ['empty', 0, null],
    ['a.b', 2, null],
  ]);
});

test('an app is named by its name or its id', async () => {
  const apps = [await appWithLetters(clock, 'sales', ['s1']), journalless];
  const [sales] = apps;
  for (const app of ['sales', sales?.appId ?? '']) {
    expect(listLetters(apps, { app, after: null, limit: 9 }).letters).toMatchObject([{ app: 'sales', eventId: 's1' }]);
    expect(showLetter(apps, app, 's1')).toMatchObject({ app: 'sales', envelope: { event: { n: 1 } } });
  }
});

test('without a name it is found where it is, and two apps that have it are asked apart', async () => {
  const apps = [
    journalless,
    await appWithLetters(clock, 'sales', ['same', 's1']),
    await appWithLetters(clock, 'support', ['same', 't1']),
  ];
  expect(showLetter(apps, null, 't1').app).toBe('support');
  expect(await settleLetter(apps, null, 's1', 'dropped')).toMatchObject({ app: 'sales', how: 'dropped' });
  const problem = problemOf(() => showLetter(apps, null, 'same'));
  expect([problem?.reason, problem?.message, problem?.hint]).toEqual([
    'ambiguous',
    'several apps have a dead letter of this id: sales, support',
    'Name the one that is meant: --app <name>, or ?app=<name>.',
  ]);
  expect(await settleLetter(apps, 'support', 'same', 'replayed')).toMatchObject({ app: 'support' });
  expect(showLetter(apps, null, 'same').app).toBe('sales');
});

test('every question without an answer says what is wrong and what to do', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const apps = [sales, journalless];
  const list = (query: object) => () => listLetters(apps, { app: null, after: null, limit: 1, ...query });
  const cases: readonly (readonly [() => unknown, string, RegExp])[] = [
    [list({ app: 'sale' }), 'no_such_app', /There are sales, plain\./],
    [list({ app: 'plain' }), 'no_journal', /journal\.directory.*FEISHU_JOURNAL_DIRECTORY/],
    [() => listLetters([], { app: null, after: null, limit: 1 }), 'no_journal', /journal\.directory/],
    [list({ limit: 0 }), 'bad_query', /1 to 1000/],
    [list({ limit: 1_001 }), 'bad_query', /1 to 1000/],
    [list({ limit: Number.NaN }), 'bad_query', /1 to 1000/],
    [list({ after: 'x' }), 'bad_query', /next of the page before/],
    [list({ after: `${'9'.repeat(600)}.sales` }), 'bad_query', /next of the page before/],
    [list({ after: `${'0'.repeat(16)}.gone` }), 'bad_query', /Begin anew/],
    [() => showLetter(apps, null, 's2'), 'no_such_letter', /dead-letters list/],
    [() => showLetter(apps, 'plain', 's1'), 'no_journal', /journal\.directory/],
  ];
  for (const [ask, reason, hint] of cases) {
    const problem = problemOf(ask);
    expect(problem?.reason).toBe(reason);
    expect(problem?.hint).toMatch(hint);
  }
  const long = problemOf(() => showLetter(apps, null, 'x'.repeat(5_000)));
  expect(long?.message.length).toBeLessThan(200);
});

test('a journal that cannot be read is told of its app, without secrets, and the others answer all the same', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const apps = [broken(new StoreError('in_use', '/x: owned by app_secret=hunter22')), sales];
  const page = listLetters(apps, { app: null, after: null, limit: 9 });
  expect(page.apps[0]).toMatchObject({ app: 'broken', count: null, problem: expect.stringContaining('[redacted]') });
  expect(page.letters).toHaveLength(1);
  expect(showLetter(apps, null, 's1').app).toBe('sales');
  // It may well be there.
  const problem = problemOf(() => showLetter(apps, null, 's2'));
  expect([problem?.reason, problem?.hint]).toEqual([
    'journal_unusable',
    'Another process owns the store. Give each process a directory of its own.',
  ]);
  expect(problem?.message).not.toContain('hunter22');
});

test('what a handler threw is struck clean of secrets, and so is the verification token of the app', async () => {
  const header = { event_id: 's1', token: 'rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV' };
  const apps = [
    await appWithLetters(clock, 'sales', [
      { eventId: 's1', detail: 'POST failed: app_secret=hunter22', envelope: { header, event: { token: 'c-1' } } },
      { eventId: 's2', envelope: { uuid: 's2', token: 'rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV', event: {} } },
    ]),
  ];
  const { letters } = listLetters(apps, { app: null, after: null, limit: 9 });
  expect(letters[0]?.detail).toBe('POST failed: app_secret=[redacted]');
  expect(showLetter(apps, null, 's1')).toMatchObject({
    detail: 'POST failed: app_secret=[redacted]',
    envelope: { header: { event_id: 's1', token: '[redacted]' }, event: { token: 'c-1' } },
  });
  expect(showLetter(apps, null, 's2').envelope).toEqual({ uuid: 's2', token: '[redacted]', event: {} });
});

test('a list holds nothing of what an event says', async () => {
  const apps = [await appWithLetters(clock, 'sales', [{ eventId: 's1', envelope: { event: { text: 'private' } } }])];
  expect(JSON.stringify(listLetters(apps, { app: null, after: null, limit: 9 }))).not.toContain('private');
});

test('a full queue is told apart from a journal that fails, and from somebody who was faster', async () => {
  const sales = await appWithLetters(clock, 'sales', ['s1']);
  const refusing = (error: Error | null): LetterApp => ({
    ...sales,
    deadLetters: () =>
      ({
        count: 1,
        show: (id: string) => sales.letters.show(id),
        replay: () => (error === null ? Promise.resolve(false) : Promise.reject(error)),
      }) as Partial<DeadLetters> as DeadLetters,
  });
  const settled = (error: Error | null) => settleLetter([refusing(error)], null, 's1', 'replayed');
  await expect(settled(new ReplayRefused('1000 deliveries are unfinished'))).rejects.toMatchObject({
    reason: 'busy',
    message: '1000 deliveries are unfinished',
  });
  await expect(settled(new StoreError('disk_full', '/x: full'))).rejects.toMatchObject({ reason: 'journal_unusable' });
  await expect(settled(null)).rejects.toMatchObject({ reason: 'no_such_letter' });
});
