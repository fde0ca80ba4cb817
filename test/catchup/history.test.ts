import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCanarySchedule } from '../../src/catchup/canary.js';
import { readChats, readMessages, readOnlineCount } from '../../src/catchup/history.js';
import {
  type Audience,
  compare,
  consoleAdvice,
  envelopeOf,
  type HistoryMessage,
  isMeantForUs,
  LOOKOUT_DEFAULTS,
  type ReceptionFacts,
  resolveLookoutPolicy,
} from '../../src/catchup/index.js';
import { parseEnvelope } from '../../src/wire/index.js';

const BOT = 'ou_bot';
const ALL: Audience = { takesBots: false, hearsGroups: true, botId: null };
const MENTIONS: Audience = { takesBots: false, hearsGroups: false, botId: BOT };
const NOW = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;

const item = (fields: Record<string, unknown> = {}) => ({
  message_id: 'om_1',
  chat_id: 'oc_1',
  msg_type: 'text',
  create_time: String(NOW),
  sender: { id: 'ou_1', id_type: 'open_id', sender_type: 'user', tenant_key: 'tenant' },
  body: { content: '{"text":"hello"}' },
  ...fields,
});

function message(fields: Record<string, unknown> = {}): HistoryMessage {
  const [read] = readMessages({ items: [item(fields)] })?.items ?? [];
  if (read === undefined) throw new Error('the message could not be read');
  return read;
}

test('a page is read as far as it can be', () => {
  expect(readMessages({})).toEqual({ items: [], nextToken: null });
  expect(readMessages({ items: null })).toEqual({ items: [], nextToken: null });
  expect(readMessages({ items: 'none' })).toBeNull();
  expect(readMessages({ items: [item()], has_more: true, page_token: 'next' })?.nextToken).toBe('next');
  expect(readMessages({ items: [item()], has_more: false, page_token: 'next' })?.nextToken).toBeNull();
  const odd = [null, 1, {}, item({ message_id: '' }), item({ create_time: 'soon' }), item({ chat_id: 1 })];
  expect(readMessages({ items: [...odd, item()] })?.items).toHaveLength(1);
  expect(readChats({ items: [{ chat_id: 'oc_1' }, { chat_id: 'oc_2', chat_status: 'dissolved' }, {}] })?.items).toEqual(
    ['oc_1'],
  );
  expect([
    readOnlineCount({ online_instance_cnt: 2 }),
    readOnlineCount({}),
    readOnlineCount({ online_instance_cnt: -1 }),
  ]).toEqual([2, null, null]);
});

test('no answer, whatever it holds, makes reading throw (seed 6)', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('items', 'has_more', 'page_token', 'online_instance_cnt'), fc.anything()),
      (data) => {
        for (const each of readMessages(data)?.items ?? [])
          envelopeOf(each, { appId: 'cli_1', tenantKey: '', chatType: 'p2p' });
        readChats(data);
        readOnlineCount(data);
      },
    ),
    { seed: 6 },
  );
});

test.each([
  ['a private message', {}, 'p2p', MENTIONS, true],
  ['a withdrawn one', { deleted: true }, 'p2p', ALL, false],
  ["a bot's", { sender: { sender_type: 'app' } }, 'p2p', ALL, false],
  ["a bot's, if bots are taken", { sender: { sender_type: 'app' } }, 'p2p', { ...ALL, takesBots: true }, true],
  ["the system's", { sender: { sender_type: '' } }, 'group', { ...ALL, takesBots: true }, false],
  ['in a group, all are heard', {}, 'group', ALL, true],
  ['in a group, no mention', {}, 'group', MENTIONS, false],
  ['in a group, somebody else', { mentions: [{ id: 'ou_2' }] }, 'group', MENTIONS, false],
  ['in a group, the bot', { mentions: [{ id: 'ou_2' }, { id: BOT }] }, 'group', MENTIONS, true],
  [
    'in a group, and nobody knows who the bot is',
    { mentions: [{ id: BOT }] },
    'group',
    { ...MENTIONS, botId: null },
    false,
  ],
] as const)('%s', (_name, fields, chatType, audience, isMeant) => {
  expect(isMeantForUs(message(fields), chatType, audience)).toBe(isMeant);
});

test('a synthetic envelope is what the wire would have read from its own JSON', () => {
  const made = envelopeOf(message({ root_id: 'om_0', thread_id: 'omt_1' }), {
    appId: 'cli_1',
    tenantKey: '',
    chatType: 'group',
  });
  expect(parseEnvelope(new TextEncoder().encode(JSON.stringify(made.raw)))).toEqual(made);
  expect(made.data.message).toMatchObject({
    root_id: 'om_0',
    thread_id: 'omt_1',
    chat_type: 'group',
    message_type: 'text',
  });
});

