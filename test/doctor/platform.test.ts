import { expect, test } from 'vitest';
import type { CheckResult } from '../../src/doctor/check.js';
import { type Examination, examine } from '../../src/doctor/doctor.js';
import type { Diagnosis } from '../../src/doctor/index.js';
import { CHECKS, longestWayMs } from '../../src/doctor/table.js';
import type { ProbedApp } from '../../src/doctor/visit.js';
import { HttpError } from '../../src/ports/index.js';
import { DEFAULT_APP, type Fault } from '../../src/simulator/index.js';
import { after, BASE_URL, stage } from '../simulator/stage.js';
import { statusWith } from '../support/app-connector.js';
import { fakeScout } from '../support/fake-scout.js';
import { SecretHunt } from '../support/secret-hunt.js';

/** The platform in virtual time, and a doctor that finds no daemon, or one that says this. */
function clinic(options: Parameters<typeof stage>[0] = {}, daemon: string | null = null) {
  const set = stage(options);
  const hunt = new SecretHunt();
  hunt.learn('app secret', DEFAULT_APP.appSecret);
  const app: ProbedApp = {
    app: 'bot',
    appId: DEFAULT_APP.appId,
    baseUrl: BASE_URL,
    secret: async () => DEFAULT_APP.appSecret,
    secretOrigin: 'the configuration',
    openWayOut: () => ({
      ...hunt.wiretap(set.face.http, set.face.dial),
      scout: fakeScout({ isSecure: false }),
      close: async () => {},
    }),
    lookIntoJournal: null,
  };
  const examination: Examination = {
    apps: [app],
    only: null,
    daemonUrl: 'http://127.0.0.1:9464',
    isDaemonExpected: false,
    reconnectCommand: null,
    mayCall: true,
    watcher: null,
    timeoutMs: longestWayMs(CHECKS),
    clock: set.clock,
    http: async () => {
      if (daemon === null) throw new HttpError('refused', 'nobody');
      return { status: 200, headers: {}, body: daemon };
    },
  };
  /** Never takes longer than the default of nine seconds. */
  const look = async (): Promise<Diagnosis> => {
    const diagnosis = await after(set.clock, examination.timeoutMs, examine(examination));
    expect(hunt.leaksIn({ diagnosis })).toEqual([]);
    expect(hunt.count('token')).toBeLessThanOrEqual(1);
    return diagnosis;
  };
  return { ...set, look, hunt };
}

const of = ({ checks }: Diagnosis, name: string): CheckResult | undefined =>
  checks.find((check) => check.name === name);

test('a platform in good order is found in good order', async () => {
  const { look, platform, hunt } = clinic();
  const diagnosis = await look();
  // What was looked for in everything it said has really passed.
  expect([hunt.count('token'), hunt.count('ticket'), hunt.count('access_key')]).toEqual([1, 1, 1]);
  const bad = diagnosis.checks.filter(({ result, app }) => app !== null && (result === 'fail' || result === 'warn'));
  // A proper platform and its gateway that are no machines of ours, and no TLS.
  expect(bad.map(({ name }) => name)).toEqual(['TLS', 'gateway']);
  expect(platform.connections()).toEqual([]);
  expect(platform.traffic.recent('ack')).toEqual([]);
});

test('what its probe connection receives is not acknowledged, and is delivered again to whoever is there then', async () => {
  const { look, platform, visitor, clock } = clinic();
  platform.inject({ fault: 'glue_to_101', times: 1 });
  const diagnosis = await look();
  expect(of(diagnosis, 'events left alone')).toMatchObject({
    result: 'warn',
    evidence: '1 event came to this connection, and none was acknowledged; it is closed',
    advice: expect.stringContaining('the platform delivers them again'),
  });
  expect(diagnosis.notices[0]).toContain('not acknowledged');
  const [event] = platform.ledger.events;
  expect([event?.state, event?.acks, event?.deliveries.map(({ fate }) => fate)]).toEqual(['pending', [], ['sent']]);
  const connector = visitor();
  connector.acks = { code: 200 };
  await connector.connect();
  await clock.advanceBy(15_000);
  expect([event?.state, connector.events.length]).toEqual(['acknowledged', 1]);
});

test('F07: another client is counted before the probe, and what the platform sends it is its own', async () => {
  const { look, visitor } = clinic();
  await visitor().connect();
  const diagnosis = await look();
  expect(of(diagnosis, 'online')).toMatchObject({ result: 'warn', advice: expect.stringContaining('(F07)') });
  expect(of(diagnosis, 'online during')?.evidence).toBe('with the probe connection it counts 2, 1 before');
  expect(of(diagnosis, 'online after')?.evidence).toBe('after the probe connection it counts 1, 1 before');
});

test('F06: the limit of connections refuses the probe, with how many are counted', async () => {
  const { look, visitor } = clinic({ connectionLimit: 1 });
  await visitor().connect();
  const diagnosis = await look();
  expect(of(diagnosis, 'handshake')).toMatchObject({
    result: 'fail',
    evidence: expect.stringMatching(/^connection_limit after /),
    advice: expect.stringContaining('The platform counts 1 (F06).'),
  });
  expect(of(diagnosis, 'first pong')?.evidence).toBe('not reached: handshake failed');
});

test('F08: a connection that is counted after it was closed is told as such', async () => {
  const { look, platform } = clinic();
  platform.inject({ fault: 'dead_connection_kept', keptMs: 60_000 });
  expect(of(await look(), 'online after')).toMatchObject({ result: 'ok', evidence: expect.stringContaining('(F08)') });
});

