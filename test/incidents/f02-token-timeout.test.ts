import { expect, test } from 'vitest';
import { virtualWorld } from '../support/world.js';

const HOUR = 3_600_000;
const OUTAGE_MS = 8.5 * HOUR;

test('F02: the token endpoint hanging for 8.5 hours leaves a living connection alone', async () => {
  const world = virtualWorld();
  await world.connect();
  world.platform.inject({ fault: 'token_hang', forMs: OUTAGE_MS });
  world.platform.inject({ fault: 'revoke_tokens' });
  for (let hour = 0; hour < 8; hour++) {
    await world.chat(1, HOUR);
    expect(world.connector.status().connected.is).toBe(true);
  }
  expect(world.connector.status().token).toMatchObject({ isValid: false, lastFailure: { code: 'token_timeout' } });
  expect(
    await world.metric('feishu_token_refresh_failures_total{app="bot",token_type="tenant",failure="token_timeout"}'),
  ).toBeGreaterThan(100);
  expect(await world.metric('feishu_ws_disconnects_total{app="bot",failure="connection_reset"}')).toBe(0);
  await world.clock.advanceBy(HOUR);
  expect(world.connector.status().token.isValid).toBe(true);
  expect(await world.reckon()).toEqual({ sent: 8, lost: [], handledTwice: [] });
});

test('F02: token and discovery hang together for 8.5 hours and the socket is cut: it tries throughout and comes back', async () => {
  const world = virtualWorld();
  await world.connect();
  await world.chat(3);
  const startedAt = world.clock.now();
  world.platform.inject({ fault: 'discovery_hang', forMs: OUTAGE_MS });
  world.platform.inject({ fault: 'token_hang', forMs: OUTAGE_MS });
  world.platform.inject({ fault: 'drop_socket' });

  const attempts: number[] = [];
  world.connector.on('report', ({ report, moment }) => {
    if (report.type === 'attempt_started') attempts.push(moment.now);
  });
  await world.clock.advanceTo(startedAt + OUTAGE_MS);
  expect(world.connector.status()).toMatchObject({
    connected: { is: false },
    receiving: { is: false },
    outage: { number: 1, cause: 'connection_reset' },
    lastFailure: { code: 'discovery_timeout' },
  });
  // One attempt takes its 15 s deadline, and the wait after it at most the 5 min cap.
  const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
  expect(attempts.length).toBeGreaterThan(OUTAGE_MS / 315_000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(315_000);

  expect(await world.untilConnected(301_000)).toBeLessThanOrEqual(301_000);
  expect(world.said()).toContain('[feishu] reconnected');
  expect(await world.metric('feishu_ws_reconnect_attempts_total{app="bot"}')).toBe(attempts.length);
  expect(
    await world.metric('feishu_token_refresh_failures_total{app="bot",token_type="tenant",failure="token_timeout"}'),
  ).toBeGreaterThan(10);
  await world.chat(3);
  expect(await world.reckon()).toEqual({ sent: 6, lost: [], handledTwice: [] });
});

test('F02: each step past its deadline once, five times, and for long: the failure names the step', async () => {
  for (const times of [1, 5, 40]) {
    const steps = [
      { fault: 'discovery_hang', failure: 'discovery_timeout' },
      { fault: 'handshake_hang', failure: 'dial_timeout' },
      { fault: 'silent_pongs', failure: 'proof_timeout' },
    ] as const;
    for (const { fault, failure } of steps) {
      const world = virtualWorld({ seed: times });
      // Pings and probes run into a fault as attempts do, and would use its times up.
      const forHowLong = fault === 'handshake_hang' ? { times } : { forMs: times * 60_000 };
      world.platform.inject({ fault, ...forHowLong });
      await world.connector.start();
      await world.untilConnected(24 * HOUR);
      const failures = `feishu_ws_connect_failures_total{app="bot",failure="${failure}",verdict="retry"}`;
      expect(await world.metric(failures), `${fault} ${times}`).toBeGreaterThanOrEqual(Math.min(times, 5));
      await world.chat(2);
      expect(await world.reckon()).toEqual({ sent: 2, lost: [], handledTwice: [] });
      await world.stop();
    }
  }
});
