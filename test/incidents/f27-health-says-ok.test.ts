import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/index.js';
import { runCli } from '../../src/cli/cli.js';
import { EXIT } from '../../src/cli/exit-code.js';
import { createConnector } from '../../src/connector.js';
import { type Daemon, OPEN_SURFACE, startDaemon } from '../../src/daemon/index.js';
import type { Diagnosis } from '../../src/doctor/index.js';
import type { ConnectionPolicy } from '../../src/index.js';
import type { Clock } from '../../src/ports/index.js';
import { DEFAULT_APP, messageEvent, REDELIVERY_LADDER_MS } from '../../src/simulator/index.js';
import { TestFace } from '../support/cli-face.js';
import { eventually } from '../support/eventually.js';
import { serveTcp } from '../support/loopback.js';
import { acknowledged, BRISK_CONNECTION, realConnector, realPlatform } from '../support/real-world.js';
import { sdkPeer } from '../support/sdk-client.js';

const { appId, appSecret } = DEFAULT_APP;

/** A daemon with the real connector against the simulator, stopped with the test. */
const TOKEN = 'a-token-of-the-test';

async function runningDaemon(domain: string, connection: Partial<ConnectionPolicy> = {}): Promise<Daemon> {
  const app = { app: 'bot', appId, appSecret, domain, handler: 'stdout', token: {}, delivery: {} };
  const daemon = await startDaemon(
    {
      listen: { host: '127.0.0.1', port: 0 },
      surface: { ...OPEN_SURFACE, token: { text: TOKEN } },
      logLevel: 'silent',
      drainMs: 100,
      openMetrics: false,
      tracing: null,
      apps: [{ ...app, connection: { ...BRISK_CONNECTION, ...connection } }],
      warnings: [],
    },
    { createConnector, logger: pino({ level: 'silent' }), stdout: new PassThrough().resume() },
  );
  onTestFinished(() => daemon.stop());
  await eventually(async () => (await readyz(daemon)) === 200, 'the daemon is ready');
  return daemon;
}

const readyz = async ({ url }: Daemon): Promise<number> => (await fetch(`${url}/readyz`)).status;

async function doctor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const face = new TestFace(['doctor', '--json', ...argv], { env });
  const code = await runCli(face);
  const diagnosis: Diagnosis = JSON.parse(face.out);
  const check = (name: string) => diagnosis.checks.find((each) => each.name === name);
  return { code, diagnosis, check };
}

/** Deaf counts from the last thing that was heard, by the connector's own word; ages are rounded on the way. */
async function expectSinceLastHeard({ apps: [bot] }: Diagnosis, { url }: Daemon): Promise<void> {
  const { apps } = (await (await fetch(`${url}/status`)).json()) as { apps: { receiving: { lastFrameAt: number } }[] };
  const lastFrameAt = apps[0]?.receiving.lastFrameAt ?? Number.NaN;
  expect(Math.abs(Date.parse(bot?.deafSince ?? '') - lastFrameAt)).toBeLessThanOrEqual(10);
}

/** Where no daemon listens. */
const alone = (domain: string) => ({
  FEISHU_APP: 'bot',
  FEISHU_APP_ID: appId,
  FEISHU_APP_SECRET: appSecret,
  FEISHU_DOMAIN: domain,
  FEISHU_LISTEN: '127.0.0.1:1',
});

