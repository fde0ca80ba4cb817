import { expect, test } from 'vitest';
import { DURABILITY_ALERTS } from '../../src/alerts/rules/durability.js';
import { A, fleet, ORDERS_ON_A } from './support/fleet.js';
import { play } from './support/play.js';
import { counting, during, failingOnceEvery, from, hours, minutes } from './support/signals.js';
import { alertStories, allAreTold, firing } from './support/stories.js';

const UNREAD = { ...ORDERS_ON_A, reason: 'recover' } as const;
const FULL = { ...ORDERS_ON_A, reason: 'disk_full' } as const;

alertStories('FeishuJournalFailing', {
  severity: 'critical',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'the disk is full, and the alert outlasts the window by ten minutes': {
      world: fleet().change('feishu_journal_failures_total', FULL, counting(minutes(10), minutes(11), 15)),
      quietAt: minutes(9.5),
      firesAt: minutes(13),
      stillAt: minutes(22),
      resolvedAt: minutes(28),
      labels: FULL,
      description:
        'The journal of app orders on a:9464 failed 4 times in 5 minutes (disk_full). What it cannot take is not acked and comes again for 7 hours, then never. Look first at the disk it is on, then at the log.',
      also: [],
    },
    'a new instance cannot read something at its start, before anybody scraped it': {
      world: fleet()
        .change(/^(feishu_|up$|process_|nodejs_)/, A, () => () => null)
        .and(
          { metric: 'up', labels: A, signal: from(minutes(10), 1)(() => null) },
          { metric: 'process_start_time_seconds', labels: A, signal: from(minutes(10), minutes(10) - 5)(() => null) },
          { metric: 'feishu_journal_failures_total', labels: UNREAD, signal: from(minutes(10), 2)(() => null) },
        ),
      quietAt: minutes(9.5),
      firesAt: minutes(13),
      stillAt: minutes(23),
      resolvedAt: minutes(26),
      labels: UNREAD,
      description:
        'The journal of app orders on a:9464 failed 2 times in 5 minutes (recover). What it cannot take is not acked and comes again for 7 hours, then never. Look first at the disk it is on, then at the log.',
    },
  },
  silent: {
    'it has always worked': { world: fleet(), until: minutes(30) },
    'it failed hours ago, and nobody could scrape it meanwhile': {
      world: fleet()
        .change('feishu_journal_failures_total', FULL, from(0, 4))
        .change('process_start_time_seconds', A, from(0, -hours(3)))
        .change(/^(feishu_|up$|process_|nodejs_)/, A, during(minutes(5), minutes(25), 'stale')),
      until: minutes(40),
    },
  },
});

alertStories('FeishuDeadLetters', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'three events wait for a human, until they are replayed': {
      world: fleet().change('feishu_event_dead_letters', ORDERS_ON_A, during(minutes(10), minutes(40), 3)),
      quietAt: minutes(19),
      pendingAt: minutes(20.5),
      firesAt: minutes(22),
      stillAt: minutes(39),
      resolvedAt: minutes(40.5),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has 3 dead letters or more: events that failed for good, or were held as too old. They are kept, and handled by nobody until they are replayed or dropped. Look first at their reasons, then at the log.',
      also: [],
    },
  },
  silent: {
    'somebody takes care of them at once': {
      world: fleet().change('feishu_event_dead_letters', ORDERS_ON_A, during(minutes(10), minutes(15), 3)),
      until: minutes(40),
    },
  },
});

const SINK = { ...ORDERS_ON_A, sink: 'jetstream' } as const;
const SINK_DOWN =
  'The jetstream sink of app orders on a:9464 takes no events. With a journal they wait; without one they are refused, and come again for 7 hours. Look first at the other side and the way there, then at the failures by kind.';
const down = (since: number, until: number) => fleet().change('feishu_sink_up', SINK, during(since, until, 0));

alertStories('FeishuSinkDown', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'the broker is gone': {
      world: down(minutes(10), minutes(20)),
      quietAt: minutes(11),
      pendingAt: minutes(12.5),
      firesAt: minutes(15),
      resolvedAt: minutes(20.5),
      labels: SINK,
      description: SINK_DOWN,
      also: [],
    },
    'the broker is gone, and one scrape a minute fails': {
      world: down(minutes(10), minutes(20)).change('feishu_sink_up', SINK, failingOnceEvery(60)),
      firesAt: minutes(15),
      resolvedAt: minutes(20.75),
      labels: SINK,
      description: SINK_DOWN,
      also: [],
    },
  },
  silent: {
    'the broker is gone for two minutes': { world: down(minutes(10), minutes(12)), until: minutes(30) },
    'nothing was sent to it yet, so that nobody knows': {
      world: fleet().change('feishu_sink_up', SINK, () => () => null),
      until: minutes(30),
    },
  },
});

test('FeishuSinkDown becomes a page when the sink stays down, and no sooner', async () => {
  const name = 'FeishuSinkDown';
  const alert = (severity: 'warning' | 'critical') =>
    firing(name, { severity, layer: 'events', dashboard: 'feishu-events' }, SINK, SINK_DOWN);
  const critical = `group(ALERTS{alertname="${name}", severity="critical", alertstate="firing"})`;
  const complaints = await play({
    alert: name,
    world: down(minutes(10), minutes(30)),
    until: minutes(32),
    claims: [
      { at: minutes(21), expr: critical, series: [] },
      { at: minutes(23), alert: name, fires: [alert('warning'), alert('critical')] },
      { at: minutes(30.5), expr: critical, series: [] },
    ],
  });
  expect(complaints).toBe('');
});

allAreTold(DURABILITY_ALERTS);
