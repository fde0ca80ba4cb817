import { afterAll, expect, test } from 'vitest';
import { AVAILABLE, BASELINE_FILE } from '../../src/alerts/index.js';
import { BASELINE_ALERTS } from '../../src/alerts/rules/baseline.js';
import { JOB, ORDERS } from './support/fleet.js';
import { type Claim, play } from './support/play.js';
import { days, during, hours, minutes } from './support/signals.js';
import { firing } from './support/stories.js';
import { type Signal, World } from './support/world.js';

/** As far apart as Prometheus lets samples be before it takes them for gone. */
const STEP_SECONDS = 300;

/** How many events an app has received since the story began, at a moment. */
type Received = (at: number) => number;

const perHour =
  (count: number): Received =>
  (at) =>
    Math.floor((at / 3_600) * count);

/** Another pace from one moment until another. */
const slower = (was: Received, since: number, until: number, share: number): Received => {
  const before = was(since);
  const during = was(until) - before;
  return (at) => {
    if (at < since) return was(at);
    if (at >= until) return was(at) - during + Math.floor(during * share);
    return before + Math.floor((was(at) - before) * share);
  };
};
const silent = (was: Received, since: number, until: number) => slower(was, since, until, 0);

/** Two apps, of which one is always as usual. Whether they are available is given, not worked out. */
function apps(orders: Signal, available: Signal = () => 1): World {
  const series = (app: string, signal: Signal) => ({
    metric: 'feishu_events_received_total',
    labels: { job: JOB, instance: 'a:9464', app, event_type: 'im.message.receive_v1' },
    signal,
  });
  return new World([
    series('orders', orders),
    series('support', perHour(60)),
    { metric: AVAILABLE, labels: { job: JOB, app: 'orders' }, signal: available },
    { metric: AVAILABLE, labels: { job: JOB, app: 'support' }, signal: () => 1 },
  ]);
}

async function tell(alert: string, world: World, until: number, claims: readonly Claim[], others?: readonly Claim[]) {
  told.add(alert);
  const complaints = await play({
    // The recording of what is available is not loaded: over two weeks it would cost more than all the rest.
    alert,
    world,
    until,
    stepSeconds: STEP_SECONDS,
    claims,
    ...(others && { whole: { files: [BASELINE_FILE], claims: others } }),
    without: [AVAILABLE],
  });
  expect(complaints).toBe('');
}

const told = new Set<string>();
afterAll(() => expect(told).toEqual(new Set(BASELINE_ALERTS.map(({ name }) => name))));

const SILENT = { severity: 'critical', layer: 'events', dashboard: 'feishu-events', from: '2d' } as const;
const silence = (window: string) =>
  firing(
    'FeishuEventsSilent',
    SILENT,
    { ...ORDERS, window },
    `App orders is connected and received nothing for ${window}, at a time of day that used to bring some. Send the bot a message: if it does not arrive, reconnect; if it does, look for another client of this app.`,
  );
const silentWindows = (at: number, ...windows: string[]): Claim => ({
  at,
  expr: 'group by (window) (ALERTS{alertname="FeishuEventsSilent", alertstate="firing"})',
  series: windows.map((window) => ({ window })),
});
const neverSilent = (until: number): Claim => ({
  at: until,
  expr: `max_over_time(ALERTS{alertname="FeishuEventsSilent", alertstate="firing"}[${until}s])`,
  series: [],
});

test('FeishuEventsSilent fires after half an hour without any of the usual events, and for its longer window after six', async () => {
  const noon = days(14) + hours(12);
  const world = apps(silent(perHour(60), noon, noon + hours(7)));
  await tell(
    'FeishuEventsSilent',
    world,
    noon + hours(8),
    [
      silentWindows(noon + minutes(22)),
      silentWindows(noon + minutes(50), '30m'),
      silentWindows(noon + hours(6) + minutes(7), '30m'),
      { at: noon + hours(6) + minutes(40), alert: 'FeishuEventsSilent', fires: [silence('30m'), silence('6h')] },
      silentWindows(noon + hours(7) + minutes(10)),
    ],
    [
      {
        at: noon + hours(6) + minutes(40),
        expr: 'group by (alertname) (ALERTS{alertstate="firing", alertname!="FeishuEventsSilent"})',
        series: [],
      },
    ],
  );
});