const RECONCILE = LOOKOUT_DEFAULTS.reconcile;
const at = (ageMs: number, id: string) => message({ message_id: id, create_time: String(NOW - ageMs) });
const judge = (messages: HistoryMessage[] | null, knownIds: string[] = [], since = NOW - HOUR) =>
  compare([{ chatType: 'p2p', messages }], (id) => knownIds.includes(id), ALL, RECONCILE, { wallNow: NOW, since });

test('a message past its first redelivery that never came proves deafness; a younger or an older one does not', () => {
  expect(judge([at(40_000, 'a')])).toMatchObject({ verdict: 'deaf', compared: 1, missing: [{ messageId: 'a' }] });
  expect(judge([at(40_000, 'a')], ['a'])).toMatchObject({ verdict: 'agrees', compared: 1, missing: [] });
  expect(judge([at(20_000, 'a')])).toMatchObject({ verdict: 'agrees', compared: 0 });
  expect(judge([at(2 * HOUR, 'a')])).toMatchObject({ verdict: 'agrees', compared: 0 });
  expect(judge(null)).toMatchObject({ verdict: 'unknown' });
});

const QUIET: ReceptionFacts = {
  connectedForMs: 25 * HOUR,
  hasEverReceived: false,
  hasEverReceivedCallback: false,
  isFirstBoot: false,
  handlesCallbacks: false,
};

test('connected for a day, or ten minutes at first boot, and never an event: the console is to be looked at (F10)', () => {
  expect(consoleAdvice(QUIET)?.advice).toHaveLength(6);
  expect(consoleAdvice({ ...QUIET, handlesCallbacks: true })?.advice.at(-1)).toContain('Callbacks');
  expect(consoleAdvice({ ...QUIET, connectedForMs: HOUR })).toBeNull();
  expect(consoleAdvice({ ...QUIET, connectedForMs: HOUR, isFirstBoot: true })).toMatchObject({
    state: 'never_received',
  });
  expect(consoleAdvice({ ...QUIET, hasEverReceived: true })).toBeNull();
  expect(consoleAdvice({ ...QUIET, connectedForMs: null })).toBeNull();
});

test.each([
  [{ view: { intervalMs: 999 } }, /view\.intervalMs must be from 1000 to 86400000, got 999/],
  [{ view: { intervalMs: Number.NaN } }, /view\.intervalMs/],
  [{ catchup: { maxChats: 0 } }, /catchup\.maxChats must be from 1/],
  [{ catchup: { groupMessages: 'some' } }, /catchup\.groupMessages must be one of all, mentions, learned/],
  [{ catchup: { maxChat: 1 } }, /unknown option catchup\.maxChat/],
  [{ nothing: 1 }, /unknown option nothing/],
  [{ reconcile: { graceMs: 1_000 } }, /reconcile\.graceMs must be from 18000/],
  [{ reconcile: { graceMs: 90_000, windowMs: 60_000 } }, /must be below reconcile\.windowMs/],
  [{ budget: { slowedShare: 0.95 } }, /^budget\.slowedShare must be from 0 to savingShare \(0\.9\), got 0\.95$/],
  [{ replace: { pause: { initialMs: 0, maxMs: 1, factor: 2, jitter: 'none' } } }, /replace\.pause\.initialMs/],
] as const)('options that cannot be used are named: %j', (options, message) => {
  expect(() => resolveLookoutPolicy(options as never)).toThrow(message);
});

test('options that are left out keep their defaults, and a schedule may be switched off', () => {
  expect(resolveLookoutPolicy({ view: { isEnabled: false } }).view.intervalMs).toBe(LOOKOUT_DEFAULTS.view.intervalMs);
  expect(resolveLookoutPolicy({ reconcile: { everyMs: null } }).reconcile.everyMs).toBeNull();
});

test('a canary has time for the first redelivery, and is home before the next one flies', () => {
  expect(checkCanarySchedule({ everyMs: 60_000 })).toEqual({ everyMs: 60_000, waitMs: 30_000 });
  expect(() => checkCanarySchedule({ everyMs: 1_000 })).toThrow(/canary\.everyMs/);
  expect(() => checkCanarySchedule({ everyMs: 60_000, waitMs: 60_000 })).toThrow(/canary\.waitMs/);
});
