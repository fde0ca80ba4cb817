import { expect, test } from 'vitest';
import type { JournalSurvey } from '../../src/connector-journal-survey.js';
import type { ConnectorStatus } from '../../src/connector-status.js';
import { type Examination, examine, UnknownAppError } from '../../src/doctor/doctor.js';
import { CHECKS } from '../../src/doctor/table.js';
import type { ProbedApp } from '../../src/doctor/visit.js';
import { type Http, HttpError, type NetworkError, StoreError } from '../../src/ports/index.js';
import { APP_ID, APP_SECRET, disconnected, OTHER_APP_ID, statusWith } from '../support/app-connector.js';
import { fakeScout } from '../support/fake-scout.js';
import { HandClock } from '../support/hand-clock.js';

const URL = 'http://127.0.0.1:9464';

const ALL_NAMES = Object.entries(CHECKS)
  .filter(([, { section }]) => section === 'app')
  .map(([name]) => name);

/**
 * An app on a platform that is there and refuses to sign anybody in. `probes` counts how often a ticket was asked for: what
 * begins a connection.
 */
function probedApp(app: string, appId: string) {
  const probes = { count: 0, calls: 0 };
  const http: Http = async ({ route, body }) => {
    if (route.startsWith('/open-apis/event')) probes.calls += 1;
    if (route.includes('/ws/endpoint') && body !== '{}') probes.count += 1;
    const token = { code: 0, tenant_access_token: 't-0123456789abcdef', expire: 7_200 };
    const count = { code: 0, data: { online_instance_cnt: 1 } };
    const refusal = { code: 1000040345, msg: 'invalid', data: {} };
    const answer = route.includes('tenant_access_token') ? token : route.startsWith('/open-apis') ? count : refusal;
    return { status: 200, headers: {}, body: JSON.stringify(answer) };
  };
  const probed: ProbedApp = {
    app,
    appId,
    baseUrl: 'https://open.example',
    secret: async () => APP_SECRET,
    secretOrigin: 'nowhere',
    openWayOut: () => ({
      http,
      dial: () => {
        throw new Error('nobody dials');
      },
      scout: fakeScout(),
      close: async () => {},
    }),
    lookIntoJournal: null,
  };
  return { probed, probes };
}

