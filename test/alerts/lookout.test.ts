import { LOOKOUT_ALERTS } from '../../src/alerts/rules/lookout.js';
import { disconnected, fleet, ORDERS, ORDERS_ON_A, ORDERS_ON_B, SUPPORT_ON_A } from './support/fleet.js';
import { counting, during, failingOnceEvery, from, frozen, gone, hours, minutes } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';
import type { World } from './support/world.js';

const COUNT = 'feishu_ws_server_connections';
const HELD = 'feishu_ws_connections_proven';
const LOOKED = 'feishu_ws_server_view_timestamp_seconds';

/** The platform counts so many connections of the app, whichever instance asks. */
const counted = (seen: number, since: number, until: number, world: World = fleet()) =>
  world.change(COUNT, ORDERS, during(since, until, seen));

const verdict = (world: World, name: string, since: number, until: number) =>
  world.change('feishu_ws_server_view', { ...ORDERS, verdict: name }, during(since, until, 1));

const zombie = (held: number) =>
  `The instances of app orders of job feishu-connector hold ${held} proven connections, and the platform counts fewer: at least one gets no events, although it answers pings. Look first at the server view of each instance, then replace the connections one by one.`;

alertStories('FeishuWsZombie', {
  severity: 'critical',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'one of two instances is not counted any more': {
      world: counted(1, minutes(10), minutes(50)),
      quietAt: minutes(9.5),
      pendingAt: minutes(29.5),
      firesAt: minutes(31),
      stillAt: minutes(49),
      resolvedAt: minutes(51),
      labels: ORDERS,
      description: zombie(2),
      also: [],
    },
    'one of four connections of two processes is not counted, and one scrape a minute fails': {
      world: fleet()
        .change(COUNT, ORDERS, () => during(minutes(10), minutes(50), 3)(() => 4))
        .change(HELD, ORDERS, () => () => 2)
        .change(COUNT, ORDERS, failingOnceEvery(60))
        .change(HELD, ORDERS, failingOnceEvery(60))
        .change(LOOKED, ORDERS, failingOnceEvery(60)),
      quietAt: minutes(9.5),
      firesAt: minutes(31.25),
      resolvedAt: minutes(52.5),
      labels: ORDERS,
      description: zombie(4),
    },
  },
  silent: {
    'nobody asks the platform': {
      world: fleet().change(/^feishu_ws_server_/, ORDERS, () => () => null),
      until: minutes(60),
    },
    'the count is an old one, from before the second instance came': {
      world: counted(1, 0, minutes(60))
        .change(HELD, ORDERS_ON_B, during(0, minutes(14), 0))
        .change(LOOKED, ORDERS, frozen(minutes(13), minutes(60))),
      until: minutes(60),
    },
    'a new connection stands beside the old one for a minute': {
      world: fleet().change(HELD, ORDERS_ON_A, during(minutes(10), minutes(11), 2)),
      until: minutes(60),
    },
    'four connections of two processes are all counted': {
      world: counted(4, 0, minutes(60)).change(HELD, ORDERS, () => () => 2),
      until: minutes(60),
    },
  },
});

const stranger = (since: number, until: number) => verdict(counted(3, since, until), 'foreign_consumer', since, until);
const FOREIGN =
  "The platform counts 3 connections of app orders, more than the instances of job feishu-connector hold: the events that go to the others never reach us. Look first for an old deployment, a second cluster, a developer's machine.";

