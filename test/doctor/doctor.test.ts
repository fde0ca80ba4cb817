import { expect, test } from 'vitest';
import { type Examination, examine, UnknownAppError } from '../../src/doctor/doctor.js';
import { PROBE_CHECKS } from '../../src/doctor/probe-checks.js';
import type { ProbedApp } from '../../src/doctor/visit.js';
import { type Http, HttpError, type NetworkError, SecretError } from '../../src/ports/index.js';
import { APP_ID, disconnected, OTHER_APP_ID, statusWith } from '../support/app-connector.js';
import { HandClock } from '../support/hand-clock.js';

const URL = 'http://127.0.0.1:9464';

/** An app whose probe ends at its first check, and that counts how often it was probed. */
function probedApp(app: string, appId: string) {
  const probes = { count: 0 };
  const probed: ProbedApp = {
    app,
    appId,
    baseUrl: 'https://open.example',
    secret: () => Promise.reject(new SecretError('no secret in this test')),
    secretOrigin: 'nowhere',
    openWayOut: () => {
      probes.count += 1;
      return {
        http: () => Promise.reject(new HttpError('refused', 'not here')),
        dial: () => {
          throw new Error('nobody dials');
        },
        close: async () => {},
      };
    },
  };
  return { probed, probes };
}

function daemonRunning(apps: readonly unknown[], readyz = 200): Http {
  const body = JSON.stringify({ version: '1.2.3', phase: 'running', uptimeMs: 1_000, apps });
  return async ({ route }) => ({ status: route === '/readyz' ? readyz : 200, headers: {}, body });
}

const failing =
  (kind: NetworkError): Http =>
  () =>
    Promise.reject(new HttpError(kind, kind));

function examination(changes: Partial<Examination>): Examination {
  return {
    apps: [],
    only: null,
    daemonUrl: URL,
    isDaemonExpected: false,
    isReconnectable: true,
    timeoutMs: 9_000,
    clock: new HandClock(),
    http: failing('refused'),
    ...changes,
  };
}

const BOT = { app: 'support-bot', appId: APP_ID };

test('where a daemon runs the app its living connection is judged, and no other is opened', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const notices: string[] = [];
  const diagnosis = await examine(
    examination({
      apps: [probed],
      http: daemonRunning([statusWith()]),
      onNotice: (notice) => void notices.push(notice),
    }),
  );
  expect(diagnosis).toMatchObject({
    isHealthy: true,
    verdict: 'Healthy: support-bot connected.',
    daemon: { url: URL, version: '1.2.3', phase: 'running' },
    apps: [{ ...BOT, source: 'daemon', isDeaf: false, deafSince: null }],
    notices: [],
  });
  expect([probes.count, notices]).toEqual([0, []]);
});

test('a deaf app of a daemon makes it unhealthy, with since when, and no other connection is opened', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const http = daemonRunning([disconnected('waiting')], 503);
  const diagnosis = await examine(examination({ apps: [probed], http }));
  expect(diagnosis).toMatchObject({
    isHealthy: false,
    verdict: 'DEAF: support-bot since 2026-01-02T03:02:35.000Z.',
    apps: [{ isDeaf: true, deafSince: '2026-01-02T03:02:35.000Z' }],
  });
  expect(probes.count).toBe(0);
});

test('the reconnect that is advised survives a shell, whatever the app is called', async () => {
  const http = daemonRunning([disconnected('waiting', { app: "a'; reboot '" })], 503);
  const { checks } = await examine(examination({ http }));
  expect(checks.find(({ name }) => name === 'connected')?.advice).toMatch(
    /curl -X POST 'http:\/\/127\.0\.0\.1:9464\/reconnect\?app=a%27%3B%20reboot%20%27'$/,
  );
  const elsewhere = await examine(examination({ http, isReconnectable: false }));
  expect(JSON.stringify(elsewhere)).not.toContain('curl');
});