function daemonRunning(apps: readonly ConnectorStatus[], readyz = 200): Http {
  const body = JSON.stringify({ version: '1.2.3', phase: 'running', uptimeMs: 1_000, apps });
  const metrics = apps.map(({ app, connected }) => `feishu_ws_connected{app="${app}"} ${Number(connected.is)}\n`);
  return async ({ route }) => ({
    status: route === '/readyz' ? readyz : 200,
    headers: {},
    body: route === '/metrics' ? metrics.join('') : body,
  });
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
    reconnectCommand: (app) => `feishu-connector reconnect --app=${app}`,
    mayCall: true,
    watcher: null,
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

test('a reconnect is advised where the daemon takes one from here', async () => {
  const http = daemonRunning([disconnected('waiting')], 503);
  const { checks } = await examine(examination({ http }));
  expect(checks.find(({ name }) => name === 'connected')?.advice).toMatch(
    /tried at once: feishu-connector reconnect --app=support-bot$/,
  );
  const elsewhere = await examine(examination({ http, reconnectCommand: null }));
  expect(JSON.stringify(elsewhere)).not.toContain('feishu-connector reconnect');
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
  expect(checks.find(({ name, result }) => name === 'run here' && result === 'fail')).toMatchObject({
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
    expect.stringContaining("opened for sales-bot, for a few seconds. Like any other it joins the platform's rotation"),
  ]);
});

test('the monitoring is asked for the apps that the daemon runs, and waits for nobody else', async () => {
  const queries: string[] = [];
  const prometheus: Http = async ({ url, route }) => {
    if (route === '/api/v1/query') queries.push(decodeURIComponent(url));
    const up = { metric: { __name__: 'up', instance: 'other:9464' }, value: [1, '1'] };
    const data = route === '/api/v1/query' ? { result: [up] } : { version: '2', groups: [], activeAlertmanagers: [] };
    return { status: 200, headers: {}, body: JSON.stringify({ status: 'success', data }) };
  };
  const watcher = {
    url: 'http://prometheus:9090',
    http: prometheus,
    job: 'bot',
    rules: [],
    watchdog: 'FeishuWatchdog',
  };
  const targetsWith = async (changes: Partial<Examination>) =>
    (await examine(examination({ watcher, ...changes }))).checks.find(({ name }) => name === 'targets');
  const running = await targetsWith({ http: daemonRunning([statusWith()]) });
  expect(running?.evidence).toContain('no series of support-bot');
  expect((await targetsWith({}))?.result).toBe('ok');
  expect(queries.join()).toContain('feishu_ws_connected');
  const mistaken = examine(examination({ watcher, only: 'nobody', http: daemonRunning([statusWith()]) }));
  await expect(mistaken).rejects.toThrow(UnknownAppError);
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

const HELD: JournalSurvey = {
  directory: '/j',
  contents: null,
  maxBytes: 1,
  owner: 'pid 7 on host a',
  freeBytes: null,
  writable: 'by_us',
};

test.each<[string, Partial<Examination>]>([
  ['no daemon answers', {}],
  ['the daemon runs others', { http: daemonRunning([statusWith({ app: 'other', appId: 'cli_ffffffffffffffff' })]) }],
  ['the address is not known', { daemonUrl: null }],
])(
  'where %s and a process has its journal open no second connection is opened, and it is no good news',
  async (_what, more) => {
    const { probed, probes } = probedApp('support-bot', APP_ID);
    const looks = { count: 0 };
    const lookIntoJournal = async () => {
      looks.count += 1;
      return HELD;
    };
    const { checks, apps, notices, isHealthy } = await examine(
      examination({ apps: [{ ...probed, lookIntoJournal }], ...more }),
    );
    expect([probes, looks.count, notices, isHealthy]).toEqual([{ count: 0, calls: 0 }, 1, [], false]);
    expect(apps.find(({ app }) => app === 'support-bot')).toMatchObject({ source: 'none', isDeaf: null });
    const of = (name: string) => checks.find((check) => check.app === 'support-bot' && check.name === name);
    expect(of('run here')).toMatchObject({
      result: 'fail',
      evidence: expect.stringMatching(/^pid 7 on host a has its journal open .* cannot be told$/),
      advice: expect.stringContaining('--url'),
    });
    expect(of('handshake')?.evidence).toBe(
      'pid 7 on host a may be connected; no second connection is opened beside it',
    );
    // The way out is looked at all the same.
    expect(of('TLS')?.result).toBe('ok');
  },
);

test('a journal that cannot be looked into, or not in time, keeps nobody from being probed', async () => {
  const clock = new HandClock();
  const [broken, hanging] = [probedApp('support-bot', APP_ID), probedApp('sales-bot', OTHER_APP_ID)];
  const looked = examine(
    examination({
      clock,
      apps: [
        { ...broken.probed, lookIntoJournal: () => Promise.reject(new StoreError('corrupt', 'not ours')) },
        { ...hanging.probed, lookIntoJournal: () => new Promise(() => {}) },
      ],
    }),
  );
  await clock.advanceBy(9_000);
  const { checks } = await looked;
  expect([broken.probes.count, hanging.probes.count]).toEqual([1, 1]);
  expect(checks.filter(({ name }) => name === 'journal').map(({ result }) => result)).toEqual(['fail', 'fail']);
});

test('where nobody listens each app is probed, after a word of warning', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const { checks, apps, notices, daemon } = await examine(examination({ apps: [probed] }));
  // Every row of the table is there, in its order: made, or skipped with a reason.
  expect(checks.map(({ name }) => name)).toEqual(Object.keys(CHECKS));
  expect(checks[0]).toMatchObject({ name: 'daemon', result: 'warn' });
  expect(apps).toEqual([{ ...BOT, source: 'probe', isDeaf: null, deafSince: null }]);
  expect([probes.count, notices.length, daemon]).toEqual([1, 1, null]);
});

test('nobody at an address that was named is a failure, and without a configuration the only finding', async () => {
  const diagnosis = await examine(examination({ isDaemonExpected: true }));
  expect(diagnosis).toMatchObject({ isHealthy: false, verdict: 'FAILED: daemon.', apps: [] });
  const made = diagnosis.checks.filter(({ result }) => result !== 'skip');
  expect(made.map(({ name }) => name)).toEqual(['daemon']);
  expect((await examine(examination({ isDaemonExpected: true, only: 'bot' }))).isHealthy).toBe(false);
});

test.each<NetworkError>(['timeout', 'protocol', 'dns'])(
  'where somebody may hold the connection (%s) no second one is opened beside it',
  async (kind) => {
    const { probed, probes } = probedApp('support-bot', APP_ID);
    const { checks, isHealthy, apps } = await examine(examination({ apps: [probed], http: failing(kind) }));
    expect(isHealthy).toBe(false);
    expect(apps).toMatchObject([{ source: 'none', isDeaf: null }]);
    const barred = `a connector may run at ${URL} all the same; no second connection is opened beside it`;
    for (const name of ['token', 'discovery', 'handshake', 'first pong'])
      expect(checks.find((check) => check.name === name)).toMatchObject({ result: 'skip', evidence: barred });
    // What opens none goes on: the way may be what is wrong.
    expect(checks.find(({ name }) => name === 'TLS')?.result).toBe('ok');
    expect(probes.count).toBe(0);
  },
);

test('an address that only the daemon knows is not asked, and says how to name it', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const { checks } = await examine(examination({ apps: [probed], daemonUrl: null, http: failing('unknown') }));
  expect(checks[0]).toMatchObject({ name: 'daemon', result: 'warn', advice: expect.stringContaining('--url') });
  expect(probes.count).toBe(1);
});

test('asking the daemon leaves the time that is kept for those who wait for its answer', async () => {
  const limits = new Set<number>();
  const http: Http = async ({ timeoutMs }) => {
    limits.add(timeoutMs);
    throw new HttpError('refused', 'refused');
  };
  await examine(examination({ http, timeoutMs: 1_000 }));
  await examine(examination({ http, timeoutMs: 9_000 }));
  expect([...limits]).toEqual([466, 4_200]);
});

test('beside a daemon every row is there too, and the way to the platform is looked at', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const { checks } = await examine(examination({ apps: [probed], http: daemonRunning([statusWith()]) }));
  expect(checks.map(({ name }) => name)).toEqual(Object.keys(CHECKS));
  const of = (name: string) => checks.find((check) => check.name === name);
  for (const name of ['run here', 'connected', 'DNS', 'TCP', 'TLS', 'platform', 'online', 'metrics'])
    expect([name, of(name)?.result]).toEqual([name, 'ok']);
  for (const name of ['discovery', 'handshake', 'first pong', 'online during', 'events left alone', 'online after'])
    expect(of(name)?.evidence).toBe('the daemon holds the connection; no second one is opened beside it');
  expect(probes).toEqual({ count: 0, calls: 1 });
});

