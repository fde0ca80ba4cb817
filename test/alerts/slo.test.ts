import { expect, test } from 'vitest';
import { ALERTS } from '../../src/alerts/index.js';
import { SLO_ALERTS } from '../../src/alerts/rules/slo.js';
import { disconnected, fleet, ORDERS, ORDERS_ON_A, ORDERS_ON_B } from './support/fleet.js';
import { type Claim, type FiringAlert, play } from './support/play.js';
import { counting, during, hours, minutes } from './support/signals.js';
import { firing } from './support/stories.js';
import type { World } from './support/world.js';

const BURNS = [
  { long: '1h', short: '5m', severity: 'critical', factor: '14.4' },
  { long: '6h', short: '30m', severity: 'critical', factor: '6' },
  { long: '1d', short: '2h', severity: 'warning', factor: '3' },
  { long: '3d', short: '6h', severity: 'warning', factor: '1' },
] as const;

/** The burn alert of one app and pair of windows, as it is sent when everything fails. */
function burn(name: string, { long, short, severity }: (typeof BURNS)[number], description: string): FiringAlert {
  const labels = { ...ORDERS, long_window: long, short_window: short };
  return firing(name, { severity, layer: 'slo', dashboard: 'feishu-objectives', from: long }, labels, description);
}

/** Exactly these of the four fire, told by their long windows. */
const burning = (name: string, at: number, ...windows: string[]): Claim => ({
  at,
  expr: `group by (app, long_window) (ALERTS{alertname="${name}", alertstate="firing"})`,
  series: windows.map((long_window) => ({ app: 'orders', long_window })),
});

const neverFired = (name: string, until: number): Claim => ({
  at: until,
  expr: `max_over_time(ALERTS{alertname="${name}", alertstate="firing"}[${until}s])`,
  series: [],
});

test('FeishuConnectivityBudgetBurn comes pair by pair of windows while an app is disconnected, and goes with the short ones', async () => {
  const name = 'FeishuConnectivityBudgetBurn';
  const world = [ORDERS_ON_A, ORDERS_ON_B].reduce(
    (world: World, which) => disconnected(world, which, 0, hours(4)),
    fleet(),
  );
  const complaints = await play({
    alert: name,
    world,
    stepSeconds: 60,
    until: hours(10.5),
    claims: [
      burning(name, minutes(1.5)),
      burning(name, minutes(5), '1h'),
      burning(name, minutes(20), '1h', '6h'),
      burning(name, minutes(70), '1h', '6h', '1d'),
      {
        at: hours(3.5),
        alert: name,
        fires: BURNS.map((row) =>
          burn(
            name,
            row,
            `App orders was without a connection for 100% of the last ${row.long}, ${row.factor} times the pace that its objective allows, and still is. Look first at its outages: when they began, how long they took.`,
          ),
        ),
      },
      burning(name, hours(4) + minutes(15), '6h', '1d', '3d'),
      burning(name, hours(4) + minutes(45), '1d', '3d'),
      burning(name, hours(6.3), '3d'),
      burning(name, hours(10.3)),
    ],
  });
  expect(complaints).toBe('');
});

test('FeishuConnectivityBudgetBurn stays silent when thirty seconds are lost in half a day, and during maintenance', async () => {
  const name = 'FeishuConnectivityBudgetBurn';
  const until = hours(15);
  const complaints = await play({
    alert: name,
    world: fleet()
      .change('feishu_ws_connected', ORDERS, during(hours(12), hours(12) + 30, 0))
      .change('feishu_ws_connected', ORDERS, during(hours(13), hours(14), 0))
      .change('feishu_ws_enabled', ORDERS, during(hours(13), hours(14), 0)),
    stepSeconds: 30,
    until,
    claims: [neverFired(name, until)],
  });
  expect(complaints).toBe('');
});

test('FeishuAckBudgetBurn comes pair by pair of windows once a hundred acks were late, and goes with the short ones', async () => {
  const name = 'FeishuAckBudgetBurn';
  const complaints = await play({
    alert: name,
    world: fleet().change(
      'feishu_event_acks_late_total',
      { ...ORDERS, kind: 'event' },
      () => (at) => Math.floor(Math.min(at, hours(4)) / 30),
    ),
    stepSeconds: 60,
    until: hours(10.5),
    claims: [
      burning(name, minutes(20)),
      burning(name, minutes(32), '1h'),
      burning(name, minutes(50), '1h', '6h'),
      burning(name, hours(2), '1h', '6h', '1d'),
      {
        at: hours(3.8),
        alert: name,
        fires: BURNS.map((row) =>
          burn(
            name,
            row,
            `100% of the acks of app orders in the last ${row.long} came after 3 seconds, ${row.factor} times the pace that its objective allows, and they still do. Look first at the ack and handler durations.`,
          ),
        ),
      },
      burning(name, hours(4) + minutes(15), '6h', '1d', '3d'),
      burning(name, hours(4) + minutes(45), '1d', '3d'),
      burning(name, hours(6.3), '3d'),
      burning(name, hours(10.3)),
    ],
  });
  expect(complaints).toBe('');
});

test('FeishuAckBudgetBurn stays silent when all of a few acks are late', async () => {
  const name = 'FeishuAckBudgetBurn';
  const until = hours(4);
  const few = (metric: string, world: World) =>
    world.change(metric, { ...ORDERS, kind: 'event' }, () => counting(0, until, minutes(6))(() => 0));
  const complaints = await play({
    alert: name,
    world: few('feishu_event_acks_late_total', few('feishu_event_acks_total', fleet())),
    stepSeconds: 60,
    until,
    claims: [neverFired(name, until)],
  });
  expect(complaints).toBe('');
});

test('FeishuAckBudgetBurn stays silent when no event comes at all', async () => {
  const name = 'FeishuAckBudgetBurn';
  const until = hours(4);
  const complaints = await play({
    alert: name,
    world: fleet().change('feishu_event_acks_total', ORDERS, during(0, until + 1, 0)),
    stepSeconds: 60,
    until,
    claims: [neverFired(name, until)],
  });
  expect(complaints).toBe('');
});

test('these are all the burn alerts, with the windows, factors, holds and severities of the objectives', () => {
  const rows = (name: string) =>
    ALERTS.filter((alert) => alert.name === name).map(({ labels, severity, for: hold }) => [
      labels?.long_window,
      labels?.short_window,
      hold,
      severity,
    ]);
  const wanted = [
    ['1h', '5m', '2m', 'critical'],
    ['6h', '30m', '15m', 'critical'],
    ['1d', '2h', '1h', 'warning'],
    ['3d', '6h', '3h', 'warning'],
  ];
  expect(rows('FeishuConnectivityBudgetBurn')).toEqual(wanted);
  expect(rows('FeishuAckBudgetBurn')).toEqual(wanted);
  expect(SLO_ALERTS).toHaveLength(8);
});