test('FeishuEventsSilent judges an app with three events an hour by the longer window alone', async () => {
  const noon = days(8) + hours(12);
  await tell('FeishuEventsSilent', apps(silent(perHour(3), noon, noon + hours(8))), noon + hours(8), [
    silentWindows(noon + hours(1)),
    silentWindows(noon + hours(5.5)),
    silentWindows(noon + hours(7), '6h'),
  ]);
});

test('FeishuEventsSilent stays silent without history: on the first day nobody knows what is usual', async () => {
  await tell('FeishuEventsSilent', apps(silent(perHour(60), hours(10), hours(20))), hours(21), [
    neverSilent(hours(21)),
  ]);
});

test('FeishuEventsSilent stays silent when a restart sets the counter back', async () => {
  const noon = days(8) + hours(12);
  const world = apps((at) => (at < noon ? perHour(60)(at) : perHour(60)(at - noon)));
  await tell('FeishuEventsSilent', world, noon + hours(2), [neverSilent(noon + hours(2))]);
});

test('FeishuEventsSilent stays silent in an hour that was quiet last week, whatever yesterday brought', async () => {
  const sunday = days(7) + hours(6);
  const quiet = silent(silent(perHour(60), hours(5), hours(14)), sunday, sunday + hours(1));
  await tell('FeishuEventsSilent', apps(quiet), sunday + hours(3), [neverSilent(sunday + hours(3))]);
});

test('FeishuEventsSilent stays silent while the app is deaf, which has an alert of its own', async () => {
  const noon = days(8) + hours(12);
  const world = apps(
    silent(perHour(60), noon, noon + hours(2)),
    during(noon, noon + hours(2), 0)(() => 1),
  );
  await tell('FeishuEventsSilent', world, noon + hours(3), [neverSilent(noon + hours(3))]);
});

test('FeishuEventsBelowBaseline fires when a tenth of the usual events is left, and not for the other app', async () => {
  const noon = days(8) + hours(12);
  const world = apps(slower(perHour(360), noon, noon + hours(2), 0.1));
  const name = 'FeishuEventsBelowBaseline';
  const description =
    'App orders received 18 events in 30 minutes, far fewer than this time of day used to bring. Look first for another client of the same app: the platform gives each event to one of them.';
  await tell(name, world, noon + hours(3), [
    { at: noon + minutes(20), expr: `ALERTS{alertname="${name}"}`, series: [] },
    { at: noon + minutes(35), expr: `group(ALERTS{alertname="${name}", alertstate="pending"})`, series: [{}] },
    { at: noon + minutes(35), expr: `ALERTS{alertname="${name}", alertstate="firing"}`, series: [] },
    {
      at: noon + minutes(80),
      alert: name,
      fires: [
        firing(
          name,
          { severity: 'warning', layer: 'events', dashboard: 'feishu-events', from: '2d' },
          ORDERS,
          description,
        ),
      ],
    },
    { at: noon + hours(2.5), expr: `ALERTS{alertname="${name}"}`, series: [] },
  ]);
});

test('FeishuEventsBelowBaseline stays silent when half of the usual events is left', async () => {
  const noon = days(8) + hours(12);
  const until = noon + hours(3);
  const name = 'FeishuEventsBelowBaseline';
  await tell(name, apps(slower(perHour(240), noon, noon + hours(2), 0.5)), until, [
    { at: until, expr: `max_over_time(ALERTS{alertname="${name}", alertstate="firing"}[${until}s])`, series: [] },
  ]);
});
