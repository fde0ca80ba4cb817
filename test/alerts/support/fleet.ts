import { during, minutes } from './signals.js';
import { type Series, type Signal, World } from './world.js';

export const JOB = 'feishu-connector';
/** The connection that things happen to, its siblings, and the one that is never touched. */
export const ORDERS_ON_A = { job: JOB, instance: 'a:9464', app: 'orders' } as const;
export const ORDERS_ON_B = { job: JOB, instance: 'b:9464', app: 'orders' } as const;
export const SUPPORT_ON_A = { job: JOB, instance: 'a:9464', app: 'support' } as const;
export const SUPPORT_ON_B = { job: JOB, instance: 'b:9464', app: 'support' } as const;
export const A = { job: JOB, instance: 'a:9464' } as const;
export const B = { job: JOB, instance: 'b:9464' } as const;
export const ORDERS = { job: JOB, app: 'orders' } as const;
export const PROMETHEUS = { job: 'prometheus', instance: 'prometheus:9090' } as const;

/** A moment that has been: 0 would mean never. */
const moment = (at: number) => Math.max(1, at);
const always =
  (value: number): Signal =>
  () =>
    value;

/** Two healthy instances that serve two apps each, and the Prometheus that watches them. */
export function fleet(): World {
  return new World([
    ...[ORDERS_ON_A, SUPPORT_ON_A, ORDERS_ON_B, SUPPORT_ON_B].flatMap(healthyConnection),
    ...[A, B].flatMap(healthyInstance),
    ...healthyPrometheus(),
  ]);
}

/** Idle and up: a pong every two minutes, two events a minute to journal and sink, tokens renewed 20 minutes early. */
function healthyConnection(labels: Series['labels']): Series[] {
  const series = (metric: string, signal: Signal, more: Series['labels'] = {}): Series => ({
    metric,
    labels: { ...labels, ...more },
    signal,
  });
  const events: Signal = (at) => Math.floor(at / 30);
  const ended = 'feishu_ws_session_duration_seconds';
  return [
    series('feishu_ws_enabled', always(1)),
    series('feishu_ws_connected', always(1)),
    series('feishu_ws_state', always(1), { state: 'connected' }),
    series('feishu_ws_state', always(0), { state: 'waiting' }),
    series('feishu_ws_state', always(0), { state: 'stopped' }),
    series('feishu_ws_first_open_timestamp_seconds', always(1)),
    series('feishu_ws_last_attempt_timestamp_seconds', always(1)),
    series('feishu_ws_last_frame_timestamp_seconds', (at) => moment(at - (at % 120))),
    series('feishu_ws_heartbeat_interval_seconds', always(120)),
    series('feishu_ws_backoff_max_seconds', always(300)),
    series('feishu_ws_disconnects_total', always(0), { failure: 'closed_by_peer' }),
    series('feishu_ws_disconnects_total', always(0), { failure: 'local_stop' }),
    series('feishu_ws_connect_failures_total', always(0), { failure: 'dial_unreachable', verdict: 'retry' }),
    series('feishu_ws_connect_failures_total', always(0), { failure: 'credentials_rejected', verdict: 'operator' }),
    series(`${ended}_bucket`, always(0), { le: '300' }),
    series(`${ended}_bucket`, always(0), { le: '+Inf' }),
    series(`${ended}_count`, always(0)),
    series('feishu_ws_sockets_open', always(1)),
    series('feishu_ws_connections_wanted', always(1)),
    series('feishu_ws_connections_proven', always(1)),
    // Both instances of the app.
    series('feishu_ws_server_connections', always(2)),
    series('feishu_ws_server_view', always(1), { verdict: 'agrees' }),
    series('feishu_ws_server_view', always(0), { verdict: 'foreign_consumer' }),
    series('feishu_ws_server_view_timestamp_seconds', (at) => moment(at - (at % 900))),
    series('feishu_ws_server_view_interval_seconds', always(900)),
    series('feishu_ws_frame_errors_total', always(0), { reason: 'malformed' }),
    series('feishu_ws_frame_errors_total', always(0), { reason: 'too_large' }),
    series('feishu_events_received_total', events, { event_type: 'im.message.receive_v1' }),
    series('feishu_events_received_total', always(0), { event_type: 'other' }),
    series('feishu_event_last_received_timestamp_seconds', (at) => moment(at - (at % 30))),
    series('feishu_event_duplicates_total', always(0)),
    series('feishu_event_acks_total', events, { kind: 'event' }),
    series('feishu_event_acks_total', always(0), { kind: 'callback' }),
    series('feishu_event_acks_late_total', always(0), { kind: 'event' }),
    series('feishu_event_acks_late_total', always(0), { kind: 'callback' }),
    series('feishu_event_handler_failures_total', always(0), { event_type: 'im.message.receive_v1', reason: 'thrown' }),
    series('feishu_event_handler_failures_total', always(0), { event_type: 'other', reason: 'thrown' }),
    series('feishu_event_handler_duration_seconds_count', events, { event_type: 'im.message.receive_v1' }),
    series('feishu_events_failed_total', always(0)),
    series('feishu_event_handler_deadline_seconds', always(60)),
    series('feishu_event_oldest_pending_timestamp_seconds', always(0)),
    series('feishu_event_queue_depth', always(0)),
    series('feishu_event_queue_capacity', always(1_000)),
    series('feishu_journal_failures_total', always(0), { reason: 'append' }),
    series('feishu_journal_failures_total', always(0), { reason: 'disk_full' }),
    series('feishu_journal_size_bytes', always(1_048_576)),
    series('feishu_event_dead_letters', always(0)),
    series('feishu_event_gaps_open', always(0)),
    series('feishu_event_gaps_closed_total', always(0), { recovered: 'yes' }),
    series('feishu_event_gaps_closed_total', always(0), { recovered: 'no' }),
    series('feishu_event_gaps_closed_total', always(0), { recovered: 'unknown' }),
    series('feishu_catchup_last_success_timestamp_seconds', always(0)),
    series('feishu_canary_last_received_timestamp_seconds', (at) => moment(at - (at % 300))),
    series('feishu_canary_interval_seconds', always(300)),
    series('feishu_sink_up', always(1), { sink: 'jetstream' }),
    series('feishu_token_refresh_duration_seconds_count', (at) => 1 + Math.floor(at / 6_000), { token_type: 'tenant' }),
    series('feishu_token_refresh_failures_total', always(0), { token_type: 'tenant', failure: 'token_timeout' }),
    series('feishu_token_refresh_failures_total', always(0), { token_type: 'tenant', failure: 'token_http_status' }),
    series('feishu_token_expiry_timestamp_seconds', (at) => at - (at % 6_000) + 7_200, { token_type: 'tenant' }),
    series('feishu_token_refresh_margin_seconds', always(1_200), { token_type: 'tenant' }),
    series('feishu_api_limited_total', always(0), { reason: 'rate' }),
    series('feishu_api_limited_total', always(0), { reason: 'quota' }),
    series('feishu_connector_supervisor_heartbeat_timestamp_seconds', moment),
  ];
}

