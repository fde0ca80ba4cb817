import { EVENT_ALERTS } from '../../src/alerts/rules/events.js';
import { disconnected, fleet, ORDERS, ORDERS_ON_A, unjournaled } from './support/fleet.js';
import { counting, during, from, frozen, hours, minutes } from './support/signals.js';
import { alertStories, allAreTold } from './support/stories.js';

const ON_MESSAGES = { ...ORDERS_ON_A, event_type: 'im.message.receive_v1' } as const;

/** Not one event since the start, until `first`. */
const unused = (first: number) =>
  fleet()
    .change('feishu_event_last_received_timestamp_seconds', ORDERS_ON_A, (was) => during(0, first, 0)(was))
    .change('feishu_events_received_total', ON_MESSAGES, during(0, first, 0));

alertStories('FeishuNeverReceived', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  from: '2d',
  fires: {
    'a day after the first connection no event has come': {
      world: unused(hours(25)),
      stepSeconds: 300,
      quietAt: hours(23.9),
      pendingAt: hours(24) + minutes(6),
      firesAt: hours(24.5),
      resolvedAt: hours(25.1),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has been connected for a day without a single event. Look first at the developer console: subscription by long connection, event types added, version published.',
      also: [],
    },
  },
  silent: {
    'it never connected either': {
      world: unused(hours(30)).change('feishu_ws_first_open_timestamp_seconds', ORDERS_ON_A, from(0, 0)),
      stepSeconds: 300,
      until: hours(26),
    },
    'it is disconnected now, which has an alert of its own': {
      world: disconnected(unused(hours(30)), ORDERS_ON_A, hours(20), hours(30)),
      stepSeconds: 300,
      until: hours(26),
    },
    'the last event came a day ago': {
      world: fleet().change('feishu_event_last_received_timestamp_seconds', ORDERS_ON_A, from(0, 30)),
      stepSeconds: 300,
      until: hours(26),
    },
  },
});

const STALLED =
  'The oldest unfinished event of app orders on a:9464 has waited for 3m 0s: user code hangs, or with a journal fails each time, and events pile up behind it. Look first at the queue and at handler durations by event type.';

/** So many events wait, the oldest one since `since`. */
const waiting = (depth: number, since: number, until: number) =>
  fleet()
    .change('feishu_event_oldest_pending_timestamp_seconds', ORDERS_ON_A, during(since, until, since))
    .change('feishu_event_queue_depth', ORDERS_ON_A, during(since, until, depth));

alertStories('FeishuHandlerStalled', {
  severity: 'critical',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'without a journal an event waits for a handler that hangs': {
      world: unjournaled(waiting(1, minutes(10), minutes(20)), ORDERS_ON_A),
      quietAt: minutes(10.5),
      pendingAt: minutes(11.5),
      firesAt: minutes(13),
      resolvedAt: minutes(20.5),
      labels: ORDERS_ON_A,
      description: STALLED,
      also: [],
    },
    'with a journal several wait and every run fails': {
      world: waiting(20, minutes(10), minutes(25)).change(
        'feishu_event_handler_failures_total',
        ON_MESSAGES,
        counting(minutes(10), minutes(25), 30),
      ),
      quietAt: minutes(14),
      pendingAt: minutes(15.25),
      firesAt: minutes(18),
      resolvedAt: minutes(25.5),
      labels: ORDERS_ON_A,
      description: STALLED.replace('3m 0s', '8m 0s'),
      also: [],
    },
    'with a journal several wait and no run ends at all': {
      world: waiting(5, minutes(10), minutes(25)).change(
        'feishu_event_handler_duration_seconds_count',
        ON_MESSAGES,
        frozen(minutes(10), minutes(25)),
      ),
      quietAt: minutes(14),
      pendingAt: minutes(15.25),
      firesAt: minutes(18),
      resolvedAt: minutes(25.5),
      labels: ORDERS_ON_A,
      description: STALLED.replace('3m 0s', '8m 0s'),
      also: [],
    },
  },
  silent: {
    'nothing is pending': { world: fleet(), until: minutes(30) },
    'with a journal a poisonous event waits for its retries, and its chat behind it, while others are served': {
      world: waiting(20, minutes(10), minutes(40)),
      until: minutes(45),
    },
    'with a journal a poisonous event waits for its retries at night, when there is no other': {
      world: waiting(1, minutes(10), minutes(40)).change(
        'feishu_event_handler_duration_seconds_count',
        ON_MESSAGES,
        frozen(minutes(10), minutes(60)),
      ),
      until: minutes(45),
    },
    'there is always something pending, but never for long': {
      world: unjournaled(fleet(), ORDERS_ON_A).change(
        'feishu_event_oldest_pending_timestamp_seconds',
        ORDERS_ON_A,
        from(60, (at) => at - 40),
      ),
      until: minutes(30),
    },
  },
});

