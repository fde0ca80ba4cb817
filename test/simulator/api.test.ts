import { expect, test } from 'vitest';
import { botOpenId, DEFAULT_APP, DEFAULT_CHAT_ID, messageEvent } from '../../src/simulator/index.js';
import { after, BASE_URL, get, post, stage } from './stage.js';

async function signedIn(options: Parameters<typeof stage>[0] = {}) {
  const set = stage(options);
  const { clock, face } = set;
  const credentials = { app_id: DEFAULT_APP.appId, app_secret: DEFAULT_APP.appSecret };
  const answer = await after(
    clock,
    10,
    post(face.http, '/open-apis/auth/v3/tenant_access_token/internal', credentials),
  );
  const headers = { Authorization: `Bearer ${JSON.parse(answer.body).tenant_access_token}` };
  const read = (response: { status: number; body: string }) => ({
    status: response.status,
    body: JSON.parse(response.body),
  });
  return {
    ...set,
    headers,
    get: async (path: string) => read(await after(clock, 10, get(face.http, path, headers))),
    post: async (path: string, body: unknown) => read(await after(clock, 10, post(face.http, path, body, headers))),
  };
}

const TEXT = { receive_id: DEFAULT_CHAT_ID, msg_type: 'text', content: '{"text":"hello"}' };
const MESSAGES = '/open-apis/im/v1/messages';

test('a message that the bot sends is recorded', async () => {
  const { platform, post, clock } = await signedIn();
  const { status, body } = await post(`${MESSAGES}?receive_id_type=chat_id`, TEXT);
  expect([status, body.code]).toEqual([200, 0]);
  expect(body.data).toMatchObject({
    message_id: expect.stringMatching(/^om_/),
    chat_id: DEFAULT_CHAT_ID,
    msg_type: 'text',
    body: { content: TEXT.content },
    sender: { id: DEFAULT_APP.appId, sender_type: 'app' },
  });
  expect(platform.sent).toMatchObject([
    {
      messageId: body.data.message_id,
      receiveIdType: 'chat_id',
      content: TEXT.content,
      createTime: clock.wallNow() - 5,
    },
  ]);
});

test('a reply goes to the chat of the message it answers', async () => {
  const { platform, post } = await signedIn();
  platform.send(messageEvent({ messageId: 'om_question', chatId: 'oc_somewhere' }));
  const { body } = await post(`${MESSAGES}/om_question/reply`, { msg_type: 'text', content: '{"text":"yes"}' });
  expect(body.data).toMatchObject({ chat_id: 'oc_somewhere', parent_id: 'om_question' });
  expect((await post(`${MESSAGES}/om_unknown/reply`, { msg_type: 'text', content: '{}' })).body.code).toBe(230011);
});

test.each([
  ['?receive_id_type=pigeon', TEXT],
  ['?receive_id_type=chat_id', { ...TEXT, receive_id: '' }],
  ['?receive_id_type=chat_id', { ...TEXT, msg_type: undefined }],
  ['?receive_id_type=chat_id', { ...TEXT, content: 'not json' }],
  ['?receive_id_type=chat_id', 'not json'],
])('a message that is none is refused: %s %j', async (query, body) => {
  const { platform, post } = await signedIn();
  expect(await post(MESSAGES + query, body)).toMatchObject({ status: 400, body: { code: 230001 } });
  expect(platform.sent).toEqual([]);
});

test('the history holds what users and the bot said, in order, and pages through it', async () => {
  const { clock, get, platform, post } = await signedIn();
  const startedAt = Math.floor(clock.wallNow() / 1000);
  for (const text of ['one', 'two', 'three']) {
    platform.send(messageEvent({ text, chatId: 'oc_chat', chatType: 'group' }));
    await clock.advanceBy(60_000);
  }
  await post(`${MESSAGES}?receive_id_type=chat_id`, { ...TEXT, receive_id: 'oc_chat' });
  platform.send(messageEvent({ chatId: 'oc_other', chatType: 'group' }));
  const list = `${MESSAGES}?container_id_type=chat&container_id=oc_chat`;
  const textsOf = (items: { body: { content: string } }[]) => items.map((item) => JSON.parse(item.body.content).text);
  const whole = (await get(list)).body.data;
  expect(textsOf(whole.items)).toEqual(['one', 'two', 'three', 'hello']);
  expect(whole).toMatchObject({ has_more: false, page_token: '' });
  const first = (await get(`${list}&page_size=3&sort_type=ByCreateTimeDesc`)).body.data;
  expect([textsOf(first.items), first.has_more]).toEqual([['hello', 'three', 'two'], true]);
  const rest = (await get(`${list}&page_size=3&sort_type=ByCreateTimeDesc&page_token=${first.page_token}`)).body.data;
  expect([textsOf(rest.items), rest.has_more]).toEqual([['one'], false]);
  const window = (await get(`${list}&start_time=${startedAt + 30}&end_time=${startedAt + 90}`)).body.data;
  expect(textsOf(window.items)).toEqual(['two']);
  expect((await get('/open-apis/im/v1/chats')).body.data.items).toMatchObject([
    { chat_id: 'oc_chat' },
    { chat_id: 'oc_other' },
  ]);
});

