import { expect, test } from 'vitest';
import { botOpenId, messageEvent } from '../../src/simulator/index.js';
import type { Envelope } from '../../src/wire/index.js';
import { APP, DAY, HOUR, MINUTE, Scene, SECOND, scene } from './scene.js';

const GROUP = { chatId: 'oc_group', chatType: 'group' } as const;
/** Nobody online: the platform gives the event up at once, the worse of the two behaviours that were reported. */
const LOST = { platform: { whenNobodyOnline: 'lost' } } as const;
const OPEN_ID = 'ou_84aad35d084aa403a838cf73ee18467';
const CHATS = '/open-apis/im/v1/chats';
const MESSAGES = '/open-apis/im/v1/messages';

const idOf = ({ data }: Envelope) => (data.message as { message_id: string }).message_id;
const recordsOf = (world: Scene) => world.of('gap_closed').map(({ record }) => record);

test('what an outage swallowed is found in history, in order, and handed to delivery', async () => {
  const world = await scene(LOST);
  await world.hear({ text: 'before' });
  await world.drop();
  await world.clock.advanceBy(MINUTE);
  const lost = ['one', 'two', 'three'].map((text) => world.send({ text }));
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual(lost);
  expect(recordsOf(world)).toMatchObject([
    { cause: 'outage', found: 3, alreadyKnown: 1, unreachable: [], recovered: 'yes', otherEventTypes: { types: [] } },
  ]);
  expect(world.of('catchup_found')).toHaveLength(3);
  expect(world.of('gaps').map(({ open }) => open)).toEqual([0, 1, 0]);
});

test('what redelivery brought is known, and not handed over again', async () => {
  const world = await scene({ platform: { whenNobodyOnline: 'retry' } });
  await world.hear();
  await world.drop();
  await world.clock.advanceBy(20 * SECOND);
  const missed = world.send();
  await world.clock.advanceBy(12 * SECOND);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.messages.get(missed)).toBe('push');
  expect(world.fed).toEqual([]);
  expect(recordsOf(world)).toMatchObject([{ found: 0, alreadyKnown: 2, recovered: 'yes' }]);
});

test('a synthetic event looks as the platform would have pushed it, but for what history does not have', async () => {
  const world = await scene(LOST);
  await world.hear();
  await world.drop();
  const messageId = world.send({ text: 'hello', ...GROUP, mentions: [botOpenId(APP)] });
  const pushed = world.platform.ledger.events.at(-1)?.envelope as { event: Record<string, never> };
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  const [event] = world.fed;
  expect(event).toMatchObject({
    id: `catchup:${messageId}`,
    type: 'im.message.receive_v1',
    tenantKey: '2ca1d211f64f6438',
  });
  expect(event?.raw).toMatchObject({
    schema: '2.0',
    header: {
      event_id: `catchup:${messageId}`,
      event_type: 'im.message.receive_v1',
      app_id: APP,
      tenant_key: '2ca1d211f64f6438',
    },
  });
  const { message, sender } = pushed.event as Record<string, Record<string, unknown>>;
  const [mention] = (message?.mentions ?? []) as { id: { open_id: string } }[];
  expect(event?.data.message).toEqual({ ...message, mentions: [{ ...mention, id: { open_id: mention?.id.open_id } }] });
  expect(event?.data.sender).toEqual({
    ...sender,
    sender_id: { open_id: OPEN_ID },
  });
});

test('messages that were not meant for the bot are left alone: groups without a mention, its own, withdrawn ones', async () => {
  const world = await scene(LOST);
  await world.hear({ ...GROUP, mentions: [botOpenId(APP)] });
  await world.drop();
  world.platform.say(messageEvent({ ...GROUP, text: 'among ourselves' }));
  world.platform.say(messageEvent({ ...GROUP, mentions: ['ou_somebody_else'] }));
  const meant = world.send({ ...GROUP, mentions: ['ou_somebody_else', botOpenId(APP)] });
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([meant]);
});

test('once the platform has pushed a group message without a mention, all of them are meant', async () => {
  const world = await scene(LOST);
  await world.hear({ ...GROUP });
  await world.drop();
  const lost = world.send({ ...GROUP, text: 'no mention' });
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
});

