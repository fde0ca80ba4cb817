import { expect, test } from 'vitest';
import {
  ConnectionDriver,
  type ConnectionPolicy,
  type ConnectionReport,
  type Discover,
  type FrameSession,
} from '../../src/connection/index.js';
import { VirtualClock } from '../../src/simulator/virtual-clock.js';
import { DEFAULT_PACING, type Frame, frameTypeOf, headerOf } from '../../src/wire/index.js';
import { eventFrame, FakeGateway } from '../support/fake-gateway.js';
import { GATEWAY, STEADY_POLICY, seconds, ticketOf } from '../support/story.js';

const granted: Discover = async ({ pacing }) => ({ ticket: ticketOf(pacing), gateway: GATEWAY, rejected: [] });

function setUp(discover: Discover = granted, policy: ConnectionPolicy = STEADY_POLICY) {
  const clock = new VirtualClock();
  const gateway = new FakeGateway();
  const reports: ConnectionReport[] = [];
  const received: { readonly frame: Frame; readonly session: FrameSession }[] = [];
  const driver = new ConnectionDriver(
    {
      clock,
      random: () => 0.5,
      discover,
      dial: gateway.dial,
      report: (report) => reports.push(report),
      receive: (frame, session) => received.push({ frame, session }),
    },
    policy,
  );
  const reported = <Type extends ConnectionReport['type']>(type: Type) =>
    reports.filter((report): report is Extract<ConnectionReport, { type: Type }> => report.type === type);
  return { clock, gateway, reports, received, driver, reported };
}

type Rig = ReturnType<typeof setUp>;

async function connect(rig: Rig): Promise<void> {
  rig.driver.start();
  await rig.clock.advanceBy(0);
  rig.gateway.socket.open();
  rig.gateway.socket.pong();
  expect(rig.driver.connection.state).toBe('connected');
}

test('it discovers, dials, pings at once, and is connected with the pong', async () => {
  const rig = setUp();
  await connect(rig);
  const { gateway, reported } = rig;
  expect(gateway.socket.sent.map(frameTypeOf)).toEqual(['ping']);
  expect(gateway.socket.sent[0]?.service).toBe(7);
  expect(gateway.socket.calls).toEqual(['ping']);
  expect(reported('state_changed').map(({ to }) => to)).toEqual(['discovering', 'dialing', 'proving', 'connected']);
  expect(reported('sockets')).toEqual([{ type: 'sockets', open: 1 }]);
});

test('events that come before the proof are handed on: the gateway may be quicker than its pong', async () => {
  const rig = setUp();
  rig.driver.start();
  await rig.clock.advanceBy(0);
  rig.gateway.socket.open();
  rig.gateway.socket.frame(eventFrame('m-1'));
  expect(rig.driver.connection.state).toBe('proving');
  expect(rig.received.map(({ frame }) => headerOf(frame, 'message_id'))).toEqual(['m-1']);
});

test('an ack goes out on the socket that brought the event, or not at all', async () => {
  const rig = setUp();
  await connect(rig);
  rig.gateway.socket.frame(eventFrame('m-1'));
  const session = rig.received[0]?.session;
  expect(session?.send(new Uint8Array([8, 1, 16, 1, 24, 1, 32, 1]))).toBe(true);
  rig.gateway.socket.end({ how: 'failed', error: 'reset', message: 'gone' });
  await rig.clock.advanceBy(seconds(10));
  expect(rig.gateway.sockets.length).toBe(2);
  rig.gateway.socket.open();
  expect(session?.send(new Uint8Array([8, 1, 16, 1, 24, 1, 32, 1]))).toBe(false);
  expect(rig.gateway.socket.sent.map(frameTypeOf)).toEqual(['ping']);
});

test('what cannot be read is dropped, counted by reason, and breaks nothing', async () => {
  const rig = setUp();
  await connect(rig);
  const { socket } = rig.gateway;
  socket.bytes(new Uint8Array([0xff, 0xff, 0xff]));
  socket.text(12);
  socket.frame({ ...eventFrame('m'), method: 9 });
  socket.frame({ ...eventFrame('m'), method: 0, headers: [{ key: 'type', value: 'surprise' }] });
  socket.frame({ ...eventFrame('m'), method: 0, headers: [{ key: 'type', value: 'ping' }] });
  expect(rig.reported('frame_error').map(({ reason }) => reason)).toEqual([
    'malformed',
    'text',
    'unknown_method',
    'unknown_type',
  ]);
  expect(rig.received).toEqual([]);
  expect(rig.driver.connection.state).toBe('connected');
});