test('the list of chats holds groups alone, on demand the most recently active first', async () => {
  const { get, platform } = await signedIn();
  const idsOf = async (query = '') =>
    (await get(`/open-apis/im/v1/chats${query}`)).body.data.items.map((item: { chat_id: string }) => item.chat_id);
  for (const chatId of ['oc_1', 'oc_2', 'oc_1']) platform.send(messageEvent({ chatId, chatType: 'group' }));
  platform.send(messageEvent({ chatId: 'oc_private' }));
  expect(await idsOf()).toEqual(['oc_1', 'oc_2']);
  platform.send(messageEvent({ chatId: 'oc_2', chatType: 'group' }));
  expect(await idsOf('?sort_type=ByActiveTimeDesc')).toEqual(['oc_2', 'oc_1']);
});

test('what is said in a group without the bot stands in the history, mentions included, and is pushed to nobody', async () => {
  const { get, platform } = await signedIn();
  const mentions = ['ou_somebody', botOpenId(DEFAULT_APP.appId)];
  platform.say(messageEvent({ chatId: 'oc_group', chatType: 'group', mentions }));
  expect(platform.ledger.summary.total).toBe(0);
  const list = `${MESSAGES}?container_id_type=chat&container_id=oc_group`;
  expect((await get(list)).body.data.items).toMatchObject([
    { mentions: [{ id: 'ou_somebody', id_type: 'open_id' }, { id: mentions[1] }] },
  ]);
  expect((await get('/open-apis/bot/v3/info')).body.bot.open_id).toBe(mentions[1]);
});

test('the online count can leave out a connection that still gets its pongs', async () => {
  const { get, visitor, platform, clock } = await signedIn();
  const first = await visitor().connect();
  await visitor().connect();
  const count = async () => (await get('/open-apis/event/v1/connection')).body.data.online_instance_cnt;
  platform.inject({ fault: 'mute', which: first.id, isUncounted: true });
  expect(await count()).toBe(1);
  first.sendPing();
  await clock.advanceBy(20);
  expect(first.pongs).toHaveLength(1);
  platform.clear();
  expect(await count()).toBe(2);
});

test('a dead connection that the platform has not noticed is counted', async () => {
  const { get, visitor, platform, clock } = await signedIn();
  const gone = await visitor().connect();
  platform.inject({ fault: 'dead_connection_kept', keptMs: 60_000 });
  gone.socket?.terminate();
  await clock.advanceBy(20);
  const count = async () => (await get('/open-apis/event/v1/connection')).body.data.online_instance_cnt;
  expect(await count()).toBe(1);
  await clock.advanceBy(60_000);
  expect(await count()).toBe(0);
});

test.each(['container_id_type=thread', 'container_id_type=chat&page_size=0', 'container_id_type=chat&page_token=x'])(
  'a history request that is none is refused: %s',
  async (query) => {
    const { get } = await signedIn();
    expect(await get(`${MESSAGES}?container_id=oc_chat&${query}`)).toMatchObject({
      status: 400,
      body: { code: 230001 },
    });
  },
);

test('a redelivered message stands in the history once', async () => {
  const { get, platform } = await signedIn();
  platform.send(messageEvent({ messageId: 'om_1', eventId: 'e-1' }));
  platform.send(messageEvent({ messageId: 'om_1', eventId: 'e-1' }));
  const list = `${MESSAGES}?container_id_type=chat&container_id=${DEFAULT_CHAT_ID}`;
  expect((await get(list)).body.data.items).toHaveLength(1);
});

test('the bot knows itself, and how many of its connections are online', async () => {
  const { get, visitor } = await signedIn();
  expect((await get('/open-apis/bot/v3/info')).body).toMatchObject({ code: 0, bot: { open_id: expect.any(String) } });
  expect((await get('/open-apis/event/v1/connection')).body.data).toEqual({ online_instance_cnt: 0 });
  await visitor().connect();
  await visitor().connect();
  expect((await get('/open-apis/event/v1/connection')).body.data).toEqual({ online_instance_cnt: 2 });
});

