import { expect, test } from 'vitest';
import { DEFAULT_APP, DEFAULT_CLIENT_CONFIG, messageEvent } from '../../src/simulator/index.js';
import { envelopeOf, stage, textOf } from './stage.js';

const INVALID_TICKET = {
  how: 'refused',
  status: 403,
  headers: { 'handshake-status': '514', 'handshake-msg': 'invalid ticket', 'handshake-autherrcode': '0' },
};

test('a fresh ticket opens a socket, once', async () => {
  const { clock, visitor } = stage();
  const first = await visitor().connect();
  expect(first.isOpen).toBe(true);
  const second = visitor();
  second.dial(first.url);
  await clock.advanceBy(10);
  expect(second.end).toEqual(INVALID_TICKET);
});

test('a ticket goes stale', async () => {
  const { clock, visitor } = stage({ ticketLifetimeMs: 30_000 });
  const late = visitor();
  const url = await late.ticket();
  await clock.advanceBy(30_000);
  late.dial(url);
  await clock.advanceBy(10);
  expect(late.end).toEqual(INVALID_TICKET);
});

test('a ticket does not fit another URL', async () => {
  const { clock, visitor } = stage();
  const thief = visitor();
  const url = new URL(await thief.ticket());
  url.searchParams.set('access_key', '0'.repeat(32));
  thief.dial(url.href);
  await clock.advanceBy(10);
  expect(thief.end).toEqual(INVALID_TICKET);
});

test('the 51st connection of an app is refused with 514 and 1000040350, other apps are not concerned', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { platform, visitor } = stage({ apps: [DEFAULT_APP, other] });
  for (let count = 0; count < 50; count++) expect((await visitor().connect()).isOpen).toBe(true);
  expect((await visitor().connect()).end).toEqual({
    how: 'refused',
    status: 403,
    headers: {
      'handshake-status': '514',
      'handshake-msg': 'the number of connections exceeded the limit',
      'handshake-autherrcode': '1000040350',
    },
  });
  expect((await visitor(other).connect()).isOpen).toBe(true);
  expect(platform.connections(DEFAULT_APP.appId)).toHaveLength(50);
});

test('whoever leaves makes room', async () => {
  const { clock, visitor } = stage({ connectionLimit: 1 });
  const first = await visitor().connect();
  first.socket?.close(1000, 'bye', 1000);
  await clock.advanceBy(10);
  expect(first.end).toEqual({ how: 'closed', code: 1000, reason: 'bye' });
  expect((await visitor().connect()).isOpen).toBe(true);
});

test('a protocol ping is answered on the same connection, with the pacing', async () => {
  const { clock, visitor } = stage();
  const [first, second] = [await visitor().connect(), await visitor().connect()];
  first.sendPing();
  await clock.advanceBy(10);
  expect(first.pongs).toHaveLength(1);
  expect(second.frames).toHaveLength(0);
  const [pong] = first.pongs;
  expect(pong).toMatchObject({ method: 0, seqId: 0n, logId: 0n, headers: [{ key: 'type', value: 'pong' }] });
  expect(pong?.service).toBe(Number(new URL(first.url).searchParams.get('service_id')));
  expect(envelopeOf(pong)).toEqual(DEFAULT_CLIENT_CONFIG);
});

test('an RFC 6455 ping is answered', async () => {
  const { clock, visitor } = stage();
  const client = await visitor().connect();
  client.socket?.ping();
  await clock.advanceBy(10);
  expect(client.log).toEqual(['opened', 'pong']);
});

test('a connection without pings is reset after three intervals, not before', async () => {
  const { clock, visitor } = stage({ clientConfig: { PingInterval: 10 } });
  const client = await visitor().connect();
  const openedAt = clock.now() - 5;
  await clock.advanceTo(openedAt + 29_999);
  expect(client.isOpen).toBe(true);
  await clock.advanceTo(openedAt + 30_005);
  expect(client.end).toMatchObject({ how: 'failed', error: 'reset' });
});

test('every ping buys three more intervals', async () => {
  const { clock, platform, visitor } = stage({ clientConfig: { PingInterval: 10 } });
  const client = await visitor().connect();
  for (let ping = 0; ping < 10; ping++) {
    await clock.advanceBy(25_000);
    expect(client.sendPing()).toBe(true);
  }
  await clock.advanceBy(29_000);
  expect(client.isOpen).toBe(true);
  await clock.advanceBy(2000);
  expect(client.isOpen).toBe(false);
  expect(platform.traffic.recent('closed').at(-1)?.outcome).toBe('pings_stopped');
});

