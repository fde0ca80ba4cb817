import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ALERTS, alertmanagerConfig, resolveAlertOptions } from '../../src/alerts/index.js';
import { Alertmanager } from '../support/alertmanager.js';
import { eventually } from '../support/eventually.js';
import { runTool } from '../support/run-tool.js';

const EXAMPLE = fileURLToPath(new URL('../../alerts/alertmanager.example.yml', import.meta.url));

// Nothing is ever sent: what becomes of an alert is asked before any group has waited its half minute.
let alertmanager: Alertmanager;
beforeAll(async () => {
  const nowhere = {
    pagerUrl: 'http://127.0.0.1:9/',
    ticketUrl: 'http://127.0.0.1:9/',
    watchdogUrl: 'http://127.0.0.1:9/',
  };
  alertmanager = await Alertmanager.start(alertmanagerConfig(resolveAlertOptions(), nowhere));
});
afterAll(() => alertmanager?.stop());

type Labels = Readonly<Record<string, string>>;
const ORDERS = { app: 'orders' };
const SUPPORT = { app: 'support' };
const ON_A = { instance: 'a' };
const ON_B = { instance: 'b' };

/** An alert as Prometheus sends it: the labels of its rule, and those of its series. */
function sent(name: string, series: Labels, rule: Labels = {}): Labels {
  const alert = ALERTS.find(
    ({ name: other, labels = {} }) =>
      other === `Feishu${name}` && Object.entries(rule).every(([label, value]) => labels[label] === value),
  );
  if (alert === undefined) throw new Error(`there is no alert ${name} with ${JSON.stringify(rule)}`);
  const { severity, layer, labels } = alert;
  const missing = alert.by.filter((label) => label !== 'job' && series[label] === undefined);
  if (missing.length > 0) throw new Error(`${name} always has the labels ${missing.join(', ')}`);
  return { alertname: alert.name, severity, layer, ...labels, ...series };
}

/** What becomes of alerts that fire together: who is told, and who is muted by whom. */
interface Fate {
  readonly pager: string[];
  readonly ticket: string[];
  readonly muted: string[];
}

let stories = 0;

/** Each story has a job of its own, so that none meets the alerts of another. */
async function fateOf(...alerts: Labels[]): Promise<Fate> {
  stories += 1;
  const job = `story-${stories}`;
  await alertmanager.post(alerts.map((labels) => ({ ...labels, job })));
  await untilProcessed(job);
  const received = await alertmanager.alertsOf(job);
  expect(received).toHaveLength(alerts.length);

  const nameOf = ({ alertname = '', severity = '', app, instance, failure, window, long_window }: Labels) =>
    [alertname.replace('Feishu', ''), app, instance, failure, window ?? long_window, severity === 'critical' && '!']
      .filter(Boolean)
      .join(' ');
  const byFingerprint = new Map(received.map((alert) => [alert.fingerprint, nameOf(alert.labels)]));
  const fate: Fate = { pager: [], ticket: [], muted: [] };
  for (const { labels, status, receivers } of received) {
    const mutedBy = status.inhibitedBy.map((fingerprint) => byFingerprint.get(fingerprint));
    if (status.state === 'suppressed') fate.muted.push(`${nameOf(labels)} by ${mutedBy.sort().join(', ')}`);
    for (const { name } of status.state === 'active' ? receivers : []) {
      if (name === 'feishu-pager') fate.pager.push(nameOf(labels));
      else if (name === 'feishu-ticket') fate.ticket.push(nameOf(labels));
      else throw new Error(`${nameOf(labels)} went to ${name}`);
    }
  }
  return { pager: fate.pager.sort(), ticket: fate.ticket.sort(), muted: fate.muted.sort() };
}

/**
 * Waits until all that was posted has taken effect. Alertmanager works alerts off in their order: once a pair posted
 * last is a muting and a muted one, so are all before it.
 */
async function untilProcessed(story: string): Promise<void> {
  const job = `${story}-last`;
  await alertmanager.post([{ ...sent('TargetAbsent', {}), job }]);
  await alertmanager.post([{ ...sent('TargetDisappeared', ON_A), job }]);
  await eventually(async () => {
    const alerts = await alertmanager.alertsOf(job);
    return alerts.some(({ status }) => status.state === 'suppressed');
  }, 'Alertmanager processed what was posted');
}