function healthyInstance(labels: Series['labels']): Series[] {
  return [
    { metric: 'up', labels, signal: always(1) },
    { metric: 'process_start_time_seconds', labels, signal: always(1) },
    { metric: 'nodejs_eventloop_lag_p99_seconds', labels, signal: always(0.02) },
    { metric: 'feishu_connector_config_last_reload_successful', labels, signal: always(1) },
    // For another three months.
    { metric: 'feishu_connector_certificate_expiry_timestamp_seconds', labels, signal: always(7_776_000) },
    { metric: 'feishu_connector_certificate_files_usable', labels, signal: always(1) },
  ];
}

function healthyPrometheus(): Series[] {
  const ofAlertmanager = (host: string) => ({ ...PROMETHEUS, alertmanager: `http://${host}:9093/api/v2/alerts` });
  const ofGroup = (group: string) => ({ ...PROMETHEUS, rule_group: `/etc/prometheus/rules.yml;${group}` });
  return [
    { metric: 'up', labels: PROMETHEUS, signal: always(1) },
    { metric: 'prometheus_notifications_alertmanagers_discovered', labels: PROMETHEUS, signal: always(2) },
    ...['one', 'two'].flatMap((host): Series[] => [
      { metric: 'prometheus_notifications_sent_total', labels: ofAlertmanager(host), signal: (at) => at / 15 },
      { metric: 'prometheus_notifications_errors_total', labels: ofAlertmanager(host), signal: always(0) },
    ]),
    ...['feishu-connection', 'node-exporter'].map(
      (group): Series => ({
        metric: 'prometheus_rule_evaluation_failures_total',
        labels: ofGroup(group),
        signal: always(0),
      }),
    ),
  ];
}

/** The socket is lost, and an attempt fails every 15 seconds until one succeeds. */
export function disconnected(
  world: World,
  which: Series['labels'],
  since: number,
  until: number,
  failure: Series['labels'] = { failure: 'dial_unreachable', verdict: 'retry' },
): World {
  const attempts = (at: number) => since + 15 * Math.floor((at - since) / 15);
  return world
    .change('feishu_ws_connected', which, during(since, until, 0))
    .change('feishu_ws_state', { ...which, state: 'connected' }, during(since, until, 0))
    .change('feishu_ws_state', { ...which, state: 'waiting' }, during(since, until, 1))
    .change('feishu_ws_sockets_open', which, during(since, until, 0))
    .change('feishu_ws_connections_proven', which, during(since, until, 0))
    .change('feishu_ws_last_frame_timestamp_seconds', which, during(since, until, since))
    .change('feishu_ws_last_attempt_timestamp_seconds', which, during(since, until, attempts))
    .change('feishu_ws_disconnects_total', { ...which, failure: 'closed_by_peer' }, (was) => (at) => {
      const value = was(at);
      return typeof value === 'number' && at >= since ? value + 1 : value;
    })
    .change('feishu_ws_connect_failures_total', { ...which, ...failure }, (was) => (at) => {
      const value = was(at);
      if (typeof value !== 'number' || at < since) return value;
      return value + Math.floor((Math.min(at, until) - since) / 15);
    });
}

/** The same without a journal: its series are not there, rather than at 0. */
export function unjournaled(world: World, which: Series['labels']): World {
  return world.change(/^feishu_(journal_|event_dead_letters)/, which, () => () => null);
}

/** Everything an instance shows, `up` left to the story. */
export const SHOWN_BY_INSTANCE = /^(feishu_|process_|nodejs_)/;

/** An hour in which nothing happens. */
export const HEALTHY_HOUR = { world: fleet(), until: minutes(61) };