test('a pong `{}`, NaN-like or negative numbers leave the ping pace alone', async () => {
  const rig = setUp();
  await connect(rig);
  for (const config of [
    '{}',
    '{"PingInterval":"NaN"}',
    '{"PingInterval":-5}',
    '{"PingInterval":null}',
    'no json',
    '[]',
    '',
  ]) {
    rig.gateway.socket.pong(config);
  }
  const before = rig.gateway.socket.sent.length;
  for (let second = 0; second < 240; second++) {
    await rig.clock.advanceBy(seconds(1));
    rig.gateway.socket.transportPong();
    rig.gateway.socket.pong('{}');
  }
  // Two pings in four minutes: still the 120 s that stood before.
  expect(rig.gateway.socket.sent.length - before).toBe(2);
  expect(rig.reported('pacing_rejected').length).toBeGreaterThan(0);
});

test('a pong with a valid pace is followed', async () => {
  const rig = setUp();
  await connect(rig);
  rig.gateway.socket.pong('{"ReconnectCount":-1,"ReconnectInterval":120,"ReconnectNonce":30,"PingInterval":10}');
  const before = rig.gateway.socket.sent.length;
  for (let second = 0; second < 100; second++) {
    await rig.clock.advanceBy(seconds(1));
    rig.gateway.socket.transportPong();
    rig.gateway.socket.pong();
  }
  expect(rig.gateway.socket.sent.length - before).toBe(10);
  expect(rig.reported('pacing').at(-1)).toMatchObject({ heartbeatIntervalMs: seconds(10) });
});

test('a discovery that never settles costs its deadline, and what it says later is ignored', async () => {
  let answer: () => void = () => {};
  const signals: AbortSignal[] = [];
  const rig = setUp(({ pacing, signal, attempt }) => {
    signals.push(signal);
    if (attempt > 1) return granted({ pacing, signal, attempt, timeoutMs: 1 });
    return new Promise((resolve) => {
      answer = () => resolve({ ticket: ticketOf(DEFAULT_PACING), gateway: GATEWAY, rejected: [] });
    });
  });
  rig.driver.start();
  await rig.clock.advanceBy(STEADY_POLICY.discoveryTimeoutMs);
  expect(rig.driver.connection).toMatchObject({ state: 'waiting', failure: 'discovery_timeout' });
  expect(signals[0]?.aborted).toBe(true);
  answer();
  await rig.clock.advanceBy(0);
  expect(rig.gateway.sockets).toEqual([]);
  await rig.clock.advanceBy(seconds(1));
  expect(rig.gateway.sockets.length).toBe(1);
});

test('a bug in discovery is an attempt that failed with a name of its own, and the retrying goes on', async () => {
  const rig = setUp(async ({ attempt }) => {
    if (attempt === 1) throw new TypeError('undefined is not a ticket');
    return { failure: { code: 'platform_busy', detail: 'code 1' } };
  });
  rig.driver.start();
  await rig.clock.advanceBy(seconds(10));
  const failures = rig.reported('attempt_failed').map(({ failure }) => failure.code);
  expect(failures.slice(0, 2)).toEqual(['internal_error', 'platform_busy']);
});

test('a half-open socket is destroyed, not closed, and replaced', async () => {
  const rig = setUp();
  await connect(rig);
  const dead = rig.gateway.socket;
  await rig.clock.advanceBy(seconds(60));
  expect(dead.calls).toContain('terminate');
  expect(dead.calls.some((call) => call.startsWith('close'))).toBe(false);
  expect(rig.reported('disconnected')).toMatchObject([{ failure: { code: 'heartbeat_timeout' }, closeCode: null }]);
  expect(rig.gateway.sockets.length).toBeGreaterThan(1);
});

test('an oversized frame is counted as such and costs the connection', async () => {
  const rig = setUp();
  await connect(rig);
  rig.gateway.socket.end({ how: 'failed', error: 'too_large', message: 'Max payload size exceeded' });
  expect(rig.reported('frame_error')).toMatchObject([{ reason: 'too_large' }]);
  expect(rig.reported('disconnected')).toMatchObject([{ failure: { code: 'protocol_error' } }]);
});

