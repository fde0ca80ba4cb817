import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ConnectorError, createConnector } from '../src/index.js';
import { createRegistry } from '../src/observe/index.js';
import { seededRandom } from '../src/ports/index.js';
import {
  customEvent,
  DEFAULT_APP,
  inMemoryFace,
  messageEvent,
  Platform,
  VirtualClock,
} from '../src/simulator/index.js';
import { virtualWorld } from './support/world.js';

const MINUTE = 60_000;

test('start resolves before the platform is asked, twice is once, and ready waits for the proof', async () => {
  const world = virtualWorld();
  await world.connector.start();
  await world.connector.start();
  expect(world.connector.status().connected.is).toBe(false);
  const ready = world.connector.ready();
  await world.clock.advanceBy(1_000);
  await ready;
  expect(world.platform.traffic.count('discovery')).toBe(1);
  expect(world.platform.connections().length).toBe(1);
});

test('stop answers what is handled, closes with a close frame, leaves no timer, and can be followed by a start', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.chat(3);
  await world.stop();
  await world.stop();
  expect(world.connector.status()).toMatchObject({
    connected: { is: false, state: 'stopped' },
    receiving: { is: false },
  });
  expect(world.platform.traffic.recent('closed').at(-1)?.outcome).toContain('1000');
  expect(world.clock.pendingTimers).toBe(0);
  await world.connect();
  await world.chat(3);
  expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
});

test('starts and stops in any order, even at once, end as the last one says', async () => {
  const world = virtualWorld();
  const calls = [
    world.connector.start(),
    world.connector.stop(),
    world.connector.start(),
    world.connector.stop(),
    world.connector.start(),
  ];
  let isDone = false;
  Promise.all(calls).then(() => {
    isDone = true;
  });
  await world.clock.runUntil(() => isDone, MINUTE);
  await world.untilConnected(MINUTE);
  expect(world.platform.connections().length).toBe(1);
});

test.each([
  ['that was stopped', false],
  ['that is connected', true],
])(
  'a stop that is called last is the end, also for a start that waits for an earlier stop: of one %s',
  async (_of, isUp) => {
    const world = virtualWorld();
    if (isUp) await world.connect();
    else await world.connector.start();
    const { connector } = world;
    const calls = [connector.stop(), connector.start(), connector.stop(), connector.start(), connector.stop()];
    await world.clock.advanceBy(MINUTE);
    await Promise.all(calls);
    expect(connector.status().connected.state).toBe('stopped');
    expect(world.platform.connections().length).toBe(0);
    expect(world.clock.pendingTimers).toBe(0);
  },
);

test('what is refused leaves nothing in the registry: the same can be made with the mistake mended', () => {
  const registry = createRegistry();
  const options = { ...DEFAULT_APP, registry, handlers: {} };
  const canary = { canary: { cause: async () => 'a', sees: () => false }, schedule: { everyMs: 1 } };
  expect(() => createConnector({ ...options, catchup: { canary } })).toThrow('canary.everyMs');
  createConnector(options);
  expect(() => createConnector(options)).toThrow(
    expect.objectContaining({ code: 'bad_option', message: expect.stringContaining('another name (app)') }),
  );
});

test('ready says why it is not: the state, the failure and what to do; an abort and a stop end it too', async () => {
  const world = virtualWorld();
  world.platform.rotateSecret(DEFAULT_APP.appId, 'another-secret');
  await world.connector.start();
  const failed = world.connector.ready({ timeoutMs: 5_000 }).catch((error: unknown) => error);
  await world.clock.advanceBy(5_000);
  const error = (await failed) as ConnectorError;
  expect(error).toBeInstanceOf(ConnectorError);
  expect(error).toMatchObject({ code: 'not_ready', verdict: 'operator', cause: { code: 'credentials_rejected' } });
  expect(error.message).toContain('Check both in the developer console.');
  const abort = new AbortController();
  const aborted = world.connector.ready({ signal: abort.signal }).catch((reason: unknown) => reason);
  abort.abort(new Error('enough'));
  expect(await aborted).toMatchObject({ message: 'enough' });
  const stopped = world.connector.ready().catch((reason: unknown) => reason);
  await world.stop();
  expect(await stopped).toMatchObject({ code: 'stopped' });
});