test('a group without any cursor is found in the list of chats; a private chat is found by its cursor', async () => {
  const world = await scene(LOST);
  await world.hear({ chatId: 'oc_private' });
  await world.drop();
  const lost = [world.send({ ...GROUP, mentions: [botOpenId(APP)] }), world.send({ chatId: 'oc_private' })];
  const stranger = world.send({ chatId: 'oc_new_private' });
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(new Set(world.fed.map(idOf))).toEqual(new Set(lost));
  // Nobody can list it: the record says so rather than that all is well with it.
  expect(world.messages.has(stranger)).toBe(false);
  expect(recordsOf(world)[0]?.otherEventTypes.why).toContain('Private chats');
});

test('a chat of many pages does not starve a quiet one, and each keeps its order', async () => {
  const world = await scene({ ...LOST, policy: { catchup: { concurrency: 1 } } });
  for (const chatId of ['oc_quiet', 'oc_busy']) await world.hear({ chatId });
  await world.clock.advanceBy(MINUTE);
  await world.drop();
  const busy: string[] = [];
  for (let index = 0; index < 120; index++) {
    busy.push(world.send({ chatId: 'oc_busy' }));
    await world.clock.advanceBy(SECOND);
  }
  const quiet = world.send({ chatId: 'oc_quiet' });
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  const order = world.fed.map(idOf);
  expect(order.filter((id) => id !== quiet)).toEqual(busy);
  expect(order.indexOf(quiet)).toBeLessThan(60);
});

test('without the scope for history it says which one is missing, and that nobody knows what was lost', async () => {
  const world = await scene(LOST);
  await world.hear();
  const message = 'Access denied. One of the following scopes is required: [im:message, im:message:readonly].';
  world.platform.inject({ fault: 'api_code', code: 99991672, path: MESSAGES, message });
  await world.outage(MINUTE);
  await world.clock.advanceBy(MINUTE);
  const [record] = recordsOf(world);
  expect(record).toMatchObject({
    recovered: 'unknown',
    unreachable: [{ what: 'chats', why: 'scope_missing', count: 1 }],
  });
  expect(record?.unreachable[0]?.detail).toContain('im:message:readonly');
  // Asked once, not once for each chat.
  expect([world.callsTo(CHATS), world.callsTo(MESSAGES)]).toEqual([1, 1]);
});

test('without the scope for the list of chats, those with a cursor are read all the same', async () => {
  const world = await scene(LOST);
  await world.hear();
  world.platform.inject({ fault: 'api_code', code: 99991672, path: CHATS });
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world)[0]).toMatchObject({
    found: 1,
    recovered: 'unknown',
    unreachable: [{ what: 'chat_list', why: 'scope_missing', detail: expect.stringContaining('im:chat:readonly') }],
  });
});

test('a rate limit is waited out for as long as the platform says', async () => {
  const world = await scene(LOST);
  await world.hear();
  world.platform.inject({ fault: 'api_code', code: 99991400, status: 429, resetAfterS: 40, path: MESSAGES, times: 1 });
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(40 * SECOND);
  expect(world.fed).toEqual([]);
  await world.clock.advanceBy(20 * SECOND);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world)[0]?.recovered).toBe('yes');
});

test('a platform that does not answer is asked again later, until it does', async () => {
  const world = await scene(LOST);
  await world.hear();
  await world.drop();
  const lost = world.send();
  world.platform.inject({ fault: 'api_status', status: 503, forMs: 10 * MINUTE });
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(30 * MINUTE);
  expect(world.of('catchup_failed').length).toBeGreaterThan(0);
  expect(world.of('catchup_failed')[0]).toMatchObject({ failure: 'http_status', retryInMs: expect.any(Number) });
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world)[0]).toMatchObject({ found: 1, recovered: 'yes' });
});

test('what cannot be read in all the runs that are allowed is told as not recovered', async () => {
  const world = await scene({ ...LOST, policy: { catchup: { maxRuns: 2 } } });
  await world.hear();
  world.platform.inject({ fault: 'api_status', status: 503, path: '/open-apis/im/' });
  await world.outage(MINUTE);
  await world.clock.advanceBy(HOUR);
  expect(recordsOf(world)[0]).toMatchObject({ recovered: 'no' });
  expect(world.of('catchup_failed').at(-1)).toMatchObject({ retryInMs: null });
  expect(world.of('gaps').at(-1)?.open).toBe(0);
});

