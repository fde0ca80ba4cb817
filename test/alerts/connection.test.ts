import { CONNECTION_ALERTS } from '../../src/alerts/rules/connection.js';
import {
  disconnected,
  fleet,
  ORDERS,
  ORDERS_ON_A,
  ORDERS_ON_B,
  SHOWN_BY_INSTANCE,
  SUPPORT_ON_A,
} from './support/fleet.js';
import { counting, during, failingOnceEvery, frozen, gone, hours, minutes, unscraped } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';
import { World } from './support/world.js';

const bothDown = (since: number, until: number) =>
  disconnected(disconnected(fleet(), ORDERS_ON_A, since, until), ORDERS_ON_B, since, until);
const paused = (since: number, until: number) =>
  fleet()
    .change('feishu_ws_enabled', ORDERS, during(since, until, 0))
    .change('feishu_ws_connected', ORDERS, during(since, until, 0))
    .change('feishu_ws_state', { ...ORDERS, state: 'connected' }, during(since, until, 0))
    .change('feishu_ws_state', { ...ORDERS, state: 'stopped' }, during(since, until, 1));

alertStories('FeishuAppDeaf', {
  severity: 'critical',
  layer: 'connection',
  dashboard: 'feishu-overview',
  fires: {
    'no instance is connected for the app': {
      world: bothDown(minutes(10), minutes(30)),
      quietAt: minutes(11),
      pendingAt: minutes(12.5),
      firesAt: minutes(14),
      resolvedAt: minutes(33),
      labels: ORDERS,
      description:
        'App orders of job feishu-connector has no proven connection on any instance. Events are lost to us until one is back. Look first at the alerts of its instances: they name the cause.',
      also: ['FeishuWsDisconnected', 'FeishuConnectivityBudgetBurn'],
    },
    'all its series are gone, nobody having paused it, even eight hours later': {
      world: fleet().change(SHOWN_BY_INSTANCE, ORDERS, gone(minutes(10))),
      stepSeconds: 120,
      quietAt: minutes(9),
      firesAt: hours(8.5),
      labels: ORDERS,
      description:
        'App orders of job feishu-connector has no proven connection on any instance. Events are lost to us until one is back. Look first at the alerts of its instances: they name the cause.',
    },
  },
  silent: {
    'one of two instances is connected': { world: disconnected(fleet(), ORDERS_ON_A, 600, 3_000), until: 3_600 },
    'the app was paused, and then its process went away': {
      world: paused(minutes(10), minutes(60)).change(SHOWN_BY_INSTANCE, ORDERS, gone(minutes(20))),
      until: minutes(60),
    },
    'both instances restart within thirty seconds': {
      world: fleet().change(/^feishu_/, ORDERS, unscraped(minutes(10), minutes(10) + 30)),
      until: minutes(20),
    },
  },
});

alertStories('FeishuWsDisconnected', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'one instance of two loses its connection': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(30)),
      quietAt: minutes(11),
      pendingAt: minutes(12.5),
      firesAt: minutes(14),
      resolvedAt: minutes(31),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has had no proven connection for over two minutes. Look first at its failures by code: the latest says why attempts fail.',
      also: [],
    },
    'it is down while one scrape a minute fails': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(30)).change(
        SHOWN_BY_INSTANCE,
        ORDERS_ON_A,
        failingOnceEvery(60),
      ),
      pendingAt: minutes(12.5),
      // The very moment of a scrape that failed.
      firesAt: minutes(15),
      resolvedAt: minutes(33.5),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has had no proven connection for over two minutes. Look first at its failures by code: the latest says why attempts fail.',
    },
  },
  silent: {
    'it is paused by its operator': { world: paused(minutes(10), minutes(40)), until: minutes(45) },
    'it is back within two minutes': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(12)),
      until: minutes(20),
    },
  },
});

