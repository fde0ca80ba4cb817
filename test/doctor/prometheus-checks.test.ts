import { expect, test } from 'vitest';
import { alertGroups, recordingGroups, resolveAlertOptions } from '../../src/alerts/index.js';
import { Round } from '../../src/doctor/check.js';
import { judgeRules, judgeTargets, PROMETHEUS_CHECKS, type Watcher } from '../../src/doctor/prometheus-checks.js';
import { canonical, shape } from '../../src/doctor/promql.js';
import { type Http, HttpError, type NetworkError, SecretError } from '../../src/ports/index.js';
import { HandClock } from '../support/hand-clock.js';

test.each([
  ['sum by(app)(rate(x[5m]))', 'sum by (app) (rate(x[300s]))'],
  ["up{job='a'} == 1", 'up{job="a"} == 1'],
  ['a\n  and on(job) b', 'a and on (job) b'],
  ['x > 0.80', 'x > 0.8'],
  ['x > 1e3', 'x > 1000'],
  ['x * on (a) group_left () y', 'x * on(a) group_left y'],
  ['x{a="b",}', 'x{a="b"}'],
  ['x[1h30m]', 'x[90m]'],
  ['x{a=~"b|c"} offset 1w', 'x{a=~"b|c"} offset 7d'],
])('%s and %s are the same expression', (one, other) => {
  expect(canonical(one)).toBe(canonical(other));
});

test.each([
  ['x > 1', 'x > 2'],
  ['x > 1', 'x < 1'],
  ['x{a="b"}', 'x{a="c"}'],
  ['x{a="b"}', 'x{a=~"b"}'],
  ['x{a="b  c"}', 'x{a="b c"}'],
])('%s and %s are not', (one, other) => {
  expect(canonical(one)).not.toBe(canonical(other));
});

test('numbers and windows are what sites change, and names and signs are not', () => {
  expect(shape('rate(x[5m]) > 0.8')).toBe(shape('rate(x[1h]) > 0.5'));
  expect(shape('rate(x2[5m]) > 1')).not.toBe(shape('rate(x3[5m]) > 1'));
  expect(shape('x > 1')).not.toBe(shape('x >= 1'));
});

const EXPECTED = [
  { name: 'feishu:a', expr: 'sum by (app) (x)' },
  { name: 'FeishuB', expr: 'x > 1' },
  { name: 'FeishuC', expr: 'y > 5 and z[5m]' },
];
const LOADED = [
  { name: 'feishu:a', query: 'sum by (app) (x)', health: 'ok' },
  { name: 'FeishuB', query: 'x > 1', health: 'ok' },
  { name: 'FeishuC', query: 'y > 5 and z[5m]', health: 'ok' },
  { name: 'OfSomebodyElse', query: 'vector(1)', health: 'err' },
];
const changed = (name: string, changes: object) =>
  LOADED.map((rule) => (rule.name === name ? { ...rule, ...changes } : rule));

test('all rules, as they are shipped', () => {
  expect(judgeRules(EXPECTED, LOADED)).toMatchObject({
    result: 'ok',
    evidence: '3 of 3 rules are loaded, with the expressions of this version',
  });
});

test('F27: rules that are missing are a failure, as nobody is told', () => {
  expect(judgeRules(EXPECTED, LOADED.slice(1))).toMatchObject({
    result: 'fail',
    evidence: '2 of 3 rules are loaded; missing: feishu:a',
    advice: expect.stringContaining('feishu-connector alerts --out'),
  });
  expect(judgeRules(EXPECTED, []).evidence).toBe('0 of 3 rules are loaded; missing: feishu:a, FeishuB, FeishuC');
});

test('other numbers are a choice, another expression an old version, and one that fails to evaluate is blind', () => {
  expect(judgeRules(EXPECTED, changed('FeishuB', { query: 'x > 3' }))).toMatchObject({
    result: 'ok',
    evidence: '3 of 3 rules are loaded, with other numbers: FeishuB, with the expressions of this version',
  });
  expect(judgeRules(EXPECTED, changed('FeishuB', { query: 'old_x > 1' }))).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('not the expressions of this version: FeishuB'),
  });
  const broken = changed('FeishuC', { health: 'err', lastError: 'many-to-many\nmatching' });
  expect(judgeRules(EXPECTED, broken)).toMatchObject({
    result: 'fail',
    evidence: '3 of 3 rules are loaded; cannot be evaluated: FeishuC (many-to-many matching)',
  });
});