alertStories('FeishuQueueSaturated', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'nine tenths of the queue stay full': {
      world: fleet().change('feishu_event_queue_depth', ORDERS_ON_A, during(minutes(10), minutes(25), 900)),
      quietAt: minutes(14),
      pendingAt: minutes(16),
      firesAt: minutes(20),
      resolvedAt: minutes(26),
      labels: ORDERS_ON_A,
      description:
        'App orders on a:9464 has had at least 900 unfinished events for 5 minutes. When the queue is full, acks are withheld and the platform redelivers. Look first at handler durations by event type.',
      also: [],
    },
  },
  silent: {
    'a burst fills it for three minutes': {
      world: fleet().change('feishu_event_queue_depth', ORDERS_ON_A, during(minutes(10), minutes(13), 1_000)),
      until: minutes(30),
    },
  },
});

alertStories('FeishuHandlerErrors', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'a handler throws on every event of one instance': {
      world: fleet().change('feishu_events_failed_total', ORDERS_ON_A, counting(minutes(10), minutes(30), 30)),
      quietAt: minutes(11),
      pendingAt: minutes(14),
      firesAt: minutes(25),
      resolvedAt: minutes(45),
      labels: ORDERS,
      description:
        'In the last 10 minutes the handlers of app orders failed on 50% of its events at the first run. Look first at the failures by event type and reason, then at the log lines of the handler.',
      also: [],
    },
  },
  silent: {
    'one odd message fails, and all of its retries': {
      world: fleet()
        .change('feishu_event_handler_failures_total', ON_MESSAGES, counting(minutes(10), minutes(30), 15))
        .change('feishu_events_failed_total', ORDERS_ON_A, counting(minutes(10), minutes(10.5), 30)),
      until: minutes(30),
    },
  },
});

alertStories('FeishuDuplicateDeliveries', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'one event in four had come before': {
      world: fleet().change('feishu_event_duplicates_total', ORDERS_ON_A, counting(minutes(10), minutes(35), 60)),
      quietAt: minutes(13),
      pendingAt: minutes(17),
      firesAt: minutes(30),
      resolvedAt: minutes(52),
      labels: ORDERS,
      description:
        '25% of the events of app orders in the last 15 minutes had come before; they were not handled again. Look first at the ack durations against the 3 s line and at acks not written: both make the platform redeliver.',
      also: [],
    },
  },
  silent: {
    'a reconnect brings three again': {
      world: fleet().change('feishu_event_duplicates_total', ORDERS_ON_A, counting(minutes(10), minutes(13), 60)),
      until: minutes(40),
    },
  },
});

alertStories('FeishuFramesUndecodable', {
  severity: 'warning',
  layer: 'events',
  dashboard: 'feishu-events',
  fires: {
    'a frame is malformed, and the alert outlasts the window by ten minutes': {
      world: fleet().change(
        'feishu_ws_frame_errors_total',
        { ...ORDERS_ON_A, reason: 'malformed' },
        counting(minutes(10), minutes(11), 60),
      ),
      quietAt: minutes(9.5),
      firesAt: minutes(13),
      stillAt: minutes(25),
      resolvedAt: minutes(33),
      labels: { ...ORDERS_ON_A, reason: 'malformed' },
      description:
        'App orders on a:9464 could not read 1 frames in 10 minutes (malformed). They were not acknowledged, so the platform redelivers what it can. Look first at the log: each one has a line.',
      also: [],
    },
  },
});

allAreTold(EVENT_ALERTS);