test('RFC 6455 pings do not count as a sign of life', async () => {
  const { clock, visitor } = stage({ clientConfig: { PingInterval: 10 } });
  const client = await visitor().connect();
  for (let ping = 0; ping < 4; ping++) {
    client.socket?.ping();
    await clock.advanceBy(8000);
  }
  expect(client.isOpen).toBe(false);
});

test('missing pings are forgiven for ever if the platform is told so', async () => {
  const { clock, visitor } = stage({ clientConfig: { PingInterval: 1 }, missedPingLimit: null });
  const client = await visitor().connect();
  await clock.advanceBy(86_400_000);
  expect(client.isOpen).toBe(true);
});

test('a client that was told to ping more slowly is not ended for doing so', async () => {
  const { clock, platform, visitor } = stage({ clientConfig: { PingInterval: 10 } });
  platform.inject({ fault: 'discovery_config', config: { PingInterval: 100 } });
  const client = await visitor().connect();
  await clock.advanceBy(299_000);
  expect(client.isOpen).toBe(true);
  await clock.advanceBy(2000);
  expect(client.isOpen).toBe(false);
});

test('what is no frame is counted and does no harm', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  client.socket?.send(Uint8Array.from([0xff, 0xff]));
  client.socket?.send(new Uint8Array());
  client.sendPing();
  await clock.advanceBy(10);
  expect(platform.traffic.count('bad_frame')).toBe(2);
  expect(client.pongs).toHaveLength(1);
});

test('a dial to somewhere else fails as a wrong URL does', async () => {
  const { clock, visitor } = stage();
  for (const url of ['not a url', 'https://platform.invalid/ws/v2', 'ws://platform.invalid/elsewhere']) {
    const lost = visitor();
    lost.dial(url);
    await clock.advanceBy(5);
    expect(lost.end).toMatchObject({ how: 'failed', error: 'protocol' });
  }
});

test('a socket that is terminated while it opens never opens, and the platform holds no corpse', async () => {
  const { clock, platform, visitor } = stage();
  for (const waitMs of [0, 4, 6, 9]) {
    const hasty = visitor();
    hasty.dial(await hasty.ticket());
    await clock.advanceBy(waitMs);
    hasty.socket?.terminate();
    hasty.socket?.terminate();
    await clock.advanceBy(100);
    expect(hasty.log).toEqual(['closed']);
    expect(hasty.end).toMatchObject({ how: 'failed', error: 'aborted' });
    expect(platform.connections()).toHaveLength(0);
  }
});

test('a terminated socket says so once, and nothing can be sent on it', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  client.socket?.terminate();
  expect([client.sendPing(), client.socket?.ping()]).toEqual([false, false]);
  await clock.advanceBy(10);
  expect(client.log).toEqual(['opened', 'closed']);
  expect(client.end).toMatchObject({ how: 'failed', error: 'reset' });
  expect(platform.traffic.recent('closed').map(({ outcome }) => outcome)).toEqual(['client_reset']);
});

test('fault handshake_refuse: the status and the three headers that it names', async () => {
  const { platform, visitor } = stage();
  platform.inject({ fault: 'handshake_refuse', handshakeStatus: 403, message: 'banned', times: 1 });
  platform.inject({ fault: 'handshake_refuse', status: 400, authErrorCode: 1000040350, times: 1 });
  expect((await visitor().connect()).end).toEqual({
    how: 'refused',
    status: 400,
    headers: { 'handshake-status': '514', 'handshake-msg': 'refused', 'handshake-autherrcode': '1000040350' },
  });
  expect((await visitor().connect()).end).toEqual({
    how: 'refused',
    status: 403,
    headers: { 'handshake-status': '403', 'handshake-msg': 'banned', 'handshake-autherrcode': '0' },
  });
  expect((await visitor().connect()).isOpen).toBe(true);
});

test('fault handshake_delay: the 101 comes late', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'handshake_delay', delayMs: 4000 });
  const client = await visitor().connect();
  await clock.advanceBy(3999);
  expect(client.log).toEqual([]);
  await clock.advanceBy(1);
  expect(client.isOpen).toBe(true);
});