test('delivery that has no room stops the chat where it is, and gets the rest in order later', async () => {
  let isFull = true;
  const world = await scene({ ...LOST, feed: async () => (isFull ? 'refused' : 'taken') });
  await world.hear();
  await world.drop();
  const lost = [world.send(), world.send(), world.send()];
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(50 * SECOND);
  expect(world.of('catchup_failed')).toMatchObject([{ failure: 'refused' }]);
  expect(world.fed).toEqual([]);
  isFull = false;
  await world.clock.advanceBy(3 * MINUTE);
  expect(world.fed.map(idOf)).toEqual(lost);
});

test('a run that a bound ended goes on where it stood', async () => {
  const world = await scene({ ...LOST, policy: { catchup: { maxMessages: 60, concurrency: 1 } } });
  await world.hear();
  await world.drop();
  const lost = Array.from({ length: 100 }, () => world.send());
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(45 * SECOND);
  expect(world.of('catchup_failed')).toMatchObject([{ failure: 'bounds' }]);
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.fed.map(idOf)).toEqual(lost);
  expect(recordsOf(world)[0]).toMatchObject({ found: 100, recovered: 'yes' });
});

test('the time without us is a gap from the last proof before the stop to the first after it', async () => {
  const world = await scene(LOST);
  await world.hear();
  const stoppedAt = world.clock.wallNow();
  await world.end();
  const lost = world.send();
  await world.clock.advanceBy(HOUR);
  await world.begin();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  const [record] = recordsOf(world);
  expect(record).toMatchObject({ cause: 'restart', found: 1, recovered: 'yes' });
  expect(record?.from).toBeLessThanOrEqual(stoppedAt);
  expect((record?.to ?? 0) - (record?.from ?? 0)).toBeGreaterThan(HOUR);
});

test('a killed process leaves enough behind for the next one, which also reads what the dead connection got (F08)', async () => {
  const world = await scene({ ...LOST, policy: { view: { isEnabled: false } } });
  await world.hear();
  await world.clock.advanceBy(5 * MINUTE);
  world.platform.inject({ fault: 'dead_connection_kept', keptMs: 5 * MINUTE, times: 1 });
  world.kill();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.begin();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world)).toMatchObject([{ cause: 'restart', recovered: 'yes' }]);
  await world.clock.advanceBy(11 * MINUTE);
  expect(recordsOf(world)).toMatchObject([{ cause: 'restart' }, { cause: 'aftermath', recovered: 'yes' }]);
});

test('a crash in the middle of a run: the next process goes on, and nothing is taken twice or left out', async () => {
  const world = await scene({
    ...LOST,
    policy: { notesIntervalMs: SECOND, catchup: { concurrency: 1 }, callIntervalMs: 5_000 },
  });
  await world.hear();
  await world.clock.advanceBy(2 * SECOND);
  await world.drop();
  const lost = Array.from({ length: 150 }, () => world.send());
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.runUntil(() => world.fed.length >= 50, MINUTE);
  await world.clock.advanceBy(1_500);
  expect(world.fed.length).toBeLessThan(150);
  world.kill();
  await world.clock.advanceBy(10 * SECOND);
  await world.begin();
  await world.clock.advanceBy(5 * MINUTE);
  expect(world.fed.map(idOf)).toEqual(lost);
  expect(world.of('catchup_started').some(({ isResumed }) => isResumed)).toBe(true);
  expect(world.of('gaps').at(-1)?.open).toBeLessThanOrEqual(1); // the aftermath of the kill goes on
});

test('stop in the middle of a run ends at once, and the run goes on at the next start', async () => {
  const world = await scene(LOST);
  await world.hear();
  world.platform.inject({ fault: 'api_hang', path: MESSAGES, forMs: 80 * SECOND });
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(40 * SECOND);
  await world.connect();
  await world.clock.advanceBy(12 * SECOND);
  const before = world.clock.now();
  await world.end();
  expect(world.clock.now() - before).toBeLessThan(SECOND);
  expect(world.of('catchup_failed')).toMatchObject([{ failure: 'aborted', retryInMs: null }]);
  await world.clock.advanceBy(MINUTE);
  await world.begin();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
});

test('a bot that is kicked every minute reads its chats twice an hour, not sixty times (F11)', async () => {
  const world = await scene(LOST);
  await world.hear();
  for (let kick = 0; kick < 240; kick++) {
    await world.clock.advanceBy(58 * SECOND);
    await world.outage(2 * SECOND);
  }
  expect(world.of('gap_opened').length).toBe(240);
  expect(world.of('catchup_started').length).toBeLessThanOrEqual(8);
  expect(world.calls).toBeLessThan(60);
  await world.clock.advanceBy(HOUR);
  expect(world.of('gap_closed').length).toBe(240);
  expect(world.of('gaps').at(-1)?.open).toBe(0);
});

