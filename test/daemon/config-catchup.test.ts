import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/daemon/config.js';
import { ConfigError } from '../../src/daemon/config-error.js';
import { APP_ID, APP_SECRET } from '../support/app-connector.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feishu-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(catchup: string) {
  await writeFile(join(directory, 'config.yaml'), `appId: ${APP_ID}\nappSecret: ${APP_SECRET}\n${catchup}`);
  const { apps } = await loadConfig({ file: 'config.yaml', env: {}, cwd: directory });
  return apps[0]?.catchup;
}

test.each<[string, string, unknown]>([
  ['left out', '', undefined],
  ['off', 'catchup: false\n', false],
  ['off in parts', 'catchup:\n  view: false\n  catchup: true\n', { view: false, catchup: true }],
  [
    'with the names of the library',
    'catchup:\n  reconcile:\n    everyMs: 900000\n  fleet:\n    others: 2\n    isDeduplicated: true\n  callTimeoutMs: 5000\n',
    { reconcile: { everyMs: 900_000 }, fleet: { others: 2, isDeduplicated: true }, callTimeoutMs: 5_000 },
  ],
  [
    'with a backoff in part',
    'catchup:\n  catchup:\n    retry:\n      maxMs: 120000\n',
    { catchup: { retry: { initialMs: 60_000, maxMs: 120_000, factor: 2, jitter: 'equal' } } },
  ],
])('catchup %s', async (_what, text, expected) => {
  expect(await load(text)).toEqual(expected);
});

test.each<[string, string, Record<string, unknown>]>([
  [
    'a number out of bounds',
    'catchup:\n  view:\n    intervalMs: 5\n',
    { where: 'config.yaml:5', path: 'catchup.view.intervalMs', expected: 'from 1000 to 86400000', given: '5' },
  ],
  [
    'one of the part that is called like the whole',
    'catchup:\n  catchup:\n    maxChats: 0\n',
    { where: 'config.yaml:5', path: 'catchup.catchup.maxChats', expected: 'from 1 to 10000' },
  ],
  [
    'a misspelt part',
    'catchup:\n  veiw: false\n',
    { where: 'config.yaml:4', path: 'catchup.veiw', advice: 'Did you mean view?' },
  ],
  [
    'a misspelt option',
    'catchup:\n  budget:\n    monthlyQouta: 1\n',
    { path: 'catchup.budget.monthlyQouta', advice: 'Did you mean monthlyQuota?' },
  ],
  [
    'a memory that is the journal’s to say',
    'catchup:\n  catchup:\n    rememberedMs: 1\n',
    { path: 'catchup.catchup.rememberedMs', expected: 'a known option' },
  ],
  ['a word for a switch', 'catchup:\n  view: off and on\n', { path: 'catchup.view', advice: /false to switch it off/ }],
  ['a word for the whole', 'catchup: none\n', { path: 'catchup', expected: 'a mapping of options, true or false' }],
  [
    'a switch of a part',
    'catchup:\n  view:\n    isEnabled: 1\n',
    { path: 'catchup.view.isEnabled', expected: 'true or false' },
  ],
  ['a choice', 'catchup:\n  catchup:\n    groupMessages: some\n', { path: 'catchup.catchup.groupMessages' }],
])('%s says where, what and how to mend it', async (_what, text, expected) => {
  const error = await load(text).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigError);
  if (!(error instanceof ConfigError)) return;
  const { advice, ...rest } = expected;
  expect(error.problems).toHaveLength(1);
  expect(error.problems).toMatchObject([rest]);
  expect(error.problems[0]?.advice).toMatch((advice as string | RegExp | undefined) ?? /./);
});