test('refused handshakes are sorted by their three headers', async () => {
  const rig = setUp();
  rig.driver.start();
  const refusals: [Record<string, string>, string][] = [
    [
      { 'handshake-status': '514', 'handshake-autherrcode': '1000040350', 'handshake-msg': 'exceeded' },
      'connection_limit',
    ],
    [{ 'handshake-status': '514' }, 'dial_refused'],
    [{ 'handshake-status': '403' }, 'app_forbidden'],
    [{}, 'dial_refused'],
    [{ 'handshake-status': 'NaN' }, 'dial_refused'],
  ];
  for (const [headers] of refusals) {
    await rig.clock.runUntil(() => rig.driver.connection.state === 'dialing', seconds(600));
    rig.gateway.socket.end({ how: 'refused', status: 403, headers });
  }
  expect(rig.reported('attempt_failed').map(({ failure }) => failure.code)).toEqual(refusals.map(([, code]) => code));
});

test('stop closes with 1000 and resolves when the socket is gone; no timer is left', async () => {
  const rig = setUp();
  await connect(rig);
  const stopped = rig.driver.stop().then(() => 'stopped');
  expect(rig.gateway.socket.calls).toContain('close 1000');
  expect(await Promise.race([stopped, Promise.resolve('waiting')])).toBe('waiting');
  rig.gateway.socket.end({ how: 'closed', code: 1000, reason: 'bye' });
  expect(await stopped).toBe('stopped');
  expect(rig.clock.pendingTimers).toBe(0);
  expect(rig.driver.socketCount).toBe(0);
  await rig.clock.advanceBy(seconds(3_600));
  expect(rig.gateway.sockets.length).toBe(1);
});

test('starts and stops in any order leave one connection or none', async () => {
  const rig = setUp();
  for (const call of ['start', 'start', 'stop', 'start', 'stop', 'stop', 'start', 'start'] as const) {
    if (call === 'start') rig.driver.start();
    else void rig.driver.stop();
    await rig.clock.advanceBy(0);
  }
  expect(rig.driver.connection.state).toBe('dialing');
  expect(rig.driver.socketCount).toBe(1);
  await rig.driver.stop();
  expect(rig.driver.socketCount).toBe(0);
  expect(rig.clock.pendingTimers).toBe(0);
});

test('fifty restarts leave no timer and no socket behind', async () => {
  const rig = setUp();
  for (let round = 0; round < 50; round++) {
    rig.driver.start();
    await rig.clock.advanceBy(0);
    rig.gateway.socket.open();
    rig.gateway.socket.pong();
    const stopped = rig.driver.stop();
    rig.gateway.socket.end({ how: 'closed', code: 1000, reason: '' });
    await stopped;
    expect([rig.clock.pendingTimers, rig.driver.socketCount]).toEqual([0, 0]);
  }
});

test('a look that finds the platform there ends the wait; one that breaks or hangs changes nothing', async () => {
  const found = { isNew: false };
  const looks: AbortSignal[] = [];
  const clock = new VirtualClock();
  const reports: ConnectionReport[] = [];
  const driver = new ConnectionDriver(
    {
      clock,
      random: () => 0.5,
      discover: async () => ({ failure: { code: 'discovery_unreachable', detail: 'as told' } }),
      dial: new FakeGateway().dial,
      report: (report) => reports.push(report),
      receive: () => {},
      lookAt: async (look, { signal }) => {
        if (look === 'reach') return true;
        looks.push(signal);
        if (looks.length === 1) throw new Error('a look that breaks');
        return found.isNew;
      },
    },
    STEADY_POLICY,
  );
  driver.start();
  const hasLongToWait = () =>
    driver.connection.state === 'waiting' && driver.connection.retryAt - clock.now() > seconds(25);
  expect(await clock.runUntil(() => looks.length >= 3 && hasLongToWait(), seconds(3_600))).toBe(true);
  const attempts = driver.connection.effort.attempt;
  const isTold = () => reports.some((report) => report.type === 'looked' && report.isNew && report.look === 'platform');
  found.isNew = true;
  // Sooner than the wait would have ended.
  expect(await clock.runUntil(isTold, seconds(11))).toBe(true);
  await clock.advanceBy(0);
  expect(driver.connection.effort.attempt).toBe(attempts + 1);
  expect(reports).toContainEqual({ type: 'looked', look: 'platform', isNew: true });
  await driver.stop();
  expect(clock.pendingTimers).toBe(0);
});
