import { PER_APP, PER_CONNECTION } from '../alert.js';
/** Events on their way from the socket to the end of their handler. */
export const EVENT_ALERTS = [
    {
        name: 'FeishuNeverReceived',
        severity: 'warning',
        layer: 'events',
        by: PER_CONNECTION,
        expr: (q) => [
            'feishu_event_last_received_timestamp_seconds == 0',
            `and on (${q.connection}) (time() - (feishu_ws_first_open_timestamp_seconds > 0) > ${q.allowance(q.limit.neverReceivedSeconds)})`,
            `and on (${q.connection}) feishu_ws_connected == 1`,
        ].join('\n'),
        for: '10m',
        summary: 'Connected for a day, and not one event came.',
        description: ({ app, instance }) => `App ${app} on ${instance} has been connected for a day without a single event. Look first at the developer console: subscription by long connection, event types added, version published.`,
        dashboard: 'feishu-events',
        from: '2d',
        failureModes: ['F10'],
    },
    {
        name: 'FeishuHandlerStalled',
        severity: 'critical',
        layer: 'events',
        by: PER_CONNECTION,
        expr: (q) => {
            const runs = q.growth(q.connection, 'feishu_event_handler_duration_seconds_count', '5m');
            const failures = q.growth(q.connection, 'feishu_event_handler_failures_total', '5m');
            return [
                `(time() - (feishu_event_oldest_pending_timestamp_seconds > 0)) > on (${q.connection}) feishu_event_handler_deadline_seconds`,
                // With a journal an event may wait for its retry while all others are served: that is no stall. It is one when
                // several wait and not one run succeeded. Half a success: extrapolation makes neither a whole one nor none.
                `unless on (${q.connection}) (`,
                '  feishu_journal_size_bytes',
                `  and on (${q.connection}) (feishu_event_queue_depth < ${q.limit.stalledEventsMin} or on (${q.connection}) ${runs} - ${failures} >= 0.5)`,
                ')',
            ].join('\n');
        },
        for: '1m',
        summary: 'An event has been waiting for its handler longer than a handler may take.',
        description: ({ app, instance, duration }) => `The oldest unfinished event of app ${app} on ${instance} has waited for ${duration}: user code hangs, or with a journal fails each time, and events pile up behind it. Look first at the queue and at handler durations by event type.`,
        dashboard: 'feishu-events',
        failureModes: ['F13', 'F14'],
    },
    {
        name: 'FeishuQueueSaturated',
        severity: 'warning',
        layer: 'events',
        by: PER_CONNECTION,
        expr: (q) => `min_over_time(feishu_event_queue_depth${q.over('5m')}) > on (${q.connection}) (${q.limit.queueRatio} * feishu_event_queue_capacity)`,
        for: '2m',
        summary: 'The queue of unfinished events is nearly full: backpressure is near.',
        description: ({ app, instance, count }) => `App ${app} on ${instance} has had at least ${count} unfinished events for 5 minutes. When the queue is full, acks are withheld and the platform redelivers. Look first at handler durations by event type.`,
        dashboard: 'feishu-events',
        failureModes: ['F13'],
    },
    {
        name: 'FeishuHandlerErrors',
        severity: 'warning',
        layer: 'events',
        by: PER_APP,
        expr: (q) => {
            // Failed events, not failed runs: the retries of one poisonous event are many.
            const failures = q.growth(`job, ${q.app}`, 'feishu_events_failed_total', '10m');
            return [
                `${failures} / ${q.growth(`job, ${q.app}`, 'feishu_events_received_total', '10m')} > ${q.limit.handlerErrorRatio}`,
                `and ${failures} >= ${q.limit.handlerErrorsMin}`,
            ].join('\n');
        },
        for: '5m',
        summary: 'User code fails on a notable share of the events.',
        description: ({ app, percentage }) => `In the last 10 minutes the handlers of app ${app} failed on ${percentage} of its events at the first run. Look first at the failures by event type and reason, then at the log lines of the handler.`,
        dashboard: 'feishu-events',
        failureModes: ['F13', 'F32'],
    },
    {
        name: 'FeishuDuplicateDeliveries',
        severity: 'warning',
        layer: 'events',
        by: PER_APP,
        expr: (q) => {
            const duplicates = q.growth(`job, ${q.app}`, 'feishu_event_duplicates_total', '15m');
            return [
                `${duplicates} / ${q.growth(`job, ${q.app}`, 'feishu_events_received_total', '15m')} > ${q.limit.duplicateRatio}`,
                `and ${duplicates} >= ${q.limit.duplicatesMin}`,
            ].join('\n');
        },
        for: '5m',
        summary: 'The platform delivers a notable share of the events again.',
        description: ({ app, percentage }) => `${percentage} of the events of app ${app} in the last 15 minutes had come before; they were not handled again. Look first at the ack durations against the 3 s line and at acks not written: both make the platform redeliver.`,
        dashboard: 'feishu-events',
        failureModes: ['F13', 'F25'],
    },
    {
        name: 'FeishuFramesUndecodable',
        severity: 'warning',
        layer: 'events',
        by: [...PER_CONNECTION, 'reason'],
        expr: (q) => `${q.growth(`${q.connection}, reason`, 'feishu_ws_frame_errors_total', '10m')} > 0`,
        keepFiringFor: '10m',
        summary: 'Frames arrived that could not be read: events may be lost.',
        description: ({ app, instance, label, count }) => `App ${app} on ${instance} could not read ${count} frames in 10 minutes (${label('reason')}). They were not acknowledged, so the platform redelivers what it can. Look first at the log: each one has a line.`,
        dashboard: 'feishu-events',
        failureModes: ['F15', 'F37'],
    },
];
