import { expect, test } from 'vitest';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { DAEMON_CHECKS, deafSince, judgeBroken } from '../../src/doctor/app-judgement.js';
import { runChecks } from '../../src/doctor/check.js';
import { disconnected, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const HEALTHY = statusWith();
const { at } = HEALTHY;
const COMMAND = 'feishu-connector reconnect --app=support-bot';

async function judged(status: ConnectorStatus, reconnectCommand: string | null = COMMAND) {
  const limit = { clock: new HandClock(), endsAt: 1_000 };
  const results = await runChecks(DAEMON_CHECKS, { status, reconnectCommand }, status.app, limit);
  const of = (name: string) => results.find((check) => check.name === name);
  return { results, of, outcomes: Object.fromEntries(results.map(({ name, result }) => [name, result])) };
}

const ALL_OK = { alive: 'ok', connected: 'ok', outage: 'ok', receiving: 'ok', token: 'ok', deliveries: 'ok' };

test('a healthy app is fine in every respect, each with its evidence', async () => {
  const { results, outcomes } = await judged(HEALTHY);
  expect(outcomes).toEqual(ALL_OK);
  expect(results.map(({ evidence }) => evidence)).toEqual([
    'its own loop ticked 1.0 s ago',
    'the gateway was heard 3.0 s ago (limit 45.0 s) on connection 7',
    'none goes on',
    'no event yet; nothing says that one is missing',
    'none pending',
    'valid for 2 h more',
  ]);
  expect(results.every(({ advice }) => advice === null)).toBe(true);
});

test('a claim to be connected counts for nothing beyond the silence limit: F27', async () => {
  const stale = statusWith({ connected: { ...HEALTHY.connected, is: true, ageMs: 45_001 } });
  const { of, outcomes } = await judged(stale);
  expect(outcomes).toEqual({ ...ALL_OK, connected: 'fail', outage: 'fail', receiving: 'skip' });
  expect(of('connected')).toMatchObject({
    evidence:
      'deaf since 2026-01-02T03:03:19.999Z (45.0 s ago): it claims to be connected, but nothing was heard for 45.0 s (limit 45.0 s)',
    ageMs: 45_001,
  });
  expect(of('outage')?.evidence).toMatch(/^none was noticed; attempts in all: 1; none is scheduled$/);
  expect(of('receiving')?.evidence).toBe('not reached: connected failed');
  // The limit is the daemon's own word, as it may be configured.
  const patient = { ...stale, connected: { ...stale.connected, silenceLimitMs: 90_000 } };
  expect((await judged(patient)).outcomes).toEqual(ALL_OK);
});

test('a claim without any evidence is none', async () => {
  const { of, outcomes } = await judged(
    statusWith({
      alive: { is: true, evidence: 'trust me', ageMs: null },
      connected: { ...HEALTHY.connected, is: true, ageMs: null },
      token: { isValid: true, expiresAt: null, lastFailure: null },
    }),
  );
  expect(outcomes).toMatchObject({ alive: 'fail', connected: 'fail', token: 'fail' });
  expect(of('connected')?.evidence).toBe(
    'deaf: it never was connected: it claims to be connected, but nothing says so',
  );
});

test.each([
  [60_000, 'ok'],
  [60_001, 'fail'],
])('a loop that claims to be alive by a tick of %i ms ago: %s', async (ageMs, result) => {
  const { of } = await judged(statusWith({ alive: { is: true, evidence: 'the supervisor loop ticked', ageMs } }));
  expect(of('alive')).toMatchObject({ result, ageMs });
});

test('a loop that says that it does not run is believed', async () => {
  const { of } = await judged(statusWith({ alive: { is: false, evidence: 'not started', ageMs: null } }));
  expect(of('alive')).toMatchObject({ result: 'fail', evidence: 'its own loop does not run: not started' });
});

test('a suspect connection within its limit is a warning', async () => {
  const { of, outcomes } = await judged(statusWith({ connected: { ...HEALTHY.connected, state: 'suspect' } }));
  expect(outcomes).toEqual({ ...ALL_OK, connected: 'warn' });
  expect(of('connected')?.evidence).toContain('a ping is overdue, and it was asked again');
});

test('an outage is told with since when, why, attempts, the next one, and what helps', async () => {
  const { of, outcomes } = await judged(disconnected('waiting'));
  expect(outcomes).toMatchObject({ connected: 'fail', outage: 'fail', receiving: 'skip', token: 'ok' });
  expect(of('connected')).toMatchObject({
    evidence: 'deaf since 2026-01-02T03:02:35.000Z (1 min 30 s ago): waiting, it is waiting',
    advice: `It needs a human, as told at outage; it is retried slowly meanwhile. To have it tried at once: ${COMMAND}`,
  });
  expect(of('outage')).toMatchObject({
    evidence:
      'number 1, since 2026-01-02T03:02:35.000Z (1 min 30 s ago), caused by connection_reset, attempts in it: 4; attempts in all: 5; the next one in 30.0 s; the latest failure was credentials_rejected 1 min ago: code 10003',
    advice: 'The platform rejects the app id or secret.',
  });
});

test('where no operator’s word is taken, and where none would help, none is advised', async () => {
  const adviceIn = async (status: ConnectorStatus, command: string | null = COMMAND) =>
    (await judged(status, command)).of('connected')?.advice;
  expect(await adviceIn(disconnected('waiting'), null)).not.toContain('curl');
  for (const state of ['discovering', 'dialing', 'proving'] as const)
    expect(await adviceIn(disconnected(state))).not.toContain('curl');
  for (const state of ['idle', 'stopped'] as const)
    expect(await adviceIn(disconnected(state))).toBe('It does not try: start it, or let its supervisor do so.');
});

test('one that never was connected says so', async () => {
  const status = disconnected('discovering', {
    connected: { ...disconnected('discovering').connected, ageMs: null },
    outage: null,
    lastFailure: null,
    attempts: { count: 1, nextAt: null, isUnderWay: true },
  });
  const { of } = await judged(status);
  expect(of('connected')?.evidence).toBe('deaf: it never was connected: discovering, it is discovering');
  expect(of('outage')).toMatchObject({
    evidence: 'none was noticed; attempts in all: 1; one is under way',
    advice: 'Nothing has failed yet. Ask again in a minute; if it stays so, its log tells what it waits for.',
  });
  expect(deafSince(status)).toBeNull();
});

test('F27: one that does not know that it is deaf will not mend itself, and that is said', async () => {
  const claiming = statusWith({ connected: { ...HEALTHY.connected, ageMs: 86_400_000 } });
  expect((await judged(claiming)).of('outage')).toMatchObject({
    result: 'fail',
    advice: expect.stringMatching(/^It does not know that it is deaf, .* restart it\.$/),
  });
});

test('deafness counts from the last thing heard, and from the outage where that is not known', () => {
  expect(deafSince(HEALTHY)).toBeNull();
  const deaf = disconnected('waiting', { outage: { ...OUTAGE, startedAt: at - 50_000 } });
  expect(deafSince(deaf)).toBe(at - 90_000);
  expect(deafSince({ ...deaf, connected: { ...deaf.connected, ageMs: null } })).toBe(at - 50_000);
});

const OUTAGE = { number: 3, cause: 'closed_by_peer', startedAt: at - 120_000, attempts: 2 } as const;

test('connected again but not stable yet is a warning, and a failure long past a remark', async () => {
  const flapping = await judged(statusWith({ outage: OUTAGE }));
  expect(flapping.outcomes).toEqual({ ...ALL_OK, outage: 'warn' });
  expect(flapping.of('outage')?.evidence).toContain('connected again, and not stable yet');
  const past = { ...PLAIN_FAILURE, at: at - 10_800_000 };
  const { of } = await judged(statusWith({ lastFailure: past }));
  expect(of('outage')).toMatchObject({
    result: 'ok',
    evidence: 'none goes on; the latest failure was connection_reset 3 h ago',
  });
});

const PLAIN_FAILURE = { code: 'connection_reset', verdict: 'retry', detail: '', help: 'h', at } as const;

test.each<[string, Partial<ConnectorStatus['receiving']>, string, string]>([
  [
    'with events',
    { eventsReceived: 12, lastEventAt: at - 180_000 },
    'ok',
    '12 events, the last one 3 min ago; nothing',
  ],
  ['contradicted', { is: false, evidence: 'history has more' }, 'fail', 'no event yet; history has more'],
])('receiving %s', async (_what, changes, result, evidence) => {
  const { of } = await judged(statusWith({ receiving: { ...HEALTHY.receiving, ...changes } }));
  expect(of('receiving')).toMatchObject({ result, evidence: expect.stringContaining(evidence) });
});

const REFUSED = { code: 'token_credentials_rejected', detail: 'code 10014', at: at - 5_000 } as const;

test.each<[string, ConnectorStatus['token'], string, string]>([
  [
    'expired whatever it claims',
    { isValid: true, expiresAt: at - 60_000, lastFailure: REFUSED },
    'fail',
    'which expired 1 min ago',
  ],
  ['expiring just now', { isValid: true, expiresAt: at, lastFailure: null }, 'fail', 'which expired 0 ms ago'],
  [
    'refused',
    { isValid: false, expiresAt: null, lastFailure: REFUSED },
    'fail',
    'none; the latest failure was token_credentials_rejected 5.0 s ago: code 10014',
  ],
  ['not there yet', { isValid: false, expiresAt: null, lastFailure: null }, 'warn', 'none yet'],
  [
    'about to expire unrenewed',
    { isValid: true, expiresAt: at + 300_000, lastFailure: REFUSED },
    'warn',
    'valid for 5 min more, and not renewed',
  ],
  ['short but fresh', { isValid: true, expiresAt: at + 300_000, lastFailure: null }, 'ok', 'valid for 5 min more'],
  [
    'renewed since a failure',
    { isValid: true, expiresAt: at + 3_600_000, lastFailure: REFUSED },
    'ok',
    'valid for 1 h more',
  ],
])('a token %s', async (_what, token, result, evidence) => {
  const { of } = await judged(statusWith({ token }));
  expect(of('token')).toMatchObject({ result, evidence: expect.stringContaining(evidence) });
  if (result === 'fail') expect(of('token')?.advice).toContain('calls of the API fail');
});

test('what a token failure means stands in its advice', async () => {
  const { of } = await judged(statusWith({ token: { isValid: false, expiresAt: null, lastFailure: REFUSED } }));
  expect(of('token')?.advice).toMatch(/^The platform rejects the app id or secret \(codes 10003, 10014, 10015\)/);
});

test.each([
  [{ pending: 3, capacity: 100, oldestPendingAt: at - 2_000 }, 'ok', '3 of 100 pending, the oldest for 2.0 s'],
  [{ pending: 3, capacity: 100, oldestPendingAt: null }, 'ok', '3 of 100 pending'],
  [{ pending: 3, capacity: 100, oldestPendingAt: at - 121_000 }, 'warn', 'the oldest for 2 min 1 s'],
  [{ pending: 80, capacity: 100, oldestPendingAt: at }, 'warn', '80 of 100 pending'],
  [{ pending: 100, capacity: 100, oldestPendingAt: at }, 'fail', 'further events are not acknowledged'],
])('deliveries %o: %s', async (delivery, result, evidence) => {
  const { of } = await judged(statusWith({ delivery: { ...delivery, deadLetters: 0, journal: null } }));
  expect(of('deliveries')).toMatchObject({ result, evidence: expect.stringContaining(evidence) });
});

test('an app that does not run yet is no bug, in whatever words that is told', () => {
  const error = 'its journal is in use';
  expect(judgeBroken({ app: 'bot', appId: 'cli_1', error, hasStarted: false })).toMatchObject({
    result: 'fail',
    evidence: `the daemon does not run it yet: ${error}`,
    advice: expect.stringContaining('SIGHUP'),
  });
});

test('an app whose status cannot be read is a failure of its own', () => {
  expect(judgeBroken({ app: 'bot', appId: 'cli_1', error: 'a bug', hasStarted: true })).toMatchObject({
    app: 'bot',
    name: 'run here',
    result: 'fail',
    evidence: 'the daemon cannot tell how it is: a bug',
  });
});