test('twins of one name are told apart by their expressions', () => {
  const twins = [
    { name: 'FeishuBurn', expr: 'a > 1' },
    { name: 'FeishuBurn', expr: 'b > 1' },
  ];
  const both = twins.map(({ name, expr }) => ({ name, query: expr }));
  expect(judgeRules(twins, both).result).toBe('ok');
  expect(judgeRules(twins, both.slice(1)).result).toBe('warn');
});

test('targets that are up, down, and none at all', () => {
  const selector = '{job="bot"}';
  const up = [
    { instance: 'a:1', value: 1 },
    { instance: 'b:1', value: 1 },
  ];
  expect(judgeTargets(up, [{ instance: 'a:1', value: 0.25 }], selector)).toMatchObject({
    result: 'ok',
    evidence: '2 targets {job="bot"} up (a:1, b:1), the slowest scrape took 250 ms',
  });
  expect(judgeTargets([...up, { instance: 'c:1', value: 0 }], [], selector)).toMatchObject({
    result: 'fail',
    evidence: '1 of 3 targets {job="bot"} cannot be scraped: c:1',
  });
  expect(judgeTargets([], [], selector)).toMatchObject({ result: 'fail', advice: expect.stringContaining('--job') });
});

const OPTIONS = resolveAlertOptions();
const RULES = [...recordingGroups(OPTIONS), ...alertGroups(OPTIONS)].flatMap(({ rules }) =>
  rules.map((rule) => ({ name: 'alert' in rule ? rule.alert : rule.record, expr: rule.expr })),
);

/** A Prometheus by what it answers on each route; the query decides between the two of `query`. */
function prometheus(changes: Readonly<Record<string, unknown>> = {}): Http {
  const answers: Readonly<Record<string, unknown>> = {
    '/api/v1/status/buildinfo': { version: '2.42.0' },
    '/api/v1/rules': { groups: [{ rules: RULES.map(({ name, expr }) => ({ name, query: expr, health: 'ok' })) }] },
    '/api/v1/alertmanagers': { activeAlertmanagers: [{ url: 'http://user:hunter22@manager:9093/api/v2/alerts' }] },
    up: { result: [{ metric: { __name__: 'up', instance: 'bot:9464' }, value: [1, '1'] }] },
    ALERTS: { result: [{ metric: { alertstate: 'firing' }, value: [1, '1'] }] },
    ...changes,
  };
  return async ({ route, url }) => {
    const key = route === '/api/v1/query' ? (url.includes('ALERTS') ? 'ALERTS' : 'up') : route;
    const data = answers[key];
    if (data instanceof HttpError) throw data;
    return { status: 200, headers: {}, body: JSON.stringify({ status: 'success', data }) };
  };
}

async function watched(http: Http, more: Partial<Watcher> = {}) {
  const clock = new HandClock();
  const watcher = { url: 'http://prometheus:9090', http, clock, job: 'bot', rules: RULES, watchdog: 'FeishuWatchdog' };
  const looked = new Round(null, { clock, endsAt: 9_000 }).make(PROMETHEUS_CHECKS, { ...watcher, ...more });
  // Whoever hangs has its time; all others are done before it passes.
  await clock.advanceBy(9_000);
  const results = await looked;
  return { results, outcomes: results.map(({ name, result }) => `${name} ${result}`) };
}

test('a Prometheus that watches is fine in every respect, and no password of its Alertmanager is told', async () => {
  const { results, outcomes } = await watched(prometheus());
  expect(outcomes).toEqual(['Prometheus ok', 'targets ok', 'rules ok', 'Alertmanager ok', 'watchdog ok']);
  expect(results[3]?.evidence).toBe('alerts go to manager:9093');
  expect(JSON.stringify(results)).not.toContain('hunter22');
});

test('no Alertmanager, a watchdog that is quiet and missing targets are failures of their own', async () => {
  const { outcomes } = await watched(
    prometheus({ '/api/v1/alertmanagers': { activeAlertmanagers: [] }, ALERTS: { result: [] }, up: { result: [] } }),
  );
  expect(outcomes).toEqual(['Prometheus ok', 'targets fail', 'rules ok', 'Alertmanager fail', 'watchdog fail']);
});

test.each([
  ['nobody there', new HttpError('refused', 'refused')],
  ['something else', { hello: 1 }],
])('with %s the rest is not reached', async (_what, answer) => {
  const { outcomes, results } = await watched(prometheus({ '/api/v1/status/buildinfo': answer }));
  expect(outcomes[0]).toBe('Prometheus fail');
  expect(results.slice(1).map(({ evidence }) => evidence)).toEqual(Array(4).fill('not reached: Prometheus failed'));
});