test('F27: healthy, deaf, and healthy again: doctor and /readyz say so at each time', async () => {
  const { simulator, url } = await realPlatform();
  const daemon = await runningDaemon(url);
  const healthy = await doctor(['--url', daemon.url]);
  expect([healthy.code, healthy.diagnosis.verdict]).toEqual([EXIT.ok, 'Healthy: bot connected.']);

  simulator.inject({ fault: 'discovery_status', status: 502 });
  simulator.inject({ fault: 'drop_socket' });
  await eventually(async () => (await readyz(daemon)) === 503, 'the daemon is not ready');
  const deaf = await doctor(['--url', daemon.url]);
  const [bot] = deaf.diagnosis.apps;
  expect([deaf.code, bot?.isDeaf]).toEqual([EXIT.failure, true]);
  expect(deaf.diagnosis.verdict).toBe(`DEAF: bot since ${bot?.deafSince}.`);
  await expectSinceLastHeard(deaf.diagnosis, daemon);
  expect(deaf.check('outage')).toMatchObject({ result: 'fail', evidence: expect.stringContaining('number 1, since') });
  expect(deaf.check('probes')).toMatchObject({
    result: 'ok',
    evidence: '/livez 200, /readyz 503: as the evidence says',
  });
  expect(deaf.check('receiving')?.result).toBe('skip');

  simulator.clear();
  await eventually(async () => (await readyz(daemon)) === 200, 'the daemon is ready again');
  const back = await doctor(['--url', daemon.url]);
  // Connected again, though not stable yet: a warning.
  expect([back.code, back.check('outage')?.result]).toEqual([EXIT.ok, 'warn']);
});

test('F27: what doctor advises brings it back: feishu-connector reconnect ends a wait of an hour', async () => {
  const { simulator, url } = await realPlatform();
  const hour = { initialMs: 3_600_000, maxMs: 3_600_000, factor: 1, jitter: 'none' } as const;
  const daemon = await runningDaemon(url, { slowLane: hour, evidenceJitterMs: 1, quickRetryMs: 1, lookMs: 3_600_000 });
  const refusal = simulator.inject({ fault: 'discovery_code', code: 1000040351 });
  simulator.inject({ fault: 'drop_socket' });
  const isRefused = async () => {
    const evidence = (await doctor(['--url', daemon.url])).check('outage')?.evidence ?? '';
    return evidence.includes('wrong_domain');
  };
  await eventually(isRefused, 'an attempt that the platform refuses');
  const env = { FEISHU_CONTROL_TOKEN: TOKEN };
  const deaf = await doctor(['--url', daemon.url], env);
  expect(deaf.check('outage')).toMatchObject({
    evidence: expect.stringContaining('wrong_domain'),
    advice: expect.stringContaining('Set the other domain.'),
  });
  const [, command = ''] = /: feishu-connector (reconnect .+)$/.exec(deaf.check('connected')?.advice ?? '') ?? [];
  expect(command).toBe(`reconnect --url ${daemon.url} --app=bot`);
  simulator.clear(refusal);
  const face = new TestFace([...command.split(' '), '--json'], { env });
  expect([await runCli(face), face.err]).toEqual([EXIT.ok, '']);
  expect(JSON.parse(face.out)).toMatchObject({ apps: [{ app: 'bot', found: { state: 'waiting' }, isWaitCut: true }] });
  await eventually(async () => (await readyz(daemon)) === 200, 'the daemon is ready again');
  expect((await doctor(['--url', daemon.url])).code).toBe(EXIT.ok);
});

test('F27: a socket that is open and half-open beyond the silence limit is deaf, since it was last heard', async () => {
  const { simulator, url } = await realPlatform();
  const daemon = await runningDaemon(url, { heartbeatMs: 50, answerTimeoutMs: 100, suspicionMs: 100 });
  // No way in for a new socket either: what is open stays open, and silent.
  simulator.inject({ fault: 'refuse_tcp' });
  simulator.inject({ fault: 'half_open' });
  await eventually(async () => (await readyz(daemon)) === 503, 'the daemon is not ready');
  const { code, diagnosis, check } = await doctor(['--url', daemon.url]);
  expect([code, diagnosis.apps[0]?.isDeaf]).toEqual([EXIT.failure, true]);
  await expectSinceLastHeard(diagnosis, daemon);
  expect(check('connected')?.evidence).toMatch(/^deaf since \d{4}-.+ ago\): /);
  expect(check('alive')?.result).toBe('ok');
});