test('a gap of a week is caught up as far back as is allowed, and says what was not', async () => {
  const world = await scene(LOST);
  await world.hear();
  await world.drop();
  await world.clock.advanceBy(HOUR);
  const old = world.send();
  await world.clock.advanceBy(7 * DAY);
  const young = world.send();
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect([world.messages.has(old), world.messages.get(young)]).toEqual([false, 'catchup']);
  expect(recordsOf(world)[0]).toMatchObject({ recovered: 'no', unreachable: [{ what: 'time', why: 'too_long_ago' }] });
});

test('where other processes serve the app and share nothing, their events are not handled again', async () => {
  const world = await scene({ ...LOST, policy: { fleet: { others: 1 } } });
  await world.hear();
  await world.drop();
  world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed).toEqual([]);
  expect(recordsOf(world)[0]).toMatchObject({ recovered: 'unknown', unreachable: [{ why: 'other_processes' }] });
});

test('a chat that the bot has left is no loss, and is asked no more', async () => {
  const world = await scene(LOST);
  await world.hear();
  world.platform.inject({ fault: 'api_code', code: 230002, path: MESSAGES });
  await world.outage(MINUTE);
  await world.clock.advanceBy(MINUTE);
  expect(recordsOf(world)[0]).toMatchObject({ recovered: 'yes', unreachable: [] });
  await world.outage(MINUTE);
  await world.clock.advanceBy(30 * SECOND);
  expect([world.callsTo(CHATS), world.callsTo(MESSAGES)]).toEqual([2, 1]);
});

test('the token is replaced once where the platform calls it invalid', async () => {
  const world = await scene(LOST);
  await world.hear();
  await world.outage(MINUTE);
  await world.clock.advanceBy(30 * SECOND);
  world.platform.inject({ fault: 'revoke_tokens' });
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
});

test('a store that fails costs the memory, never the catching up, and says so once', async () => {
  const world = new Scene(LOST);
  const { store } = world;
  if (store === null || !('failNext' in store)) throw new Error('a store in memory is wanted');
  (store as { failNext(count: number): void }).failNext(1_000);
  await world.begin();
  await world.hear();
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(world.of('notes_failed')).toHaveLength(1);
});

test('without a store everything works but what a restart would need', async () => {
  const world = await scene({ ...LOST, store: null });
  await world.hear();
  await world.drop();
  const lost = world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world)[0]?.recovered).toBe('yes');
});

test('after stop no timer is left', async () => {
  const world = await scene();
  await world.hear();
  await world.outage(MINUTE);
  await world.stop();
  world.platform.stop();
  await world.clock.advanceBy(3 * HOUR);
  expect(world.clock.pendingTimers).toBe(0);
});

test('what delivery has forgotten it is not given again: of long ago only what was sent while nobody was connected', async () => {
  const world = await scene({ ...LOST, policy: { catchup: { overlapMs: HOUR } } });
  for (let index = 0; index < 5; index++) {
    await world.hear();
    await world.clock.advanceBy(MINUTE);
  }
  await world.outage(SECOND);
  await world.clock.advanceBy(SECOND);
  await world.hear({ text: 'between two gaps that are read as one' });
  await world.clock.advanceBy(MINUTE);
  await world.end();
  const lost = await world.hear();
  await world.clock.advanceBy(40 * HOUR);
  // Delivery remembers nothing of two days ago.
  world.messages.clear();
  await world.begin();
  await world.clock.advanceBy(2 * MINUTE);
  expect(world.fed.map(idOf)).toEqual([lost]);
  expect(recordsOf(world).length).toBe(2);
});

test('delivery that never answers holds up neither the run nor a stop', async () => {
  const world = await scene({ ...LOST, feed: () => new Promise(() => {}) });
  await world.hear();
  await world.drop();
  world.send();
  await world.clock.advanceBy(MINUTE);
  await world.connect();
  await world.clock.advanceBy(12 * SECOND);
  const before = world.clock.now();
  await world.stop();
  expect(world.clock.now()).toBe(before);
  expect(world.of('catchup_failed')).toMatchObject([{ failure: 'aborted' }]);
});
