import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { type ConnectorStatus, createConnector } from '../../src/index.js';
import { seededRandom } from '../../src/ports/index.js';
import { type Fault, inMemoryFace, messageEvent } from '../../src/simulator/index.js';
import { Platform } from '../../src/simulator/platform.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { watch } from '../support/watch.js';
import { metricOf } from '../support/world.js';

const NAMES = ['sales', 'support', 'ops'] as const;
const APP_IDS = ['cli_0000000000000001', 'cli_0000000000000002', 'cli_0000000000000003'] as const;
/** The one that things happen to. */
const STRUCK = APP_IDS[1];

/** Three apps in one process, on one registry. */
async function family() {
  const clock = new VirtualClock();
  const apps = APP_IDS.map((appId) => ({ appId, appSecret: `secret-of-${appId}` }));
  const platform = new Platform({ clock, random: seededRandom(38), apps });
  const registry = new Registry();
  const bots = apps.map((app, index) => {
    const handled: string[] = [];
    const connector = createConnector({
      ...app,
      app: NAMES[index] ?? '',
      domain: 'http://platform.invalid',
      registry,
      handlers: { '*': ({ id }) => void handled.push(id) },
      logger: pino({ level: 'silent' }),
      seams: { clock, random: seededRandom(index), ...inMemoryFace(platform) },
    });
    return { ...app, connector, handled, seen: watch(connector, clock) };
  });
  for (const { connector } of bots) await connector.start();
  expect(await clock.runUntil(() => bots.every(({ connector }) => connector.status().connected.is), 60_000)).toBe(true);
  await clock.advanceBy(90_000);
  const metric = async (name: string, app: string, labels = '') =>
    metricOf(await registry.metrics(), `${name}{app="${app}"${labels}}`);
  /** One message to each app every second. */
  const chat = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      for (const appId of APP_IDS) platform.send(messageEvent(), { appId });
      await clock.advanceBy(1_000);
    }
  };
  return { clock, platform, bots, metric, chat };
}

test.each<[string, readonly Fault[], string]>([
  ['killed', [{ fault: 'drop_socket', times: 20, everyMs: 5_000, appId: STRUCK }], 'connection_reset'],
  ['closed', [{ fault: 'kick_every', everyMs: 30_000, code: 1012, appId: STRUCK }], 'closed_by_peer'],
  [
    'frozen',
    [
      { fault: 'half_open', sockets: 'all', appId: STRUCK },
      { fault: 'discovery_hang', appId: STRUCK },
    ],
    'heartbeat_timeout',
  ],
  [
    'rejected',
    [
      { fault: 'discovery_code', code: 514, appId: STRUCK },
      { fault: 'drop_socket', appId: STRUCK },
    ],
    'connection_reset',
  ],
])(
  'F38: one of three apps is %s: the others notice nothing, and the metrics say whose it was',
  async (_how, faults, failure) => {
    const { clock, platform, bots, metric, chat } = await family();
    const before = bots.map(({ connector }) => connector.status().connected.connectionId);
    for (const fault of faults) platform.inject(fault);
    await chat(120);

    for (const [index, { connector, seen }] of bots.entries()) {
      const name = NAMES[index] ?? '';
      const lost = await metric('feishu_ws_disconnects_total', name, `,failure="${failure}"`);
      const received = await metric('feishu_events_received_total', name, ',event_type="im.message.receive_v1"');
      if (index === 1) {
        expect(lost, name).toBeGreaterThan(0);
        expect(connector.status().lastFailure, name).not.toBeNull();
        expect(seen.count('disconnected'), name).toBeGreaterThan(0);
      } else {
        expect(lost, name).toBe(0);
        expect(received, name).toBe(120);
        expect(connector.status().connected, name).toMatchObject({ is: true, connectionId: before[index] });
        expect(seen.count('disconnected'), name).toBe(0);
        expect(await metric('feishu_ws_connect_attempts_total', name)).toBe(1);
        expect(await metric('feishu_ws_connected', name)).toBe(1);
      }
      expect(await metric('feishu_ws_sockets_open', name)).toBeLessThanOrEqual(1);
    }

    platform.clear();
    await clock.advanceBy(8 * 3_600_000);
    for (const { appId, handled, connector } of bots) {
      const sent = platform.ledger.events.filter((event) => event.appId === appId).map(({ eventId }) => eventId);
      expect([...handled].sort(), appId).toEqual(sent.sort());
      expect(connector.status().connected.is, appId).toBe(true);
    }
  },
);

/** What is known of the platform besides events: the token, and its count of our connections. */
const calls = ({ token, serverView }: ConnectorStatus) => ({
  token: token.lastFailure?.code ?? null,
  isCounted: serverView?.verdict ?? null,
});

test.each<[string, readonly Fault[]]>([
  [
    'a token endpoint',
    [
      { fault: 'revoke_tokens', appId: STRUCK },
      { fault: 'token_hang', appId: STRUCK },
    ],
  ],
  ['an API', [{ fault: 'api_hang', appId: STRUCK }]],
])('F38: one of three apps has %s that hangs: the others keep connection, events and calls', async (_what, faults) => {
  const { clock, platform, bots, metric, chat } = await family();
  const before = bots.map(({ connector }) => connector.status().connected.connectionId);
  for (const fault of faults) platform.inject(fault);
  await chat(60);
  // By then each of them has counted its connections, and asked for a new token.
  await clock.advanceBy(2 * 3_600_000);
  await chat(60);

  const [, struck] = bots;
  const seen = bots.map(({ connector }) => calls(connector.status()));
  expect(seen[1]).not.toEqual(seen[0]);
  expect(struck?.connector.status().connected.is).toBe(true);
  for (const [index, { connector, handled, seen: watched }] of bots.entries()) {
    const name = NAMES[index] ?? '';
    expect(handled.length, name).toBe(120);
    expect(watched.count('disconnected'), name).toBe(0);
    expect(connector.status().connected.connectionId, name).toBe(before[index]);
    expect(await metric('feishu_ws_connect_attempts_total', name)).toBe(1);
    if (index !== 1) expect(seen[index], name).toEqual({ token: null, isCounted: seen[0]?.isCounted });
  }
  expect(seen[0]?.isCounted).not.toBeNull();
});

test('F38: one is stopped and disposed of while its siblings go on: its series leave, theirs stay', async () => {
  const { clock, platform, bots, metric, chat } = await family();
  let isDisposed = false;
  const disposing = bots[1]?.connector.dispose().then(() => {
    isDisposed = true;
  });
  expect(await clock.runUntil(() => isDisposed, 10_000)).toBe(true);
  await disposing;
  expect(await metric('feishu_ws_connected', 'support')).toBeNaN();
  expect(platform.connections().map(({ appId }) => appId)).toEqual([APP_IDS[0], APP_IDS[2]]);
  await chat(10);
  for (const [index, { handled }] of bots.entries()) expect(handled.length).toBe(index === 1 ? 0 : 10);
  expect(await metric('feishu_ws_connected', 'sales')).toBe(1);
  expect(await metric('feishu_ws_connected', 'ops')).toBe(1);
});

test('F38: three apps in one group each handle the message that all of them get', async () => {
  // The same event id for every app: a shared memory of what was seen would drop two of the three.
  const { clock, platform, bots } = await family();
  const drawn = messageEvent();
  const first = platform.send(drawn, { appId: APP_IDS[0] });
  for (const appId of APP_IDS.slice(1)) platform.send({ ...first.envelope }, { appId });
  await clock.advanceBy(1_000);
  for (const { handled } of bots) expect(handled).toEqual([first.eventId]);
});