alertStories('FeishuWsGaveUp', {
  severity: 'critical',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'it stops by itself': {
      world: fleet()
        .change('feishu_ws_connected', ORDERS_ON_A, during(minutes(10), minutes(30), 0))
        .change('feishu_ws_state', { ...ORDERS_ON_A, state: 'connected' }, during(minutes(10), minutes(30), 0))
        .change('feishu_ws_state', { ...ORDERS_ON_A, state: 'stopped' }, during(minutes(10), minutes(30), 1)),
      quietAt: minutes(10.5),
      pendingAt: minutes(11) + 5,
      firesAt: minutes(12) + 5,
      resolvedAt: minutes(31),
      labels: { ...ORDERS_ON_A, state: 'stopped' },
      description:
        'App orders on a:9464 is in the state stopped, and nobody stopped it on purpose: it will not come back by itself. Restart that process, and keep its log: this is a bug.',
      also: [],
    },
  },
  silent: { 'it is stopped on purpose': { world: paused(minutes(10), minutes(40)), until: minutes(45) } },
});

alertStories('FeishuWsReconnectStuck', {
  severity: 'critical',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'it is down and the latest attempt is longer ago than any backoff': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(30)).change(
        'feishu_ws_last_attempt_timestamp_seconds',
        ORDERS_ON_A,
        during(minutes(10), minutes(30), minutes(10)),
      ),
      quietAt: minutes(15),
      pendingAt: minutes(16.5),
      firesAt: minutes(18.5),
      resolvedAt: minutes(31),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 is down, and its latest attempt began 8m 30s ago: an await hangs or a timer was lost. Look first at the supervisor and the event loop, then restart that process.',
      also: ['FeishuWsDisconnected'],
    },
  },
  silent: {
    'it is down for an hour and tries every 15 s': {
      world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(70)),
      until: minutes(75),
    },
    'it is connected since long, its only attempt the one that succeeded': { world: fleet(), until: minutes(30) },
    'it is paused': { world: paused(minutes(10), minutes(40)), until: minutes(45) },
  },
});

alertStories('FeishuWsHalfOpen', {
  severity: 'critical',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'no frame comes any more, until one does': {
      world: fleet().change('feishu_ws_last_frame_timestamp_seconds', ORDERS_ON_A, frozen(minutes(10), minutes(20))),
      quietAt: minutes(14),
      pendingAt: minutes(15) + 40,
      firesAt: minutes(17),
      resolvedAt: minutes(20) + 20,
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 calls itself connected, but its last frame came 7m 0s ago: the peer is gone and our own silence limit did not act. Restart that process; then look at the path in between.',
      also: [],
    },
  },
  silent: {
    'no event comes for an hour, but pongs do': {
      world: fleet()
        .change('feishu_events_received_total', ORDERS, frozen(minutes(1), hours(2)))
        .change('feishu_event_last_received_timestamp_seconds', ORDERS, frozen(minutes(1), hours(2))),
      until: minutes(61),
    },
    'it is disconnected': { world: disconnected(fleet(), ORDERS_ON_A, minutes(10), minutes(40)), until: minutes(45) },
  },
});

alertStories('FeishuWsFlapping', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'connections are lost between scrapes, the gauge never showing it': {
      world: fleet().change(
        'feishu_ws_disconnects_total',
        { ...ORDERS_ON_A, failure: 'closed_by_peer' },
        counting(minutes(10), minutes(30), minutes(2)),
      ),
      quietAt: minutes(14),
      firesAt: minutes(30),
      stillAt: minutes(45),
      resolvedAt: minutes(60),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 lost its connection 7 times in 15 minutes. Look first at its disconnects by failure: the same code every time points at the path, closed_by_peer at the platform.',
      also: [],
    },
  },
  silent: {
    'its own operator stops and starts it again and again': {
      world: fleet().change(
        'feishu_ws_disconnects_total',
        { ...ORDERS_ON_A, failure: 'local_stop' },
        counting(minutes(10), minutes(30), 60),
      ),
      until: minutes(40),
    },
    'a gateway restarts twice': {
      world: fleet().change(
        'feishu_ws_disconnects_total',
        { ...ORDERS_ON_A, failure: 'closed_by_peer' },
        counting(minutes(10), minutes(14), minutes(2)),
      ),
      until: minutes(40),
    },
  },
});