test('what the daemon asked lately is not asked again', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const serverView = { verdict: 'agrees', seen: 1, expected: 1, ageMs: 60_000 } as const;
  const { checks } = await examine(examination({ apps: [probed], http: daemonRunning([statusWith({ serverView })]) }));
  expect(checks.find(({ name }) => name === 'online')).toMatchObject({
    result: 'ok',
    evidence: 'the platform counts 1 connection of this app, 1 expected (asked by the daemon 1 min ago)',
    ageMs: 60_000,
  });
  expect(probes.calls).toBe(0);
});

test('an app without a configuration here is judged by the daemon alone, and the rest says why not', async () => {
  const { checks, isHealthy } = await examine(examination({ http: daemonRunning([statusWith()]) }));
  expect(isHealthy).toBe(true);
  expect(checks.filter(({ app }) => app === 'support-bot').map(({ name }) => name)).toEqual(ALL_NAMES);
  expect(checks.find(({ name }) => name === 'TLS')?.evidence).toBe('its configuration is not known here (--config)');
});

test('a status that cannot be read is told, and what belongs to the configuration is looked at', async () => {
  const { probed } = probedApp('support-bot', APP_ID);
  const broken = { app: 'support-bot', appId: APP_ID, error: 'a bug' } as unknown as ConnectorStatus;
  const http: Http = async ({ route }) => ({
    status: route === '/livez' || route === '/status' ? 200 : 503,
    headers: {},
    body: JSON.stringify({ version: '1', phase: 'running', uptimeMs: 1, apps: [broken] }),
  });
  const { checks, apps } = await examine(examination({ apps: [probed], http }));
  const of = (name: string) => checks.find((check) => check.name === name);
  expect(of('run here')).toMatchObject({ result: 'fail', evidence: 'the daemon cannot tell how it is: a bug' });
  expect(of('connected')?.evidence).toBe('its status cannot be read');
  expect([of('TLS')?.result, apps[0]?.isDeaf]).toEqual(['ok', null]);
});

test('an app that could not start is deaf, and neither metrics nor the monitoring miss it', async () => {
  const error = 'its journal is in use';
  const unstarted = { app: 'sales-bot', appId: OTHER_APP_ID, error, hasStarted: false } as unknown as ConnectorStatus;
  const running = daemonRunning([statusWith()], 503);
  const http: Http = async (request) => {
    const answer = await running(request);
    if (request.route !== '/status') return answer;
    const apps = [statusWith(), unstarted];
    return { ...answer, body: JSON.stringify({ version: '1', phase: 'running', uptimeMs: 1, apps }) };
  };
  const { verdict, apps, checks } = await examine(examination({ http }));
  expect(verdict).toBe('DEAF: sales-bot.');
  expect(apps.map(({ isDeaf }) => isDeaf)).toEqual([false, true]);
  expect(checks.find(({ name }) => name === 'metrics')?.result).toBe('ok');
});

test('without the API nothing is counted', async () => {
  const { probed, probes } = probedApp('support-bot', APP_ID);
  const http = daemonRunning([statusWith()]);
  const { checks } = await examine(examination({ apps: [probed], mayCall: false, http }));
  const spared = checks.filter(({ evidence }) => evidence === 'the API was not asked (--no-api)');
  expect(spared.map(({ name }) => name)).toEqual(['online', 'scopes', 'subscription']);
  expect(probes.calls).toBe(0);
});