alertStories('FeishuWsForeignConsumer', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'a third connection is counted where there are two': {
      world: stranger(minutes(10), minutes(50)),
      quietAt: minutes(9.5),
      pendingAt: minutes(29.5),
      firesAt: minutes(31),
      stillAt: minutes(49),
      resolvedAt: minutes(51),
      labels: ORDERS,
      description: FOREIGN,
      also: [],
    },
    'a third connection is counted, and a look at it fails now and then': {
      world: stranger(minutes(10), minutes(50)).change(
        'feishu_ws_server_view',
        { ...ORDERS, verdict: 'foreign_consumer' },
        during(minutes(20), minutes(28), 0),
      ),
      firesAt: minutes(31),
      resolvedAt: minutes(51),
      labels: ORDERS,
      description: FOREIGN,
    },
  },
  silent: {
    'the third one is a ghost of ours, or one that fleet.others names': {
      world: counted(3, minutes(10), minutes(60)),
      until: minutes(60),
    },
    'each process alone takes the other one for a stranger, and the sum knows better': {
      world: verdict(fleet(), 'foreign_consumer', 0, minutes(60)),
      until: minutes(60),
    },
    'one of two instances is taken away, and the count is asked for a quarter of an hour later': {
      world: stranger(0, 1)
        .change(/^feishu_ws_(connections_proven|server_)/, ORDERS_ON_B, gone(minutes(16)))
        .change(COUNT, ORDERS_ON_A, from(minutes(30), 1)),
      until: minutes(60),
    },
    'nobody asks the platform': {
      world: fleet().change(/^feishu_ws_server_/, ORDERS, () => () => null),
      until: minutes(60),
    },
  },
});

const stale = (duration: string) =>
  `App orders on a:9464 has not learned for ${duration} how many connections the platform counts: a zombie or a foreign consumer would go unseen. Look first at the failures of that call by code, then at the monthly quota.`;

alertStories('FeishuServerViewStale', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'the platform does not answer any more': {
      world: fleet().change(LOOKED, ORDERS_ON_A, frozen(minutes(16), minutes(90))),
      quietAt: minutes(59.5),
      pendingAt: minutes(63),
      firesAt: minutes(66),
      stillAt: minutes(89),
      resolvedAt: minutes(91),
      labels: ORDERS_ON_A,
      description: stale('51m 0s'),
      also: [],
    },
    'it never answered since the first connection': {
      world: fleet().change(LOOKED, ORDERS_ON_A, during(0, minutes(75), 0)),
      quietAt: minutes(44.5),
      firesAt: minutes(52),
      resolvedAt: minutes(76),
      labels: ORDERS_ON_A,
      description: stale('51m 59s'),
    },
  },
  silent: {
    'nobody asks the platform': {
      world: fleet().change(/^feishu_ws_server_/, ORDERS, () => () => null),
      until: minutes(90),
    },
    'the connection is down, so that nobody asks': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(80)).change(
        LOOKED,
        ORDERS_ON_A,
        frozen(minutes(10), minutes(81)),
      ),
      until: minutes(90),
    },
    'the call budget is slowed, and it is asked four times less often': {
      world: fleet()
        .change('feishu_ws_server_view_interval_seconds', ORDERS_ON_A, () => () => 3_600)
        .change(LOOKED, ORDERS_ON_A, () => (at) => Math.max(1, at - (at % 4_320))),
      until: minutes(150),
    },
  },
});

const CANARY = 'feishu_canary_last_received_timestamp_seconds';
const missing = (duration: string) =>
  `App orders on a:9464 is connected, but its latest canary came ${duration} ago, or never. Look first at the log: whether canaries could not be caused, or were caused and did not come.`;

alertStories('FeishuCanaryMissing', {
  severity: 'critical',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'none comes any more': {
      world: fleet().change(CANARY, ORDERS_ON_A, frozen(minutes(10), minutes(40))),
      quietAt: minutes(24.75),
      pendingAt: minutes(25.5),
      firesAt: minutes(27),
      stillAt: minutes(39),
      resolvedAt: minutes(40.5),
      labels: ORDERS_ON_A,
      description: missing('17m 0s'),
      also: [],
    },
    'none ever came': {
      world: fleet().change(CANARY, ORDERS_ON_A, during(0, minutes(30), 0)),
      quietAt: minutes(14.75),
      firesAt: minutes(17),
      resolvedAt: minutes(30.5),
      labels: ORDERS_ON_A,
      description: missing('16m 59s'),
    },
  },
  silent: {
    'no canary is configured': {
      world: fleet().change(/^feishu_canary_/, ORDERS_ON_A, () => () => null),
      until: minutes(60),
    },
    'the connection was down, and the first canary after it needs three minutes': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(40)).change(
        CANARY,
        ORDERS_ON_A,
        frozen(minutes(10), minutes(43)),
      ),
      until: minutes(60),
    },
  },
});