test('an app whose secret is rejected recovers by itself once the secret is right', async () => {
  const secret = { value: 'not-yet' };
  const world = virtualWorld({ connector: { appSecret: () => secret.value } });
  await world.connector.start();
  await world.clock.advanceBy(10 * MINUTE);
  expect(world.connector.status().lastFailure).toMatchObject({ code: 'credentials_rejected', verdict: 'operator' });
  expect(world.platform.traffic.count('discovery')).toBeLessThan(8);
  secret.value = DEFAULT_APP.appSecret;
  expect(await world.untilConnected(301_000)).toBeLessThanOrEqual(301_000);
});

test('a sibling that is let in cuts the wait of the others short', async () => {
  const clock = new VirtualClock();
  const apps = [DEFAULT_APP, { appId: 'cli_00000000000000aa', appSecret: 'secret-of-the-other' }];
  const platform = new Platform({ clock, random: seededRandom(1), apps });
  const face = inMemoryFace(platform);
  const [first, second] = apps.map((app, index) =>
    createConnector({
      ...app,
      app: `bot-${index}`,
      domain: 'http://platform.invalid',
      handlers: {},
      logger: pino({ level: 'silent' }),
      seams: { clock, random: seededRandom(index), ...face },
    }),
  );
  if (first === undefined || second === undefined) throw new Error('two were made');
  await second.start();
  // A code for this app alone: no look at the platform would tell that it is over, nor does a token.
  platform.inject({ fault: 'discovery_code', code: 1, forMs: 60 * MINUTE });
  platform.inject({ fault: 'token_hang', forMs: 70 * MINUTE });
  platform.inject({ fault: 'drop_socket' });
  await clock.advanceBy(60 * MINUTE + 1_000);
  const attempts = second.status().attempts;
  expect(second.status().connected.is).toBe(false);
  const waitMs = (attempts.nextAt ?? 0) - clock.wallNow();
  await first.start();
  expect(await clock.runUntil(() => second.status().connected.is, 20_000)).toBe(true);
  expect(attempts.isUnderWay || waitMs > 2_000).toBe(true);
});

test('a connection that is back has the token asked for at once, whatever its own wait was', async () => {
  const world = virtualWorld();
  world.platform.inject({ fault: 'dns_failure', forMs: 45 * MINUTE });
  await world.connector.start();
  await world.clock.advanceBy(45 * MINUTE);
  await world.untilConnected(30_000);
  await world.clock.advanceBy(1_500);
  expect(world.connector.status().token.isValid).toBe(true);
});

test('a machine that wakes up does not sit out the rest of a wait', async () => {
  const world = virtualWorld();
  // Nothing that a look could see: only the wait itself, or a reason to cut it short, ends it.
  world.platform.inject({ fault: 'discovery_code', code: 1, forMs: 30 * MINUTE });
  world.platform.inject({ fault: 'token_hang', forMs: 60 * MINUTE });
  await world.connector.start();
  await world.clock.advanceBy(29 * MINUTE);
  // The wall clock leaps by eight hours against the monotonic one, as on machines whose monotonic clock sleeps too.
  world.platform.clear();
  world.clock.stepWall(8 * 60 * MINUTE);
  expect(await world.untilConnected(10_000)).toBeLessThanOrEqual(10_000);
  expect(await world.metric('feishu_connector_clock_jumps_total{direction="forward"}')).toBe(1);
});

test('what a listener throws is logged, and changes nothing for anybody else', async () => {
  const world = virtualWorld();
  const seen: string[] = [];
  world.connector.on('event', () => {
    throw new Error('a listener of the application');
  });
  const end = world.connector.on('event', ({ type }) => seen.push(type));
  await world.connect();
  await world.chat(2);
  end();
  await world.chat(1);
  expect(seen).toEqual(['im.message.receive_v1', 'im.message.receive_v1']);
  expect(world.said('error')).toContain('[feishu] a listener of connector.on threw');
  expect(await world.reckon()).toEqual({ sent: 3, lost: [], handledTwice: [] });
});