test.each(['nothing', 'half_answer'] as const)('fault handshake_hang (%s): the 101 never comes', async (sends) => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'handshake_hang', sends });
  const client = await visitor().connect();
  await clock.advanceBy(86_400_000);
  expect(client.log).toEqual([]);
  client.socket?.terminate();
  await clock.advanceBy(10);
  expect(client.log).toEqual(['closed']);
});

test('faults refuse_tcp and dns_failure: there is no connection to be had for sockets', async () => {
  const { platform, visitor } = stage();
  platform.inject({ fault: 'refuse_tcp', via: 'socket', times: 1 });
  expect((await visitor().connect()).end).toMatchObject({ how: 'failed', error: 'refused' });
  platform.inject({ fault: 'dns_failure', via: 'socket', times: 1 });
  expect((await visitor().connect()).end).toMatchObject({ how: 'failed', error: 'dns' });
  expect((await visitor().connect()).isOpen).toBe(true);
});

test.each([
  [{}, { how: 'closed', code: 1000, reason: '' }],
  [
    { code: 1001, reason: 'going away' },
    { how: 'closed', code: 1001, reason: 'going away' },
  ],
  [{ how: 'reset' }, { how: 'failed', error: 'reset' }],
] as const)('fault accept_then_close %j: the end comes with the 101', async (how, end) => {
  const { platform, visitor } = stage();
  platform.inject({ fault: 'accept_then_close', ...how });
  const client = await visitor().connect();
  expect(client.log).toEqual(['opened', 'closed']);
  expect(client.end).toMatchObject(end);
  expect(platform.connections()).toHaveLength(0);
});

test('fault accept_then_close with afterMs: the connection lives that long', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'accept_then_close', afterMs: 500 });
  const client = await visitor().connect();
  await clock.advanceBy(499);
  expect(client.isOpen).toBe(true);
  await clock.advanceBy(1);
  expect(client.end).toMatchObject({ code: 1000 });
});

test('fault drop_socket: TCP is reset, as often and as far apart as told', async () => {
  const { clock, platform, visitor } = stage();
  const [first, second] = [await visitor().connect(), await visitor().connect()];
  platform.inject({ fault: 'drop_socket', which: 'oldest', times: 2, everyMs: 1000 });
  await clock.advanceBy(5);
  expect([first.isOpen, second.isOpen]).toEqual([false, true]);
  expect(platform.activeFaults).toMatchObject([{ usesLeft: 1, fault: { fault: 'drop_socket' } }]);
  await clock.advanceBy(1000);
  expect(second.end).toMatchObject({ how: 'failed', error: 'reset' });
  expect(platform.activeFaults).toEqual([]);
});

test('fault close_socket: a close frame with code and reason', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'close_socket', code: 4001, reason: 'kicked' });
  await clock.advanceBy(5);
  expect(client.end).toEqual({ how: 'closed', code: 4001, reason: 'kicked' });
});

test('a momentary fault strikes the connection, the app, or the random choice it names', async () => {
  const other = { appId: 'cli_00000000000000ff', appSecret: 'other' };
  const { clock, platform, visitor } = stage({ apps: [DEFAULT_APP, other] });
  const clients = [await visitor().connect(), await visitor().connect(), await visitor().connect()];
  const stranger = await visitor(other).connect();
  const [first, second, third] = clients;
  platform.inject({ fault: 'close_socket', which: second?.id ?? '' });
  await clock.advanceBy(5);
  expect(clients.map((client) => client.isOpen)).toEqual([true, false, true]);
  platform.inject({ fault: 'close_socket', which: 'newest', appId: DEFAULT_APP.appId });
  await clock.advanceBy(5);
  expect([first?.isOpen, third?.isOpen, stranger.isOpen]).toEqual([true, false, true]);
  platform.inject({ fault: 'close_socket', which: 'random', appId: other.appId });
  await clock.advanceBy(5);
  expect([first?.isOpen, stranger.isOpen]).toEqual([true, false]);
});

test('fault kick_every: each connection ends at the next multiple of the age, old and new ones alike', async () => {
  const { clock, platform, visitor } = stage();
  const old = await visitor().connect();
  const oldOpenedAt = clock.now() - 5;
  await clock.advanceTo(40_000);
  platform.inject({ fault: 'kick_every', everyMs: 30_000, code: 1001, reason: 'restart' });
  const fresh = await visitor().connect();
  const freshOpenedAt = clock.now() - 5;
  await clock.advanceTo(oldOpenedAt + 60_004);
  expect(old.isOpen).toBe(true);
  await clock.advanceTo(oldOpenedAt + 60_005);
  expect(old.end).toEqual({ how: 'closed', code: 1001, reason: 'restart' });
  await clock.advanceTo(freshOpenedAt + 30_004);
  expect(fresh.isOpen).toBe(true);
  await clock.advanceBy(1);
  expect(fresh.isOpen).toBe(false);
});

