/** Every label a metric of ours may have. Each takes its values from a closed list, never from a message or an error text. */
export const LABELS = [
  'app',
  'state',
  'failure',
  'verdict',
  'event_type',
  'kind',
  'token_type',
  'reason',
  'direction',
  'type',
  'step',
  'source',
  'sink',
  'api',
  'level',
  'recovered',
  'version',
  'node_sdk',
  'node',
] as const;
export type Label = (typeof LABELS)[number];

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** One row of {@link METRICS}. */
export interface MetricDefinition {
  readonly type: MetricType;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, ascending, without infinity. */
  readonly buckets?: readonly number[];
  readonly help: string;
}

/**
 * Every metric of ours: the contract that code, documentation, alerts and dashboards share. A new row needs its
 * label sets declared and its value written in one of `metrics/*.ts`, nothing else. Base units throughout; a moment is
 * a Unix time in seconds, 0 for never.
 */
export const METRICS = {
  // The connection.
  feishu_ws_enabled: {
    type: 'gauge',
    labels: ['app'],
    help: "1 while it is meant to be connected; 0 only by the operator's explicit pause, never by SIGTERM.",
  },
  feishu_ws_connected: {
    type: 'gauge',
    labels: ['app'],
    help: '1 from the proof (the first pong after the 101) until the connection is lost.',
  },
  feishu_ws_state: {
    type: 'gauge',
    labels: ['app', 'state'],
    help: 'State set: 1 for the state the connection is in, 0 for all others.',
  },
  feishu_ws_connect_attempts_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Attempts to connect, the first one included.',
  },
  feishu_ws_reconnect_attempts_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Attempts to connect after the first one since start.',
  },
  feishu_ws_connect_failures_total: {
    type: 'counter',
    labels: ['app', 'failure', 'verdict'],
    help: 'Failed attempts; verdict operator needs a human, and is still retried on the slow lane.',
  },
  feishu_ws_connect_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'step'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'Duration of each step of an attempt, failed ones included.',
  },
  feishu_ws_disconnects_total: {
    type: 'counter',
    labels: ['app', 'failure'],
    help: 'Lost connections; local_stop for our own stop.',
  },
  feishu_ws_session_duration_seconds: {
    type: 'histogram',
    labels: ['app'],
    buckets: [10, 30, 60, 90, 120, 300, 900, 3600, 14_400, 86_400],
    help: 'Life of connections that ended.',
  },
  feishu_ws_outage_duration_seconds: {
    type: 'histogram',
    labels: ['app'],
    buckets: [1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 28_800, 86_400],
    help: 'From losing a connection until the next stable one.',
  },
  feishu_ws_outage_started_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Start of the current outage, 0 if there is none.',
  },
  feishu_ws_first_open_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When it became connected for the first time since start, 0 for never.',
  },
  feishu_ws_last_open_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When it became connected most recently, 0 for never.',
  },
  feishu_ws_last_attempt_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When the latest attempt began, 0 for never.',
  },
  feishu_ws_next_attempt_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When the next attempt is due, 0 if none is scheduled.',
  },
  feishu_ws_last_frame_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When anything arrived on the socket last (101, pong, frame), 0 for never.',
  },
  feishu_ws_heartbeats_sent_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Our pings, protocol and WebSocket ones.',
  },
  feishu_ws_heartbeats_answered_total: { type: 'counter', labels: ['app'], help: 'Pongs that answered our pings.' },
  feishu_ws_heartbeat_rtt_seconds: {
    type: 'histogram',
    labels: ['app'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    help: 'From ping to pong.',
  },
  feishu_ws_heartbeat_interval_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Pause between protocol pings in force; the platform sets it.',
  },
  feishu_ws_silence_limit_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Silence after which the connection is suspected.',
  },
  feishu_ws_backoff_max_seconds: { type: 'gauge', labels: ['app'], help: 'Longest wait between two attempts.' },
  feishu_ws_frames_total: {
    type: 'counter',
    labels: ['app', 'direction', 'type'],
    help: 'Frames in and out by their type header.',
  },
  feishu_ws_frame_errors_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'Frames that could not be read.',
  },
  feishu_ws_sockets_open: {
    type: 'gauge',
    labels: ['app'],
    help: 'Our own open sockets; more than are wanted only while a new one replaces a suspect one.',
  },
  feishu_ws_connections_wanted: {
    type: 'gauge',
    labels: ['app'],
    help: 'Connections kept at once: 1, or what the option connections says.',
  },
  feishu_ws_connections_proven: {
    type: 'gauge',
    labels: ['app'],
    help: 'Connections of this process that are proven now: all instances together are what the platform should count.',
  },

  // The platform's own count of our connections, and what speaks against them: only where somebody looks from outside.
  feishu_ws_server_connections: {
    type: 'gauge',
    labels: ['app'],
    help: 'Connections that the platform counts for the app, of all its processes; no sample before the first answer.',
  },
  feishu_ws_server_view: {
    type: 'gauge',
    labels: ['app', 'verdict'],
    help: "State set: what the platform's count says about our connections; unknown while nobody can ask.",
  },
  feishu_ws_server_view_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When the platform told its count last, 0 for never.',
  },
  feishu_ws_server_view_interval_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Pause between two questions for the count in force; four times as long while the call budget is short.',
  },
  feishu_ws_suspicions_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'What made us doubt an open connection; none of these alone gives it up.',
  },
  feishu_ws_proofs_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'Proofs on which a new connection was asked for in place of an open one.',
  },
  feishu_ws_replacements_advised_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Open connections that were proven deaf, and for which a new one was asked.',
  },
  feishu_ws_replacements_vain_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Replacements after which no event came either, in the time they are given.',
  },

  // Events.
  feishu_events_received_total: {
    type: 'counter',
    labels: ['app', 'event_type'],
    help: 'Whole events accepted by push, duplicates included.',
  },
  feishu_event_last_received_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When an event was pushed last, 0 for never; moved by events only, never by control frames.',
  },
  feishu_event_delivery_age_seconds: {
    type: 'histogram',
    labels: ['app', 'source'],
    buckets: [0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 10_800, 25_800],
    help: 'Age of events when they reached us, by how they came: push, redelivery, catchup.',
  },
  feishu_event_duplicates_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Events recognised by id and not delivered again.',
  },
  feishu_events_dropped_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'Events and frames not delivered by policy.',
  },
  feishu_event_fragments_expired_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Split events that never became whole.',
  },
  feishu_event_acks_total: { type: 'counter', labels: ['app', 'kind'], help: 'Acks written.' },
  feishu_event_acks_late_total: {
    type: 'counter',
    labels: ['app', 'kind'],
    help: 'Acks written later than 3 s: the platform will redeliver.',
  },
  feishu_event_ack_failures_total: {
    type: 'counter',
    labels: ['app', 'failure'],
    help: 'Acks that could not be written.',
  },
  feishu_event_ack_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'kind'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
    help: 'From the last fragment in to the ack written.',
  },
  feishu_event_handler_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'event_type'],
    // A bound costs a series for each event type: only those are here that a question hangs on. 1 and 5 s for people who
    // wait, 60 s for the deadline by default.
    buckets: [0.1, 0.5, 1, 5, 10, 60, 300],
    help: 'Duration of handlers, failed ones included.',
  },
  feishu_event_handler_failures_total: {
    type: 'counter',
    labels: ['app', 'event_type', 'reason'],
    help: 'Handlers that threw, passed their deadline or were aborted; each retry of an event counts.',
  },
  feishu_events_failed_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Events whose first run failed; what becomes of their retries does not count.',
  },
  feishu_event_handler_deadline_seconds: { type: 'gauge', labels: ['app'], help: 'Deadline of a handler in force.' },
  feishu_event_queue_depth: { type: 'gauge', labels: ['app'], help: 'Events accepted and not yet finished.' },
  feishu_event_queue_capacity: { type: 'gauge', labels: ['app'], help: 'Bound on feishu_event_queue_depth.' },
  feishu_event_oldest_pending_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Arrival of the oldest unfinished event, 0 if there is none.',
  },

  // The journal: only where there is one, so that none never looks like a healthy one.
  feishu_journal_append_duration_seconds: {
    type: 'histogram',
    labels: ['app'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    help: 'From asking the journal to the event being durable, before its ack.',
  },
  feishu_journal_failures_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'What the journal could not do. append, disk_full: no ack, it comes again; sync: an outcome not noted; recover: set aside.',
  },
  feishu_journal_size_bytes: {
    type: 'gauge',
    labels: ['app'],
    help: 'What the journal takes on disk, 0 until it is open.',
  },
  feishu_event_retries_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Further runs that were scheduled because a run failed.',
  },
  feishu_event_dead_letters: {
    type: 'gauge',
    labels: ['app'],
    help: 'Dead letters in the journal: events that wait for a human.',
  },
  feishu_event_dead_letters_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'Events that became dead letters.',
  },

  // Gaps and their catch-up: only where gaps are caught up.
  feishu_event_gap_seconds_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Time in which events may have passed us by, counted when its gap is closed; not what an operator asked for.',
  },
  feishu_event_gaps_open: { type: 'gauge', labels: ['app'], help: 'Gaps that are not caught up yet.' },
  feishu_event_gaps_closed_total: {
    type: 'counter',
    labels: ['app', 'recovered'],
    help: 'Gaps that are done with. recovered: all that history can give was taken (yes), not all (no), nobody could look (unknown).',
  },
  feishu_catchup_runs_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Runs of catch-up, those that go on with an earlier one included.',
  },
  feishu_catchup_failures_total: {
    type: 'counter',
    labels: ['app', 'failure'],
    help: 'Runs of catch-up that did not reach their end; aborted for our own stop.',
  },
  feishu_catchup_events_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Messages that only history had, and that were delivered from there.',
  },
  feishu_catchup_last_success_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When a run of catch-up reached its end last, 0 for never.',
  },
  feishu_catchup_comparisons_total: {
    type: 'counter',
    labels: ['app', 'verdict'],
    help: 'Comparisons of history with what arrived: agrees, deaf (a message never came), unknown.',
  },

  // The canary: only where one is configured.
  feishu_canary_last_received_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'When an event that we caused ourselves came last, 0 for never.',
  },
  feishu_canary_interval_seconds: { type: 'gauge', labels: ['app'], help: 'Pause between two canaries.' },
  feishu_canary_missed_total: {
    type: 'counter',
    labels: ['app'],
    help: 'Canaries that did not come in their time.',
  },

  // The sink: only its own kind, where events leave through one.
  feishu_sink_up: {
    type: 'gauge',
    labels: ['app', 'sink'],
    help: '1 while events get through to the sink, 0 while they do not; no sample until the first try told.',
  },
  feishu_sink_sends_total: {
    type: 'counter',
    labels: ['app', 'sink'],
    help: 'Tries to hand an event to the sink, failed ones included.',
  },
  feishu_sink_failures_total: {
    type: 'counter',
    labels: ['app', 'sink', 'failure'],
    help: 'Tries to hand an event to the sink that failed.',
  },
  feishu_sink_send_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'sink'],
    buckets: [0.01, 0.1, 0.5, 1, 5, 10],
    help: 'Duration of tries to hand an event to the sink, failed ones included.',
  },

  // Tokens and API calls.
  feishu_token_refresh_attempts_total: {
    type: 'counter',
    labels: ['app', 'token_type'],
    help: 'Attempts to refresh a token.',
  },
  feishu_token_refresh_failures_total: {
    type: 'counter',
    labels: ['app', 'token_type', 'failure'],
    help: 'Attempts to refresh a token that failed.',
  },
  feishu_token_refresh_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'token_type'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: 'Duration of token refreshes, failed ones included.',
  },
  feishu_token_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: ['app', 'token_type'],
    help: 'When the token in use expires, 0 if there was never one.',
  },
  feishu_token_refresh_margin_seconds: {
    type: 'gauge',
    labels: ['app', 'token_type'],
    help: 'How long before its expiry a token is refreshed.',
  },
  feishu_api_requests_total: {
    type: 'counter',
    labels: ['app', 'api'],
    help: 'REST calls we made, by route template.',
  },
  feishu_api_failures_total: {
    type: 'counter',
    labels: ['app', 'api', 'failure'],
    help: 'REST calls without an answer, with an HTTP error status, or with a code other than 0.',
  },
  feishu_api_duration_seconds: {
    type: 'histogram',
    labels: ['app', 'api'],
    // No call of ours may take longer than 15 s, and each bound costs a series for each route.
    buckets: [0.1, 0.5, 1, 5, 10],
    help: 'Duration of REST calls, failed ones included.',
  },
  feishu_api_limited_total: {
    type: 'counter',
    labels: ['app', 'reason'],
    help: 'REST calls refused for the rate (HTTP 429, code 99991400) or the monthly quota (code 99991403).',
  },
  feishu_api_quota_used: {
    type: 'gauge',
    labels: ['app'],
    help: 'Calls of this calendar month (UTC+8) that count for the quota, as far as this process knows.',
  },
  feishu_api_quota_projected: {
    type: 'gauge',
    labels: ['app'],
    help: 'Calls that the month will have taken at the pace of the last seven days.',
  },
  feishu_api_quota_limit: {
    type: 'gauge',
    labels: ['app'],
    help: 'Calls that the app may make in a month, as configured.',
  },

  // The connector itself.
  feishu_connector_supervisor_heartbeat_timestamp_seconds: {
    type: 'gauge',
    labels: ['app'],
    help: 'Latest tick of the loop that owns the timers.',
  },
  feishu_connector_build_info: {
    type: 'gauge',
    labels: ['version', 'node_sdk', 'node'],
    help: 'Always 1; the labels say what runs.',
  },
  feishu_connector_clock_jumps_total: {
    type: 'counter',
    labels: ['direction'],
    help: 'Jumps of the wall clock against the monotonic one.',
  },
  feishu_connector_log_messages_total: { type: 'counter', labels: ['level'], help: 'Log lines written.' },
  feishu_connector_telemetry_errors_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Failures of our own instrumentation; the connector went on.',
  },

  // The configuration of the daemon.
  feishu_connector_config_last_reload_successful: {
    type: 'gauge',
    labels: [],
    help: '1 while the configuration that the daemon was given last is in force, from the start on; 0 after a reload that was refused.',
  },
  feishu_connector_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the configuration in force was taken over: at the start, or in the latest reload that was not refused.',
  },

  // The HTTP surface of the daemon; the certificate only where there is TLS.
  feishu_connector_http_refusals_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Requests and connections that the HTTP surface and the control socket refused before anything was done for them.',
  },
  feishu_connector_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the TLS certificate that the HTTP surface shows expires; no sample without TLS.',
  },
  feishu_connector_certificate_files_usable: {
    type: 'gauge',
    labels: [],
    help: '1 while the TLS pair in its files can be used, 0 while it cannot and the last good one stays in force; no sample without TLS.',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** The metrics of one type. */
export type MetricNameOf<Type extends MetricType> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** A full set of label values for one metric. */
export type LabelsOf<Name extends MetricName> = {
  readonly [L in (typeof METRICS)[Name]['labels'][number]]: string;
};

/** The row of `name`, with the optional columns visible. */
export function definitionOf(name: MetricName): MetricDefinition {
  return METRICS[name];
}

/** Whether a metric may carry exemplars: durations, and the attempts that people look up first. */
export function carriesExemplars(name: MetricName): boolean {
  return (
    (METRICS[name].type === 'histogram' && name.endsWith('_duration_seconds')) ||
    name === 'feishu_ws_reconnect_attempts_total'
  );
}

/** Why our own instrumentation failed: label `reason` of `feishu_connector_telemetry_errors_total`. */
export const TELEMETRY_ERRORS = [
  'bad_value', // a number that is not finite, or a counter that would go down
  'bad_labels', // a label set that was not declared at the start
  'collect', // a value could not be computed for a scrape
  'metrics', // the metrics subscriber threw
  'spans', // the spans subscriber threw
  'logs', // the log subscriber threw
  'http', // the observer of an HTTP call threw
  'export', // spans could not be exported, or tracing could not start
] as const;
export type TelemetryError = (typeof TELEMETRY_ERRORS)[number];

/** Takes note of a failure of our own instrumentation. Never throws. */
export type OnTelemetryError = (reason: TelemetryError) => void;