test.each<[string, Fault, string, string, RegExp]>([
  ['F10: a webhook', { fault: 'console_wrong', what: 'webhook' }, 'subscription', 'fail', /a webhook gets them/],
  ['F10: no events', { fault: 'console_wrong', what: 'no_events' }, 'subscription', 'fail', /deaf by design/],
  ['F10: no scopes', { fault: 'console_wrong', what: 'no_scopes' }, 'scopes', 'warn', /none of them brings messages/],
  [
    'settings that the app may not read',
    { fault: 'console_wrong', what: 'hidden' },
    'subscription',
    'skip',
    /application:application:self_manage or admin:app\.info:readonly/,
  ],
  ['a clock that is behind', { fault: 'date_skew', offsetMs: 3_600_000 }, 'clock', 'fail', /behind the platform's/],
  ['a clock that is ahead', { fault: 'date_skew', offsetMs: -30_000 }, 'clock', 'warn', /ahead of the platform's/],
  ['F16: DNS', { fault: 'dns_failure', via: 'http' }, 'platform', 'fail', /^dns after/],
  ['F17: a gateway that is cut off', { fault: 'refuse_tcp', via: 'socket' }, 'handshake', 'fail', /^dial_unreachable/],
  ['a captive portal', { fault: 'discovery_body', body: 'html' }, 'discovery', 'fail', /^discovery_bad_answer/],
  ['a token endpoint that hangs', { fault: 'token_hang' }, 'token', 'fail', /^token_timeout/],
  ['an endpoint that hangs', { fault: 'discovery_hang' }, 'discovery', 'fail', /^discovery_timeout/],
  ['a handshake that hangs', { fault: 'handshake_hang' }, 'handshake', 'fail', /^dial_timeout/],
  ['a gateway that is mute', { fault: 'silent_pongs' }, 'first pong', 'fail', /^proof_timeout/],
  ['a count that hangs', { fault: 'api_hang', path: '/open-apis/event' }, 'online', 'warn', /did not tell its count/],
  ['scopes that hang', { fault: 'api_hang', path: '/open-apis/application' }, 'scopes', 'warn', /did not tell/],
  ['a used-up quota', { fault: 'api_code', code: 99991403 }, 'online', 'warn', /quota_exhausted/],
  [
    'a connection that is not counted',
    { fault: 'mute', sockets: 'all', isUncounted: true },
    'online during',
    'warn',
    /does not count/,
  ],
])('%s is told by its check, within nine seconds, and no secret is', async (_what, fault, name, result, evidence) => {
  const { look, platform } = clinic();
  platform.inject(fault);
  expect(of(await look(), name)).toMatchObject({ result, evidence: expect.stringMatching(evidence) });
});

test.each<[Fault, RegExp]>([
  [{ fault: 'api_hang' }, /--timeout/],
  [{ fault: 'api_status', status: 502 }, /its API has an outage/],
  [
    { fault: 'api_code', code: 99991672, message: 'One of the following scopes is required: [a:b, c:d]' },
    /^Add one of a:b, c:d/,
  ],
  [{ fault: 'api_code', code: 99991672 }, /^Add the scope that it names/],
  [{ fault: 'api_code', code: 99991403 }, /monthly quota/],
  [{ fault: 'api_code', code: 99991400 }, /again in a minute/],
  [{ fault: 'api_code', code: 12345 }, /Look its code up/],
])('a call of the API that fails (%o) is told with what to do about that', async (fault, advice) => {
  const { look, platform } = clinic();
  platform.inject(fault);
  const diagnosis = await look();
  for (const name of ['online', 'scopes'])
    expect(of(diagnosis, name), name).toMatchObject({ result: 'warn', advice: expect.stringMatching(advice) });
});

test('F27: a daemon whose claim is an hour old is deaf, whatever it and its probes say', async () => {
  const stale = statusWith({
    app: 'bot',
    appId: DEFAULT_APP.appId,
    connected: { ...statusWith().connected, is: true, ageMs: 3_600_000 },
  });
  const { look, platform } = clinic({}, JSON.stringify({ version: '1', phase: 'running', uptimeMs: 1, apps: [stale] }));
  const diagnosis = await look();
  expect(diagnosis).toMatchObject({ isHealthy: false, apps: [{ app: 'bot', source: 'daemon', isDeaf: true }] });
  expect(of(diagnosis, 'connected')?.result).toBe('fail');
  expect(of(diagnosis, 'probes')).toMatchObject({ result: 'fail', advice: expect.stringContaining('Do not trust') });
  // The platform says so too: it counts none, where the daemon claims one.
  expect(of(diagnosis, 'online')).toMatchObject({ result: 'fail', advice: expect.stringContaining('(F04)') });
  expect(platform.traffic.recent('discovery').filter(({ appId }) => appId !== null)).toEqual([]);
});

test('F07: beside a daemon a count above its own is somebody else', async () => {
  const status = statusWith({ app: 'bot', appId: DEFAULT_APP.appId });
  const { look, visitor } = clinic({}, JSON.stringify({ version: '1', phase: 'running', uptimeMs: 1, apps: [status] }));
  await visitor().connect();
  expect(of(await look(), 'online')?.result).toBe('ok');
  await visitor().connect();
  expect(of(await look(), 'online')).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('counts 2 connections of this app, 1 expected (asked now'),
  });
});
