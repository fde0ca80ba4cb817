import { PER_APP, PER_CONNECTION } from '../alert.js';
/**
 * The platform's counts that are worth comparing. An older one may be from before an instance came or went; fresher than the
 * hold of the alerts, at least one was taken while the instances were what they are.
 */
function freshCounts(q) {
    const age = `time() - last_over_time(feishu_ws_server_view_timestamp_seconds${q.over('2m')})`;
    return `last_over_time(feishu_ws_server_connections${q.over('2m')}) and on (${q.connection}) (${age} < ${q.allowance(q.limit.serverViewFreshSeconds)})`;
}
/** Connections that all instances together hold for an app: a process may hold several, and prove fewer than it wants. */
function heldConnections(q) {
    return `sum by (job, ${q.app}) (last_over_time(feishu_ws_connections_proven${q.over('2m')}))`;
}
/** The latest of two moments that may be 0 for never; the second one stands in for the first. */
function latest(q, moment, instead) {
    return `((${moment} > 0) or on (${q.connection}) (${instead} > 0))`;
}
/** What is seen from outside: whom the platform counts, what history has that never came, and what nobody could look at. */
export const LOOKOUT_ALERTS = [
    {
        name: 'FeishuWsZombie',
        severity: 'critical',
        layer: 'connection',
        by: PER_APP,
        expr: (q) => `${heldConnections(q)}\n> on (job, ${q.app}) max by (job, ${q.app}) (${freshCounts(q)})`,
        for: '20m',
        summary: 'The platform counts fewer connections of this app than we believe to hold.',
        description: ({ app, job, count }) => `The instances of app ${app} of job ${job} hold ${count} proven connections, and the platform counts fewer: at least one gets no events, although it answers pings. Look first at the server view of each instance, then replace the connections one by one.`,
        dashboard: 'feishu-connection',
        failureModes: ['F04', 'F08'],
    },
    {
        name: 'FeishuWsForeignConsumer',
        severity: 'warning',
        layer: 'connection',
        by: PER_APP,
        // Both must say so: the sum knows all instances that are scraped, the verdict knows ghosts and whom `fleet.others` names.
        expr: (q) => [
            `min by (job, ${q.app}) (${freshCounts(q)})`,
            `> on (job, ${q.app}) ${heldConnections(q)}`,
            `and on (job, ${q.app}) (max by (job, ${q.app}) (max_over_time(feishu_ws_server_view{verdict="foreign_consumer"}${q.over('30m')})) == 1)`,
        ].join('\n'),
        for: '20m',
        summary: 'Somebody else is connected as this app and takes part of its events.',
        description: ({ app, job, count }) => `The platform counts ${count} connections of app ${app}, more than the instances of job ${job} hold: the events that go to the others never reach us. Look first for an old deployment, a second cluster, a developer's machine.`,
        dashboard: 'feishu-connection',
        failureModes: ['F07'],
    },
    {
        name: 'FeishuServerViewStale',
        severity: 'warning',
        layer: 'connection',
        by: PER_CONNECTION,
        // One that never was counts from the first connection. Nobody asks while there is none.
        expr: (q) => [
            `(time() - ${latest(q, 'feishu_ws_server_view_timestamp_seconds', 'feishu_ws_first_open_timestamp_seconds')}) > on (${q.connection}) (${q.limit.serverViewsMissed} * feishu_ws_server_view_interval_seconds)`,
            `and on (${q.connection}) feishu_ws_connected == 1`,
        ].join('\n'),
        for: '5m',
        summary: "The platform's count of our connections has not been read for too long.",
        description: ({ app, instance, duration }) => `App ${app} on ${instance} has not learned for ${duration} how many connections the platform counts: a zombie or a foreign consumer would go unseen. Look first at the failures of that call by code, then at the monthly quota.`,
        dashboard: 'feishu-connection',
        failureModes: ['F04', 'F07', 'F29'],
    },
    {
        name: 'FeishuCanaryMissing',
        severity: 'critical',
        layer: 'events',
        by: PER_CONNECTION,
        // While it is down other alerts tell; after that the first canary flies within two minutes.
        expr: (q) => [
            `(time() - ${latest(q, 'feishu_canary_last_received_timestamp_seconds', 'feishu_ws_first_open_timestamp_seconds')}) > on (${q.connection}) (${q.limit.canariesMissed} * feishu_canary_interval_seconds)`,
            `and on (${q.connection}) (min_over_time(feishu_ws_connected${q.over('5m')}) == 1)`,
        ].join('\n'),
        for: '1m',
        summary: 'Events that we cause ourselves do not come: the proof from end to end is missing.',
        description: ({ app, instance, duration }) => `App ${app} on ${instance} is connected, but its latest canary came ${duration} ago, or never. Look first at the log: whether canaries could not be caused, or were caused and did not come.`,
        dashboard: 'feishu-events',
        failureModes: ['F04', 'F10'],
    },
    {
        name: 'FeishuEventGapUnreconciled',
        severity: 'warning',
        layer: 'events',
        by: PER_CONNECTION,
        // Brief gaps wait half an hour for company; where one follows the other, runs that succeed are the sign of health.
        expr: (q) => [
            `min_over_time(feishu_event_gaps_open${q.over('10m')}) > 0`,
            `unless on (${q.connection}) (time() - feishu_catchup_last_success_timestamp_seconds < ${q.allowance(q.limit.gapReadSeconds)})`,
            `and on (${q.connection}) (max_over_time(feishu_ws_connected${q.over('2m')}) == 1)`,
        ].join('\n'),
        for: '35m',
        summary: 'Connected again, yet what an outage may have swallowed has not been read from history.',
        description: ({ app, instance, count }) => `App ${app} on ${instance} has ${count} gaps that no run of catch-up has closed. Messages of that time are late, and lost if it stays so. Look first at the failures of catch-up by code, then at the call budget.`,
        dashboard: 'feishu-events',
        failureModes: ['F23'],
    },
    {
        name: 'FeishuEventGapLost',
        severity: 'warning',
        layer: 'events',
        by: [...PER_CONNECTION, 'recovered'],
        expr: (q) => [
            `${q.growth(`${q.connection}, recovered`, 'feishu_event_gaps_closed_total{recovered!="yes"}', '15m')} > 0`,
            // What a restart left is read at once: the counter may stand before the first scrape, and no growth shows it.
            `or feishu_event_gaps_closed_total{recovered!="yes"} > 0 unless feishu_event_gaps_closed_total ${q.ago('15m')}`,
            `and on (job, instance) (time() - process_start_time_seconds${q.target} < ${q.allowance(1_200)})`,
        ].join('\n'),
        keepFiringFor: '15m',
        summary: 'A gap was closed although not everything could be read: events of that time may be lost.',
        description: ({ app, instance, label, count }) => `App ${app} on ${instance} gave up on ${count} gaps in 15 minutes (recovered: ${label('recovered')}). Nothing tries again by itself. Look first at the log line of each: from, to, and what kept it from being read.`,
        dashboard: 'feishu-events',
        failureModes: ['F23'],
    },
];