test('reconnected and outage are told with their numbers', async () => {
  const world = virtualWorld();
  const told: unknown[] = [];
  world.connector.on('outage', ({ phase, number, cause }) => told.push([phase, number, cause]));
  world.connector.on('reconnected', ({ attempt, outage }) => told.push(['reconnected', attempt, outage.number]));
  await world.connect();
  await world.clock.advanceBy(2 * MINUTE);
  world.platform.inject({ fault: 'close_socket', code: 1012 });
  await world.clock.advanceBy(2 * MINUTE);
  expect(told).toEqual([
    ['started', 1, 'closed_by_peer'],
    ['reconnected', 2, 1],
    ['ended', 1, 'closed_by_peer'],
  ]);
});

test('attempts are told as they begin and where they fail, with the step, the failure and what to do about it', async () => {
  const world = virtualWorld();
  const told: unknown[] = [];
  world.connector.on('attempt', ({ at, ...rest }) => told.push(rest));
  await world.connect();
  world.platform.inject({ fault: 'discovery_code', code: 514, times: 1 });
  world.platform.inject({ fault: 'close_socket', code: 1012 });
  await world.clock.advanceBy(10 * MINUTE);
  expect(told).toEqual([
    { phase: 'started', number: 1, isReconnect: false },
    { phase: 'started', number: 2, isReconnect: true },
    {
      phase: 'failed',
      number: 2,
      step: 'discovery',
      failure: 'credentials_rejected',
      verdict: 'operator',
      detail: expect.any(String),
    },
    { phase: 'started', number: 3, isReconnect: true },
  ]);
});

test('a catch-all handler leaves common event types with their names, and the rest as `other`', async () => {
  const world = virtualWorld();
  await world.connect();
  world.platform.send(messageEvent());
  world.platform.send(customEvent('some.rare.event_v1', {}));
  await world.clock.advanceBy(1_000);
  expect(await world.metric('feishu_events_received_total{app="bot",event_type="im.message.receive_v1"}')).toBe(1);
  expect(await world.metric('feishu_events_received_total{app="bot",event_type="other"}')).toBe(1);
});

test('no handler for an event type is a counted drop, not a failure; `*` takes the rest', async () => {
  const world = virtualWorld({ connector: { handlers: { 'other.type': () => {} } } });
  await world.connect();
  world.platform.send(messageEvent());
  await world.clock.advanceBy(1_000);
  expect(await world.metric('feishu_events_dropped_total{app="bot",reason="no_handler"}')).toBe(1);
  expect(world.platform.ledger.summary).toMatchObject({ acknowledged: 1 });
});

test.each([
  [{ appId: 'my-bot' }, 'appId must be cli_ and 16 hexadecimal digits'],
  [{ appSecret: '' }, 'appSecret'],
  [{ domain: 'feishu.cn' }, 'domain must be feishu, lark or a base URL'],
  [{ domain: 'https://user:pass@open.feishu.cn' }, 'domain must be feishu, lark or a base URL'],
  [{ connection: { heartbeatMs: Number.NaN } }, 'connection.heartbeatMs must be between'],
  [{ connection: { backoff: { initialMs: 0, maxMs: 1, factor: 2, jitter: 'full' } } }, 'connection.backoff.initialMs'],
  [{ handlers: { x: 'no function' } }, 'the handler of x must be a function'],
  [{ retries: 3 }, 'unknown option retries'],
  [
    { eventDispatcher: { handles: new Map(), invoke: async () => {} } },
    'handlers and eventDispatcher exclude each other',
  ],
])('the options %o are refused before anything starts', (changes, message) => {
  const options = { ...DEFAULT_APP, handlers: {}, ...changes } as never;
  expect(() => createConnector(options)).toThrow(message);
  expect(() => createConnector(options)).toThrow(ConnectorError);
});