const OPEN = 'feishu_event_gaps_open';
const DONE = 'feishu_catchup_last_success_timestamp_seconds';

alertStories('FeishuEventGapUnreconciled', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'runs fail for hours, until one reaches its end': {
      // The story begins at the epoch: never is less than 45 minutes ago at first.
      world: fleet().change(OPEN, ORDERS_ON_A, during(minutes(50), minutes(130), 2)),
      quietAt: minutes(59.5),
      pendingAt: minutes(94),
      firesAt: minutes(96),
      stillAt: minutes(129),
      resolvedAt: minutes(130.5),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has 2 gaps that no run of catch-up has closed. Messages of that time are late, and lost if it stays so. Look first at the failures of catch-up by code, then at the call budget.',
      also: [],
    },
  },
  silent: {
    'a brief gap waits half an hour for company': {
      world: fleet().change(OPEN, ORDERS_ON_A, during(minutes(50), minutes(82), 1)),
      until: minutes(130),
    },
    'kicked every minute, it always has an open gap, and reads twice an hour': {
      world: fleet()
        .change(OPEN, ORDERS_ON_A, from(minutes(10), 1))
        .change(
          DONE,
          ORDERS_ON_A,
          from(minutes(40), (at) => at - (at % minutes(40))),
        ),
      until: minutes(180),
    },
    'the outage itself lasts, and its gap with it': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(120)).change(
        OPEN,
        ORDERS_ON_A,
        during(minutes(10), minutes(121), 1),
      ),
      until: minutes(150),
    },
    'nothing is caught up here': {
      world: fleet().change(/^feishu_(event_gaps|catchup)_/, ORDERS_ON_A, () => () => null),
      until: minutes(90),
    },
  },
});

const CLOSED = 'feishu_event_gaps_closed_total';
const UNREAD = { ...ORDERS_ON_A, recovered: 'unknown' } as const;
const lost = (how: string) =>
  `App orders on a:9464 gave up on 1 gaps in 15 minutes (recovered: ${how}). Nothing tries again by itself. Look first at the log line of each: from, to, and what kept it from being read.`;

alertStories('FeishuEventGapLost', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'nobody may read history for want of a scope': {
      world: fleet().change(CLOSED, UNREAD, counting(minutes(20), minutes(20) + 1, 60)),
      quietAt: minutes(19.5),
      firesAt: minutes(21),
      stillAt: minutes(48),
      resolvedAt: minutes(53),
      labels: UNREAD,
      description: lost('unknown'),
      also: [],
    },
    'what a restart left was given up before the first scrape': {
      world: fleet()
        .change(CLOSED, ORDERS_ON_A, () => () => null)
        .change('process_start_time_seconds', { instance: 'a:9464' }, from(minutes(20), minutes(20) - 5))
        .and({ metric: CLOSED, labels: UNREAD, signal: from(minutes(20), 1)(() => null) }),
      quietAt: minutes(19.5),
      firesAt: minutes(21),
      stillAt: minutes(34),
      resolvedAt: minutes(56),
      labels: UNREAD,
      description: lost('unknown'),
    },
  },
  silent: {
    'everything could be read': {
      world: fleet().change(CLOSED, { ...ORDERS_ON_A, recovered: 'yes' }, counting(minutes(10), minutes(40), 60)),
      until: minutes(60),
    },
    'one was given up long ago': {
      world: fleet()
        .change(CLOSED, { ...SUPPORT_ON_A, recovered: 'no' }, () => () => 1)
        .change('process_start_time_seconds', { instance: 'a:9464' }, () => () => -hours(2)),
      until: minutes(60),
    },
  },
});

allAreTold(LOOKOUT_ALERTS);