const shortSessions = (le: string) => {
  const counted = counting(minutes(20), hours(4) + minutes(40), minutes(20));
  const series = 'feishu_ws_session_duration_seconds';
  return new World(
    fleet()
      .change(`${series}_bucket`, ORDERS_ON_A, counted)
      .change(`${series}_count`, ORDERS_ON_A, counted)
      .series.map((one) => (one.labels.le === '300' ? { ...one, labels: { ...one.labels, le } } : one)),
  );
};
const sessionsShort = (le: string) => ({
  world: shortSessions(le),
  stepSeconds: 120,
  quietAt: hours(3),
  pendingAt: hours(4) + minutes(3.5),
  firesAt: hours(4) + minutes(30),
  resolvedAt: hours(8),
  labels: ORDERS,
  description:
    "100% of the connections of app orders that ended in the last 6 hours lasted less than 5 minutes. Look first at the heatmap of session durations: a sharp line is somebody's timeout, most often a proxy's.",
});
alertStories('FeishuWsSessionsShort', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  from: '1d',
  fires: {
    'three connections an hour live less than five minutes each, as Prometheus 2 writes it': {
      ...sessionsShort('300'),
      also: [],
    },
    'three connections an hour live less than five minutes each, as Prometheus 3 writes it': sessionsShort('300.0'),
  },
  silent: {
    'as many connections end, but after an hour each': {
      world: fleet()
        .change('feishu_ws_session_duration_seconds_count', ORDERS, counting(minutes(20), hours(6), minutes(20)))
        .change(
          'feishu_ws_session_duration_seconds_bucket',
          { ...ORDERS, le: '+Inf' },
          counting(minutes(20), hours(6), minutes(20)),
        ),
      stepSeconds: 60,
      until: hours(6),
    },
  },
});

alertStories('FeishuSocketLeak', {
  severity: 'warning',
  layer: 'connection',
  dashboard: 'feishu-connection',
  fires: {
    'a second socket stays open': {
      world: fleet().change('feishu_ws_sockets_open', ORDERS_ON_A, during(minutes(10), minutes(40), 2)),
      quietAt: minutes(19),
      pendingAt: minutes(20.5),
      firesAt: minutes(25),
      resolvedAt: minutes(41),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has held at least 2 sockets for 10 minutes: an old one was not closed, and the platform gives it part of the events. Restart that process, and keep its log: this is a bug.',
      also: [],
    },
    'a third socket stays open beside two that are wanted': {
      world: fleet()
        .change('feishu_ws_connections_wanted', ORDERS_ON_A, during(0, minutes(60), 2))
        .change('feishu_ws_sockets_open', ORDERS_ON_A, during(0, minutes(60), 2))
        .change('feishu_ws_sockets_open', ORDERS_ON_A, during(minutes(10), minutes(40), 3)),
      quietAt: minutes(19),
      pendingAt: minutes(20.5),
      firesAt: minutes(25),
      resolvedAt: minutes(41),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has held at least 3 sockets for 10 minutes: an old one was not closed, and the platform gives it part of the events. Restart that process, and keep its log: this is a bug.',
      also: [],
    },
  },
  silent: {
    'a new connection replaces an old one for five minutes': {
      world: fleet().change('feishu_ws_sockets_open', SUPPORT_ON_A, during(minutes(10), minutes(15), 2)),
      until: minutes(40),
    },
    'two connections are wanted, and one of them is replaced for five minutes': {
      world: fleet()
        .change('feishu_ws_connections_wanted', ORDERS_ON_A, during(0, minutes(60), 2))
        .change('feishu_ws_sockets_open', ORDERS_ON_A, during(0, minutes(60), 2))
        .change('feishu_ws_sockets_open', ORDERS_ON_A, during(minutes(10), minutes(15), 3)),
      until: minutes(60),
    },
  },
});

allAreTold(CONNECTION_ALERTS);