test('an outage of an app is one page: its symptoms are muted', async () => {
  const fate = await fateOf(
    sent('AppDeaf', ORDERS),
    sent('WsDisconnected', { ...ORDERS, ...ON_A }),
    sent('WsDisconnected', { ...ORDERS, ...ON_B }),
    sent('WsFlapping', { ...ORDERS, ...ON_A }),
    sent('WsSessionsShort', ORDERS),
    sent('ConnectivityBudgetBurn', ORDERS, { long_window: '1h' }),
    sent('ConnectivityBudgetBurn', ORDERS, { long_window: '3d' }),
    sent('AckLate', ORDERS),
  );
  expect(fate).toEqual({
    pager: ['AppDeaf orders !'],
    ticket: [],
    muted: [
      'AckLate orders by AppDeaf orders !',
      'ConnectivityBudgetBurn orders 1h ! by AppDeaf orders !',
      expect.stringMatching(/^ConnectivityBudgetBurn orders 3d by .*AppDeaf orders !/),
      'WsDisconnected orders a by AppDeaf orders !',
      'WsDisconnected orders b by AppDeaf orders !',
      'WsFlapping orders a by AppDeaf orders !',
      'WsSessionsShort orders by AppDeaf orders !',
    ],
  });
});

test('an outage of an app mutes its redeliveries too', async () => {
  expect(await fateOf(sent('AppDeaf', ORDERS), sent('DuplicateDeliveries', ORDERS))).toEqual({
    pager: ['AppDeaf orders !'],
    ticket: [],
    muted: ['DuplicateDeliveries orders by AppDeaf orders !'],
  });
});

test('an outage of an app does not mute what tells the cause', async () => {
  const fate = await fateOf(
    sent('AppDeaf', ORDERS),
    sent('WsGaveUp', { ...ORDERS, ...ON_A, state: 'stopped' }),
    sent('WsReconnectStuck', { ...ORDERS, ...ON_A }),
    sent('ConnectRejected', { ...ORDERS, failure: 'credentials_rejected' }),
    sent('TokenExpired', { ...ORDERS, ...ON_A, token_type: 'tenant' }),
    sent('TargetDown', ON_A),
    sent('ApiLimited', { ...ORDERS, ...ON_B, reason: 'rate' }),
  );
  expect(fate).toEqual({
    pager: [
      'AppDeaf orders !',
      'ConnectRejected orders credentials_rejected !',
      'TokenExpired orders a !',
      'WsGaveUp orders a !',
      'WsReconnectStuck orders a !',
    ],
    ticket: ['ApiLimited orders b', 'TargetDown a'],
    muted: [],
  });
});

test('an outage of an app mutes nothing that is seen from outside; a target that is down mutes the tickets of its own', async () => {
  const fate = await fateOf(
    sent('AppDeaf', ORDERS),
    sent('TargetDown', ON_A),
    sent('WsZombie', ORDERS),
    sent('WsForeignConsumer', ORDERS),
    sent('CanaryMissing', { ...ORDERS, ...ON_A }),
    sent('ServerViewStale', { ...ORDERS, ...ON_A }),
    sent('ServerViewStale', { ...ORDERS, ...ON_B }),
    sent('EventGapUnreconciled', { ...ORDERS, ...ON_A }),
    sent('EventGapLost', { ...ORDERS, ...ON_B, recovered: 'no' }),
  );
  expect(fate).toEqual({
    pager: ['AppDeaf orders !', 'CanaryMissing orders a !', 'WsZombie orders !'],
    ticket: ['EventGapLost orders b', 'ServerViewStale orders b', 'TargetDown a', 'WsForeignConsumer orders'],
    muted: ['EventGapUnreconciled orders a by TargetDown a', 'ServerViewStale orders a by TargetDown a'],
  });
});

test('an outage of one app mutes nothing of another', async () => {
  const fate = await fateOf(
    sent('AppDeaf', ORDERS),
    sent('WsDisconnected', { ...SUPPORT, ...ON_A }),
    sent('WsFlapping', { ...SUPPORT, ...ON_A }),
    sent('AckLate', SUPPORT),
  );
  expect(fate).toEqual({
    pager: ['AppDeaf orders !'],
    ticket: ['AckLate support', 'WsDisconnected support a', 'WsFlapping support a'],
    muted: [],
  });
});