test('what answers without JSON, or with another status, is no Prometheus', async () => {
  const html: Http = async () => ({ status: 200, headers: {}, body: '<html>' });
  expect((await watched(html)).results[0]?.evidence).toContain('no answer of Prometheus');
  const missing: Http = async () => ({ status: 404, headers: {}, body: '' });
  expect((await watched(missing)).results[0]?.evidence).toContain('HTTP 404');
});

test('a Prometheus that wants credentials is told them with every question, and clear text is a warning', async () => {
  const told: (string | undefined)[] = [];
  const guarded: Http = (request) => {
    told.push(request.headers?.authorization);
    return prometheus()(request);
  };
  const authorization = async () => 'Bearer hunter22';
  const clear = await watched(guarded, { authorization });
  expect(told).toEqual(Array(5).fill('Bearer hunter22'));
  expect(clear.results[0]).toMatchObject({
    result: 'warn',
    evidence: expect.stringContaining('its credentials travel in clear text'),
    advice: 'Name it with https://.',
  });
  for (const url of ['https://prometheus.example', 'http://127.0.0.1:9090', 'http://localhost:9090'])
    expect((await watched(guarded, { authorization, url })).outcomes[0], url).toBe('Prometheus ok');
  expect(JSON.stringify(clear)).not.toContain('hunter22');
});

test.each([
  [401, false, /^It asks who you are: name --prometheus-user .* --prometheus-token-file\.$/],
  [401, true, /^It does not take these credentials/],
  [403, true, /must be allowed to read its API/],
  [302, false, /most often to a page to sign in at/],
  [503, false, /look into its log/],
  [404, false, /with its path prefix/],
])('HTTP %i of a Prometheus, credentials given: %s, says what to do', async (status, isTold, advice) => {
  const http: Http = async () => ({ status, headers: {}, body: '' });
  const { results } = await watched(http, isTold ? { authorization: async () => 'Basic eDp5' } : {});
  expect(results[0]).toMatchObject({ result: 'fail', advice: expect.stringMatching(advice) });
});

test.each<[NetworkError, RegExp]>([
  ['timeout', /--timeout/],
  ['refused', /Nobody listens there/],
  ['dns', /spelling/],
  ['tls', /--prometheus-ca-file/],
  ['proxy', /NO_PROXY/],
  ['reset', /base URL of a Prometheus/],
])('no way to a Prometheus (%s) says what to do', async (kind, advice) => {
  const { results } = await watched(() => Promise.reject(new HttpError(kind, 'no')));
  expect(results[0]).toMatchObject({ evidence: `${kind}: no`, advice: expect.stringMatching(advice) });
});

test('credentials that cannot be read, or never come, are told, and Prometheus is not asked', async () => {
  const never: Http = () => Promise.reject(new Error('nobody is asked'));
  const broken = () => Promise.reject(new SecretError('the file token is empty'));
  expect((await watched(never, { authorization: broken })).results[0]).toMatchObject({
    result: 'fail',
    evidence: 'it was not asked, for want of credentials: the file token is empty',
  });
  const hanging = await watched(never, { authorization: () => new Promise(() => {}) });
  expect(hanging.results[0]?.evidence).toContain('not read within 6.0 s');
});

test('F27: others of the job are scraped, and the daemon that was asked is not', async () => {
  const up = { metric: { __name__: 'up', instance: 'other:9464' }, value: [1, '1'] };
  const series = (labels: object) => ({ metric: { __name__: 'feishu_ws_connected', ...labels }, value: [1, '1'] });
  const looked = async (apps: readonly string[], ...found: object[]) =>
    (await watched(prometheus({ up: { result: [up, ...found] } }), { apps: Promise.resolve(apps) })).results[1];
  expect(await looked(['sales', 'support'], series({ app: 'sales' }))).toMatchObject({
    name: 'targets',
    result: 'fail',
    evidence: '1 target {job="bot"} up, and no series of support: the daemon that runs them here is not scraped',
    advice: expect.stringContaining('FeishuTargetAbsent'),
  });
  expect((await looked(['sales']))?.result).toBe('fail');
  expect((await looked(['sales'], series({ app: 'sales' }), series({ app: 'support' })))?.result).toBe('ok');
  // Relabelled: it cannot be told which app a series is of.
  expect((await looked(['sales'], series({ bot: 'sales' })))?.result).toBe('ok');
  expect((await looked([]))?.result).toBe('ok');
});