test('fault kick_every without code resets, and spares whoever reaches the age after it has ended', async () => {
  const { clock, platform, visitor } = stage();
  const id = platform.inject({ fault: 'kick_every', everyMs: 10_000 });
  const kicked = await visitor().connect();
  await clock.advanceBy(10_000);
  expect(kicked.end).toMatchObject({ how: 'failed', error: 'reset' });
  const spared = await visitor().connect();
  platform.clear(id);
  await clock.advanceBy(100_000);
  expect(spared.isOpen).toBe(true);
});

test.each([
  ['protocol', 0, 1],
  ['websocket', 1, 0],
  ['both', 0, 0],
] as const)('fault silent_pongs (%s): those pings go unanswered, events still come', async (pings, protocol, rfc) => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'silent_pongs', pings });
  const client = await visitor().connect();
  await clock.advanceBy(20);
  client.sendPing();
  client.socket?.ping();
  platform.send(messageEvent());
  await clock.advanceBy(10);
  expect(client.pongs).toHaveLength(protocol);
  expect(client.log.filter((entry) => entry === 'pong')).toHaveLength(rfc);
  expect(client.events).toHaveLength(1);
});

test('fault silent_pongs on existing sockets is healed by a reconnect', async () => {
  const { clock, platform, visitor } = stage();
  const old = await visitor().connect();
  platform.inject({ fault: 'silent_pongs', sockets: 'existing' });
  const fresh = await visitor().connect();
  old.sendPing();
  fresh.sendPing();
  await clock.advanceBy(10);
  expect([old.pongs.length, fresh.pongs.length]).toEqual([0, 1]);
});

test('fault pong_delay: the pong comes late', async () => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'pong_delay', delayMs: 7000 });
  const client = await visitor().connect();
  client.sendPing();
  await clock.advanceBy(7009);
  expect(client.pongs).toHaveLength(0);
  await clock.advanceBy(1);
  expect(client.pongs).toHaveLength(1);
});

test.each([
  ['absent', ''],
  ['not_json', '{"PingInterval":'],
  ['empty', '{}'],
  ['partial', '{"ReconnectCount":-1,"ReconnectNonce":30}'],
  [{ ReconnectCount: 1 }, JSON.stringify({ ...DEFAULT_CLIENT_CONFIG, ReconnectCount: 1 })],
] as const)('fault pong_payload %j', async (payload, text) => {
  const { clock, platform, visitor } = stage();
  platform.inject({ fault: 'pong_payload', payload, times: 1 });
  const client = await visitor().connect();
  client.sendPing();
  client.sendPing();
  await clock.advanceBy(10);
  expect(client.pongs.map(textOf)).toEqual([text, JSON.stringify(DEFAULT_CLIENT_CONFIG)]);
});

test('faults that send odd frames: garbage, text, an unknown method, an unknown type, a card, far too much', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'garbage_frame' });
  platform.inject({ fault: 'text_frame', text: 'good day' });
  platform.inject({ fault: 'unknown_method_frame' });
  platform.inject({ fault: 'unknown_type_frame' });
  platform.inject({ fault: 'card_frame' });
  await clock.advanceBy(5);
  expect(client.log).toEqual(['opened', 'message', 'undecodable', 'text', 'message', 'message', 'message']);
  expect(client.texts).toEqual([8]);
  expect(client.frames.map((frame) => [frame.method, frame.headers[0]?.value])).toEqual([
    [7, 'event'],
    [1, 'novelty'],
    [1, 'card'],
  ]);
  platform.inject({ fault: 'oversized_frame' });
  await clock.advanceBy(5);
  expect(client.end).toMatchObject({ how: 'failed', error: 'too_large' });
});

test('an oversized frame below the limit of the reader is just a large frame', async () => {
  const { clock, platform, visitor } = stage();
  const client = await visitor().connect();
  platform.inject({ fault: 'oversized_frame', bytes: 2_000_000 });
  await clock.advanceBy(5);
  expect(client.frames[0]?.payload).toHaveLength(2_000_000);
});