test('F27: a gateway that accepts and never answers the ping is not reachable, whatever the 101 says', async () => {
  const { simulator, url } = await realPlatform();
  simulator.inject({ fault: 'silent_pongs', sockets: 'all' });
  const { code, diagnosis, check } = await doctor(['--timeout', '3'], alone(url));
  expect(code).toBe(EXIT.failure);
  expect(diagnosis.verdict).toBe('FAILED: first pong of bot.');
  expect(check('handshake')?.result).toBe('ok');
  expect(check('first pong')).toMatchObject({
    result: 'fail',
    evidence: expect.stringMatching(/^proof_timeout after /),
  });
  await eventually(() => simulator.platform.connections().length === 0, 'the probe has gone');
});

/** The machine's clock, but for the rungs of the ladder of redelivery: each waits until it is called. */
function ladderByHand(): { readonly clock: Clock; readonly rungs: ReadonlySet<() => void> } {
  const rungs = new Set<() => void>();
  const pauses: readonly number[] = REDELIVERY_LADDER_MS;
  const timer: Clock['timer'] = (delayMs, fire) => {
    if (!pauses.includes(delayMs)) return systemClock.timer(delayMs, fire);
    const rung = (): void => {
      rungs.delete(rung);
      fire();
    };
    rungs.add(rung);
    return { cancel: () => void rungs.delete(rung) };
  };
  return { clock: { now: () => systemClock.now(), wallNow: () => systemClock.wallNow(), timer }, rungs };
}

/** Clients that come after the probe. @returns The ids of what they handled, as it grows. */
const LATER_CLIENTS: Readonly<Record<string, (url: string) => Promise<() => readonly unknown[]>>> = {
  'a connector': async (url) => {
    const { connect, handled } = realConnector(url);
    await connect();
    return () => handled.map(({ id }) => id);
  },
  "the SDK's client": async (url) => {
    const { connect, handled } = sdkPeer(url);
    await connect();
    return () => handled.map(({ event_id }) => event_id);
  },
};

test.each(Object.entries(LATER_CLIENTS))(
  'F27: looking steals nothing: an event that comes to the probe is not acknowledged, and comes to %s',
  async (_who, comeLater) => {
    const { clock, rungs } = ladderByHand();
    // Long enough for whoever acknowledges on a busy machine: a second redelivery is called by nobody.
    const { simulator, url, count, traffic } = await realPlatform({ ackDeadlineMs: 1_000, clock });
    simulator.inject({ fault: 'glue_to_101', times: 1 });
    const event = simulator.send(messageEvent({ text: 'for whoever is there' }));
    const { code, check } = await doctor([], alone(url));
    expect(code).toBe(EXIT.ok);
    expect(check('events left alone')).toMatchObject({
      result: 'warn',
      evidence: '1 event came to this connection, and none was acknowledged; it is closed',
    });
    expect([count('ack', appId), simulator.platform.connections().length]).toEqual([0, 0]);
    // A close frame, and no broken line.
    expect(traffic('closed', appId).map(({ outcome }) => outcome)).toEqual(['client_close_1000']);

    const handled = await comeLater(url);
    await eventually(() => rungs.size === 1, 'the ack that the platform misses');
    for (const redeliver of rungs) redeliver();
    await acknowledged(event, 'the event that the probe had seen');
    expect(handled()).toEqual([event.eventId]);
  },
);

test('F27: beside a daemon that hangs no second connection is opened, and no ticket is asked for', async () => {
  const { url, count } = await realPlatform();
  // It answers as the connector of a frozen process does: the kernel takes the connection, and nobody ever reads it.
  const frozen = await serveTcp(() => {});
  onTestFinished(() => frozen.close());
  const { connect } = realConnector(url);
  await connect();
  const before = [count('discovery', appId), count('opened', appId)];
  const env = { ...alone(url), FEISHU_LISTEN: `127.0.0.1:${frozen.port}` };
  const { code, check, diagnosis } = await doctor(['--timeout', '2'], env);
  expect([code, check('daemon')?.result, diagnosis.notices]).toEqual([EXIT.failure, 'fail', []]);
  expect([count('discovery', appId), count('opened', appId)]).toEqual(before);
});
