import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fault, messageEvent } from '../../src/simulator/index.js';
import { encodeFrame, type Frame } from '../../src/wire/index.js';
import { watchForCrashes } from '../support/crash-watch.js';
import { eventually } from '../support/eventually.js';
import { acknowledged, type RealConnector, realConnector, realPlatform } from '../support/real-world.js';
import { virtualWorld } from '../support/world.js';

/** The built program, started by itself; `npm test` builds it first. */
const RUDE_GATEWAY = fileURLToPath(new URL('../support/rude-gateway.mjs', import.meta.url));

/** Lets whatever was thrown out of a callback reach the process before it is asked for. */
const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

async function underWatch(connection: Parameters<typeof realConnector>[1] = {}) {
  const crashes = watchForCrashes();
  const platform = await realPlatform({ ackDeadlineMs: 200, redeliveryScale: 0.001 });
  const ours = realConnector(platform.url, connection);
  return { crashes, ...platform, ours };
}

function frameErrors(ours: RealConnector, reason: string): Promise<number> {
  return ours.metric(`feishu_ws_frame_errors_total{app="bot",reason="${reason}"}`);
}

test('F32: garbage, text, unknown methods and types are counted by reason, and the socket lives', async () => {
  const { simulator, ours, crashes } = await underWatch();
  await ours.connect();
  const { connectionId } = ours.connector.status().connected;
  const odd: readonly Fault[] = [
    { fault: 'garbage_frame' },
    { fault: 'text_frame', text: '' },
    { fault: 'text_frame', text: '<html>502</html>' },
    { fault: 'unknown_method_frame', method: 7 },
    { fault: 'unknown_type_frame', frameType: 'novelty' },
    { fault: 'card_frame' },
  ];
  for (const fault of odd) simulator.inject(fault);
  const sent = simulator.send(messageEvent());
  await acknowledged(sent, 'an event behind odd frames');
  expect(await frameErrors(ours, 'malformed')).toBe(1);
  expect(await frameErrors(ours, 'text')).toBe(2);
  expect(await frameErrors(ours, 'unknown_method')).toBe(1);
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="unknown_type"}')).toBe(1);
  expect(await ours.metric('feishu_events_dropped_total{app="bot",reason="card_frame"}')).toBe(1);
  expect(ours.connector.status().connected).toMatchObject({ is: true, connectionId });
  expect(ours.handled.map(({ id }) => id)).toEqual([sent.eventId]);
  await settled();
  expect(crashes).toEqual([]);
});

test('F32: an oversized frame costs the connection, not the process, and no event', async () => {
  const { simulator, ours, crashes } = await underWatch();
  await ours.connect();
  simulator.inject({ fault: 'oversized_frame' });
  const sent = simulator.send(messageEvent());
  await ours.metricReaches('feishu_ws_disconnects_total{app="bot",failure="protocol_error"}', 1);
  expect(await frameErrors(ours, 'too_large')).toBe(1);
  await acknowledged(sent, 'the event that came behind it');
  expect(ours.handled.map(({ id }) => id)).toEqual([sent.eventId]);
  await settled();
  expect(crashes).toEqual([]);
});

test.each([
  [{ fault: 'close_socket', code: 1000, reason: 'bye' }, 'closed_by_peer'],
  [{ fault: 'close_socket', code: 1012 }, 'closed_by_peer'],
  [{ fault: 'drop_socket' }, 'connection_reset'],
] as const)(
  'F32: %o loses an open socket, the process lives, and the events come all the same',
  async (fault, failure) => {
    const { simulator, ours, crashes } = await underWatch();
    await ours.connect();
    simulator.inject(fault);
    const sent = simulator.send(messageEvent());
    await ours.metricReaches(`feishu_ws_disconnects_total{app="bot",failure="${failure}"}`, 1);
    await acknowledged(sent, 'an event that was sent into the loss');
    expect(ours.handled.map(({ id }) => id)).toEqual([sent.eventId]);
    await settled();
    expect(crashes).toEqual([]);
  },
);