test('an instance that cannot be scraped mutes its own warnings, of every layer but meta', async () => {
  const fate = await fateOf(
    sent('TargetDown', ON_A),
    sent('EventLoopBlocked', ON_A),
    sent('WsDisconnected', { ...ORDERS, ...ON_A }),
    sent('TokenRefreshFailing', { ...ORDERS, ...ON_A, token_type: 'tenant' }),
    sent('QueueSaturated', { ...ORDERS, ...ON_A }),
    sent('TargetDisappeared', ON_A),
  );
  expect(fate).toEqual({
    pager: [],
    ticket: ['TargetDisappeared a', 'TargetDown a'],
    muted: [
      'EventLoopBlocked a by TargetDown a',
      'QueueSaturated orders a by TargetDown a',
      'TokenRefreshFailing orders a by TargetDown a',
      'WsDisconnected orders a by TargetDown a',
    ],
  });
});

test('an instance that cannot be scraped mutes nothing critical, nothing of another instance, and nothing of an app', async () => {
  const fate = await fateOf(
    sent('TargetDown', ON_A),
    sent('WsHalfOpen', { ...ORDERS, ...ON_A }),
    sent('ConnectorCrashLooping', ON_A),
    sent('WsDisconnected', { ...ORDERS, ...ON_B }),
    sent('WsSessionsShort', ORDERS),
    sent('AckLate', ORDERS),
    sent('AppDeaf', SUPPORT),
  );
  expect(fate).toEqual({
    pager: ['AppDeaf support !', 'ConnectorCrashLooping a !', 'WsHalfOpen orders a !'],
    ticket: ['AckLate orders', 'TargetDown a', 'WsDisconnected orders b', 'WsSessionsShort orders'],
    muted: [],
  });
});

test('with no target left it is no news that each has left, but an app that is deaf still is', async () => {
  expect(
    await fateOf(
      sent('TargetAbsent', {}),
      sent('TargetDisappeared', ON_A),
      sent('TargetDisappeared', ON_B),
      sent('AppDeaf', ORDERS),
      sent('TargetDown', ON_A),
    ),
  ).toEqual({
    pager: ['AppDeaf orders !', 'TargetAbsent !'],
    ticket: ['TargetDown a'],
    muted: ['TargetDisappeared a by TargetAbsent !', 'TargetDisappeared b by TargetAbsent !'],
  });
});

test('of the steps of a token to its end only the last is told, for that token alone', async () => {
  const tenant = { ...ORDERS, ...ON_A, token_type: 'tenant' };
  const other = { ...ORDERS, ...ON_B, token_type: 'tenant' };
  expect(
    await fateOf(
      sent('TokenExpired', tenant),
      sent('TokenNearExpiry', tenant),
      sent('TokenRefreshFailing', tenant),
      sent('TokenNearExpiry', { ...tenant, token_type: 'app' }),
      sent('TokenNearExpiry', other),
      sent('TokenRefreshFailing', other),
      sent('TokenRefreshFailing', { ...SUPPORT, ...ON_A, token_type: 'tenant' }),
    ),
  ).toEqual({
    pager: ['TokenExpired orders a !', 'TokenNearExpiry orders a !', 'TokenNearExpiry orders b !'],
    ticket: ['TokenRefreshFailing support a'],
    muted: [
      'TokenNearExpiry orders a ! by TokenExpired orders a !',
      expect.stringMatching(/^TokenRefreshFailing orders a by .*TokenExpired orders a !/),
      'TokenRefreshFailing orders b by TokenNearExpiry orders b !',
    ],
  });
});

test('late acks mute the redeliveries they cause, in their own app', async () => {
  expect(
    await fateOf(
      sent('AckLate', ORDERS),
      sent('DuplicateDeliveries', ORDERS),
      sent('DuplicateDeliveries', SUPPORT),
      sent('HandlerErrors', ORDERS),
    ),
  ).toEqual({
    pager: [],
    ticket: ['AckLate orders', 'DuplicateDeliveries support', 'HandlerErrors orders'],
    muted: ['DuplicateDeliveries orders by AckLate orders'],
  });
});

test('a sink that is down mutes what waits for it on its instance, and nothing that says more', async () => {
  const jetstream = { ...ORDERS, ...ON_A, sink: 'jetstream' };
  expect(
    await fateOf(
      sent('SinkDown', jetstream),
      sent('HandlerStalled', { ...ORDERS, ...ON_A }),
      sent('QueueSaturated', { ...ORDERS, ...ON_A }),
      sent('HandlerStalled', { ...ORDERS, ...ON_B }),
      sent('HandlerStalled', { ...SUPPORT, ...ON_A }),
      sent('JournalFailing', { ...ORDERS, ...ON_A, reason: 'append' }),
      sent('DeadLetters', { ...ORDERS, ...ON_A }),
      sent('HandlerErrors', ORDERS),
    ),
  ).toEqual({
    pager: ['HandlerStalled orders b !', 'HandlerStalled support a !', 'JournalFailing orders a !'],
    ticket: ['DeadLetters orders a', 'HandlerErrors orders', 'SinkDown orders a'],
    muted: ['HandlerStalled orders a ! by SinkDown orders a', 'QueueSaturated orders a by SinkDown orders a'],
  });
});