test('an app that the daemon does not run is told, and probed; the others are judged', async () => {
  const here = probedApp('support-bot', APP_ID);
  const missing = probedApp('sales-bot', OTHER_APP_ID);
  const notices: string[] = [];
  const { checks, apps, isHealthy } = await examine(
    examination({
      apps: [here.probed, missing.probed],
      http: daemonRunning([statusWith()]),
      onNotice: (notice) => void notices.push(notice),
    }),
  );
  expect(checks.find(({ name }) => name === 'run here')).toMatchObject({
    app: 'sales-bot',
    result: 'fail',
    evidence: `the daemon at ${URL} does not run it (${OTHER_APP_ID}); it runs support-bot`,
  });
  expect([here.probes.count, missing.probes.count, isHealthy]).toEqual([0, 1, false]);
  expect(apps.map(({ app, source }) => [app, source])).toEqual([
    ['support-bot', 'daemon'],
    ['sales-bot', 'probe'],
  ]);
  expect(notices).toEqual([
    expect.stringContaining("opened for sales-bot. Like any other it joins the platform's rotation"),
  ]);
});

test('the same app under another name is the same app', async () => {
  const { probed, probes } = probedApp('my name for it', APP_ID);
  expect((await examine(examination({ apps: [probed], http: daemonRunning([statusWith()]) }))).isHealthy).toBe(true);
  expect(probes.count).toBe(0);
});

test.each(['support-bot', APP_ID])('%s alone can be asked for', async (only) => {
  const http = daemonRunning([statusWith(), disconnected('waiting', { app: 'sales-bot', appId: OTHER_APP_ID })], 503);
  const { apps, isHealthy } = await examine(examination({ only, http }));
  expect([apps.map(({ app }) => app), isHealthy]).toEqual([['support-bot'], true]);
});

test('an app that nobody knows is a mistake, told with those that are known', async () => {
  const { probed } = probedApp('sales-bot', OTHER_APP_ID);
  const asked = examine(examination({ only: 'slaes-bot', apps: [probed], http: daemonRunning([statusWith()]) }));
  await expect(asked).rejects.toThrow(UnknownAppError);
  await expect(asked).rejects.toThrow('there is no app slaes-bot; known are sales-bot, support-bot');
});

test('where nobody listens each app is probed, after a word of warning', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const { checks, apps, notices, daemon } = await examine(examination({ apps: [probed] }));
  expect(checks.map(({ name }) => name)).toEqual(['daemon', ...PROBE_CHECKS.map(({ name }) => name)]);
  expect(checks[0]).toMatchObject({ name: 'daemon', result: 'warn' });
  expect(apps).toEqual([{ ...BOT, source: 'probe', isDeaf: null, deafSince: null }]);
  expect([probes.count, notices.length, daemon]).toEqual([1, 1, null]);
});

test('nobody at an address that was named is a failure, and without a configuration the only finding', async () => {
  const diagnosis = await examine(examination({ isDaemonExpected: true }));
  expect(diagnosis).toMatchObject({ isHealthy: false, verdict: 'FAILED: daemon.', apps: [] });
  expect(diagnosis.checks).toHaveLength(1);
  expect((await examine(examination({ isDaemonExpected: true, only: 'bot' }))).isHealthy).toBe(false);
});

test.each<NetworkError>(['timeout', 'protocol', 'dns'])(
  'where somebody may hold the connection (%s) no second one is opened beside it',
  async (kind) => {
    const { probed, probes } = probedApp('support-bot', APP_ID);
    const { checks, isHealthy, apps } = await examine(examination({ apps: [probed], http: failing(kind) }));
    expect(isHealthy).toBe(false);
    expect(apps).toMatchObject([{ source: 'none', isDeaf: null }]);
    expect(checks.slice(1).map(({ name, result }) => [name, result])).toEqual(
      PROBE_CHECKS.map(({ name }) => [name, 'skip']),
    );
    expect(checks[1]?.evidence).toBe(
      `a connector may run at ${URL} all the same; no second connection is opened beside it`,
    );
    expect(probes.count).toBe(0);
  },
);

test('an address that only the daemon knows is not asked, and says how to name it', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const { checks } = await examine(examination({ apps: [probed], daemonUrl: null, http: failing('unknown') }));
  expect(checks[0]).toMatchObject({ name: 'daemon', result: 'warn', advice: expect.stringContaining('--url') });
  expect(probes.count).toBe(1);
});

test('asking the daemon takes a third of the time at most', async () => {
  const limits = new Set<number>();
  const http: Http = async ({ timeoutMs }) => {
    limits.add(timeoutMs);
    throw new HttpError('refused', 'refused');
  };
  await examine(examination({ http, timeoutMs: 1_000 }));
  await examine(examination({ http, timeoutMs: 60_000 }));
  expect([...limits]).toEqual([334, 3_000]);
});