test.each([
  // The dial deadline aborts a socket that is still CONNECTING: what killed processes every 30 s.
  [{ fault: 'handshake_hang', times: 3 }, 'dial_timeout'],
  [{ fault: 'handshake_hang', sends: 'half_answer', times: 3 }, 'dial_timeout'],
  [{ fault: 'refuse_tcp', via: 'socket', times: 3 }, 'dial_unreachable'],
  [{ fault: 'handshake_refuse', handshakeStatus: 514, times: 3 }, 'dial_refused'],
  [{ fault: 'accept_then_close', how: 'reset', times: 3 }, 'connection_reset'],
  [{ fault: 'accept_then_close', how: 'close', times: 3 }, 'closed_by_peer'],
] as const)('F32: %o fails three attempts with a name, and the next one connects', async (fault, failure) => {
  // A deadline that only what hangs reaches: on a busy machine an honest dial must not fail by it as well.
  const hangs = failure === 'dial_timeout';
  const { simulator, ours, crashes } = await underWatch({ connection: hangs ? { dialTimeoutMs: 500 } : {} });
  simulator.inject(fault);
  const sent = simulator.send(messageEvent());
  await ours.connect();
  await acknowledged(sent, 'an event from before the connection');
  expect(await ours.metric(`feishu_ws_connect_failures_total{app="bot",failure="${failure}",verdict="retry"}`)).toBe(3);
  await settled();
  expect(crashes).toEqual([]);
  await ours.connector.stop();
  expect(await ours.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
});

test('F32: stop() aborts a socket that is still connecting, and a start after it connects', async () => {
  for (const sends of ['nothing', 'half_answer'] as const) {
    const { simulator, count, ours, crashes } = await underWatch();
    simulator.inject({ fault: 'handshake_hang', sends, times: 1 });
    await ours.connector.start();
    await eventually(() => count('handshake', ours.connector.appId, 'hung') === 1, 'the handshake hangs');
    expect(ours.connector.status().connected.state).toBe('dialing');
    await ours.connector.stop();
    expect(ours.connector.status().connected).toMatchObject({ is: false, state: 'stopped' });
    expect(await ours.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
    await ours.connect();
    await acknowledged(simulator.send(messageEvent()), 'an event after the second start');
    await settled();
    expect(crashes).toEqual([]);
  }
});

test('F32: stop() at any moment of a flapping connection ends without a crash and without a socket', async () => {
  const { simulator, ours, crashes } = await underWatch();
  simulator.inject({ fault: 'accept_then_close', how: 'reset' });
  for (let round = 0; round < 20; round++) {
    await ours.connector.start();
    for (let turn = 0; turn < round; turn++) await settled();
    await ours.connector.stop();
    expect(await ours.metric('feishu_ws_sockets_open{app="bot"}')).toBe(0);
  }
  simulator.clear();
  await ours.connect();
  await settled();
  expect(crashes).toEqual([]);
});

test('F32: a process of its own lives through all of it, loses nothing, and ends with 0 when it is stopped', async () => {
  const { exitCode, stdout, stderr } = await new Promise<{
    readonly exitCode: unknown;
    readonly stdout: string;
    readonly stderr: string;
  }>((resolve) => {
    execFile(process.execPath, [RUDE_GATEWAY], { timeout: 18_000 }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ strikes: 12, sent: 12, handled: 12, acknowledged: 12 });
});

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const headerKey = fc.oneof(fc.constantFrom('type', 'message_id', 'sum', 'seq', 'trace_id'), text);
const headerValue = fc.oneof(fc.constantFrom('ping', 'pong', 'event', 'card', '0', '1', '2', '-1', '1e9'), text);
const frame: fc.Arbitrary<Frame> = fc.record({
  seqId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  logId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  service: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  method: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  headers: fc.array(fc.record({ key: headerKey, value: headerValue }), { maxLength: 8 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.json().map((json) => new TextEncoder().encode(json)),
  ),
});
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  frame.map(encodeFrame),
  fc.tuple(frame.map(encodeFrame), fc.nat(), fc.nat({ max: 255 })).map(([whole, at, value]) => {
    const damaged = whole.slice();
    damaged[at % damaged.length] = value;
    return damaged;
  }),
);

test('F32: no bytes in the socket throw, end the connection, or keep the next event away (seed 32)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 30 }), async (messages) => {
      const world = virtualWorld();
      await world.connect();
      const { connectionId } = world.connector.status().connected;
      for (const message of messages) world.platform.connections()[0]?.send(message);
      await world.clock.advanceBy(100);
      expect(world.connector.status().connected).toMatchObject({ is: true, connectionId });
      // Each was read as a frame, or counted as what it is: none vanished. One more came before: the first pong.
      const exposition = await world.connector.registry.metrics();
      const sumOf = (pattern: RegExp) =>
        exposition
          .split('\n')
          .filter((line) => pattern.test(line))
          .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
      const read = sumOf(/^feishu_ws_frames_total\{.*direction="in"/);
      const malformed = await world.metric('feishu_ws_frame_errors_total{app="bot",reason="malformed"}');
      expect(read + malformed).toBe(messages.length + 1);
      const sent = world.platform.send(messageEvent());
      await world.clock.advanceBy(100);
      expect(sent.state).toBe('acknowledged');
      expect(await world.metric('feishu_connector_telemetry_errors_total{reason="logs"}')).toBe(0);
      await world.stop();
    }),
    { seed: 32, numRuns: 150 },
  );
});