test('the app knows its scopes, and how it is subscribed', async () => {
  const { get } = await signedIn();
  const { scopes } = (await get('/open-apis/application/v6/scopes')).body.data;
  expect(scopes).toContainEqual({ scope_name: 'im:message:readonly', grant_status: 1 });
  for (const id of ['me', DEFAULT_APP.appId]) {
    expect((await get(`/open-apis/application/v6/applications/${id}?lang=en_us`)).body.data.app).toMatchObject({
      app_id: DEFAULT_APP.appId,
      event: { subscription_type: 'websocket', subscribed_events: ['im.message.receive_v1'] },
    });
  }
  const bad = (path: string) => get(`/open-apis/application/v6/applications/${path}`);
  expect((await bad('me')).body.code).toBe(230001);
  expect((await bad('cli_0000000000000000?lang=en_us')).body.code).toBe(210504);
});

test('F10: a mistake in the console is told by the API, and no event is pushed while it lasts', async () => {
  const { get, platform, visitor, clock } = await signedIn();
  const client = await visitor().connect();
  const application = '/open-apis/application/v6/applications/me?lang=en_us';
  for (const what of ['webhook', 'no_events', 'no_scopes'] as const) {
    platform.inject({ fault: 'console_wrong', what });
    platform.send(messageEvent());
    await clock.advanceBy(1_000);
    const { event } = (await get(application)).body.data.app;
    const { scopes } = (await get('/open-apis/application/v6/scopes')).body.data;
    expect([what, event.subscription_type, event.subscribed_events.length, scopes[0].grant_status]).toEqual([
      what,
      what === 'webhook' ? 'webhook' : 'websocket',
      what === 'no_events' ? 0 : 1,
      what === 'no_scopes' ? 2 : 1,
    ]);
    platform.clear();
  }
  expect([client.isOpen, client.events]).toEqual([true, []]);
  platform.inject({ fault: 'console_wrong', what: 'hidden' });
  expect((await get(application)).body.code).toBe(99991672);
  platform.send(messageEvent());
  await clock.advanceBy(1_000);
  expect(client.events).toHaveLength(1);
});

test('answers carry the date of the platform, or the one that a fault says', async () => {
  const { face, clock, platform, headers } = await signedIn();
  const dateOf = async () => {
    const asked = get(face.http, '/open-apis/bot/v3/info', headers);
    return Date.parse((await after(clock, 10, asked)).headers.date ?? '');
  };
  const whole = (ms: number) => Math.floor(ms / 1_000) * 1_000;
  const before = await dateOf();
  expect([before, before % 1_000]).toEqual([whole(clock.wallNow() - 5), 0]);
  platform.inject({ fault: 'date_skew', offsetMs: -3_600_000 });
  expect(await dateOf()).toBe(whole(clock.wallNow() - 5 - 3_600_000));
});

test('unknown routes and methods say so', async () => {
  const { get, clock, face } = await signedIn();
  expect(await get('/open-apis/nothing/here')).toMatchObject({ status: 404, body: { code: 404 } });
  expect(await get('/somewhere')).toMatchObject({ status: 404, body: { code: 404 } });
  const request = face.http({
    method: 'DELETE',
    url: `${BASE_URL}/open-apis/bot/v3/info`,
    route: '/',
    timeoutMs: 1000,
    maxBytes: 1000,
  });
  expect((await after(clock, 10, request)).status).toBe(405);
});

test('fault api_code: a code, a status, the header of the rate limit, on the path it names', async () => {
  const { clock, face, get: ask, headers, platform } = await signedIn();
  platform.inject({ fault: 'api_code', code: 99991400, status: 429, resetAfterS: 7, path: '/open-apis/im/', times: 1 });
  expect((await ask('/open-apis/bot/v3/info')).status).toBe(200);
  const limited = await after(clock, 10, get(face.http, MESSAGES, headers));
  expect([limited.status, limited.headers['x-ogw-ratelimit-reset']]).toEqual([429, '7']);
  expect(JSON.parse(limited.body).code).toBe(99991400);
  platform.inject({ fault: 'api_code', code: 99991663 });
  expect(await ask('/open-apis/bot/v3/info')).toMatchObject({ status: 400, body: { code: 99991663 } });
});

test('fault api_status: an HTTP error with HTML', async () => {
  const { clock, face, headers, platform } = await signedIn();
  platform.inject({ fault: 'api_status', status: 503 });
  const answer = await after(clock, 10, get(face.http, MESSAGES, headers));
  expect([answer.status, answer.headers['content-type']]).toEqual([503, 'text/html']);
});

test('faults api_delay and api_hang: late, or never', async () => {
  const { clock, face, headers, platform } = await signedIn();
  const info = '/open-apis/bot/v3/info';
  platform.inject({ fault: 'api_delay', delayMs: 2000, times: 1 });
  expect((await after(clock, 2010, get(face.http, info, headers))).status).toBe(200);
  platform.inject({ fault: 'api_hang', path: info });
  await expect(after(clock, 15_000, get(face.http, info, headers))).rejects.toMatchObject({ kind: 'timeout' });
});