test('a sink that stays down is a page, which mutes the ticket of before', async () => {
  const jetstream = { ...ORDERS, ...ON_A, sink: 'jetstream' };
  expect(await fateOf(sent('SinkDown', jetstream), { ...sent('SinkDown', jetstream), severity: 'critical' })).toEqual({
    pager: ['SinkDown orders a !'],
    ticket: [],
    muted: ['SinkDown orders a by SinkDown orders a !'],
  });
});

test('no events at all mutes few events, in its own app', async () => {
  expect(
    await fateOf(
      sent('EventsSilent', ORDERS, { window: '30m' }),
      sent('EventsBelowBaseline', ORDERS),
      sent('EventsBelowBaseline', SUPPORT),
    ),
  ).toEqual({
    pager: ['EventsSilent orders 30m !'],
    ticket: ['EventsBelowBaseline support'],
    muted: ['EventsBelowBaseline orders by EventsSilent orders 30m !'],
  });
});

test('a fast burn of a budget mutes a slow one, of the same objective and app', async () => {
  expect(
    await fateOf(
      sent('AckBudgetBurn', ORDERS, { long_window: '1h' }),
      sent('AckBudgetBurn', ORDERS, { long_window: '3d' }),
      sent('AckBudgetBurn', SUPPORT, { long_window: '1d' }),
      sent('ConnectivityBudgetBurn', ORDERS, { long_window: '1d' }),
    ),
  ).toEqual({
    pager: ['AckBudgetBurn orders 1h !'],
    ticket: ['AckBudgetBurn support 1d', 'ConnectivityBudgetBurn orders 1d'],
    muted: ['AckBudgetBurn orders 3d by AckBudgetBurn orders 1h !'],
  });
});

test('critical alerts without instance and app mute no warnings without them, unless they have their name', async () => {
  expect(await fateOf(sent('TargetAbsent', {}), { alertname: 'FeishuOfTomorrow', severity: 'warning' })).toEqual({
    pager: ['TargetAbsent !'],
    ticket: ['OfTomorrow'],
    muted: [],
  });
});

test('the watchdog goes to the service outside, and to nobody else', async () => {
  await alertmanager.post([{ ...sent('Watchdog', {}), job: 'watchdog' }]);
  await untilProcessed('watchdog');
  const received = await alertmanager.alertsOf('watchdog');
  expect(received.map(({ receivers }) => receivers)).toEqual([[{ name: 'feishu-watchdog' }]]);
});

test('the watchdog is told at once and every minute, and never that it is over', () => {
  const { route, receivers } = parse(readFileSync(EXAMPLE, 'utf8'));
  expect(route).toMatchObject({ group_by: ['job', 'app'], group_wait: '30s' });
  expect(route.routes[0]).toMatchObject({ receiver: 'feishu-watchdog', group_wait: '0s', repeat_interval: '1m' });
  const watchdog = receivers.find(({ name }: { name: string }) => name === 'feishu-watchdog');
  expect(watchdog.webhook_configs).toMatchObject([{ send_resolved: false }]);
});

const ROUTES = [...new Set(ALERTS.map(({ name, severity }) => `${name} ${severity}`))].map((row) => row.split(' '));
test.each(ROUTES)('amtool routes %s of severity %s', async (alertname = '', severity = '') => {
  const receiver = { critical: 'feishu-pager', warning: 'feishu-ticket', none: 'feishu-watchdog' }[severity];
  expect(await routeOf(`alertname=${alertname}`, `severity=${severity}`)).toBe(receiver);
});

test('amtool routes what has no severity we know to a ticket', async () => {
  expect(await routeOf('alertname=FeishuOfTomorrow', 'severity=page')).toBe('feishu-ticket');
});

async function routeOf(...labels: string[]): Promise<string | undefined> {
  const run = await runTool('amtool', ['config', 'routes', 'test', `--config.file=${EXAMPLE}`, ...labels]);
  expect(run).toMatchObject({ exitCode: 0 });
  // On the other output it warns that the file overrides an URL, which nobody gave.
  return run.output.split('\n')[0];
}
