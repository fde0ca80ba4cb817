import type { MetricName } from '../../src/observe/catalogue.js';

/** What we do about one row of docs/incidents.md. Alerts and tests are found by its number, and not repeated here. */
export interface IncidentRow {
  /** What shows it, before any alert has held for long enough. */
  readonly noticed: string;
  readonly recovered: string;
  readonly metrics: readonly MetricName[];
  /** Why no alert is for it. */
  readonly noAlert?: string;
  /** Why nothing proves it. */
  readonly noTest?: string;
}

export const INCIDENT_ROWS: Readonly<Record<string, IncidentRow>> = {
  F01: {
    noticed: 'There is no state that means "given up"; the next attempt is always due at a moment that is told.',
    recovered: "The platform's `ReconnectCount` is read and not obeyed: attempts go on for ever, 1 s to 5 min apart.",
    metrics: ['feishu_ws_state', 'feishu_ws_next_attempt_timestamp_seconds'],
  },
  F02: {
    noticed: 'Each step has a deadline of its own, and the failure names the step.',
    recovered:
      'Retried with backoff. A failing token leaves a living connection alone; the old token serves while it is valid.',
    metrics: ['feishu_ws_connect_failures_total', 'feishu_token_refresh_failures_total'],
  },
  F03: {
    noticed:
      'The oldest unanswered ping is out for 15 s, and the pings that ask again stay unanswered for 10 s more: 45 s at most.',
    recovered: 'A new connection is proven first where there is a way in, then the old one is dropped.',
    metrics: ['feishu_ws_last_frame_timestamp_seconds', 'feishu_ws_heartbeats_answered_total'],
  },
  F04: {
    noticed:
      "The platform counts fewer connections than we hold, twice; or a message stands in a chat's history that never came; or a canary is missing.",
    recovered:
      'The connection is replaced, make before break, and the gap is caught up. What replacements cannot mend slows them down.',
    metrics: ['feishu_ws_suspicions_total', 'feishu_ws_proofs_total', 'feishu_ws_replacements_advised_total'],
  },
  F05: {
    noticed: 'A timer comes later than any loop is late, or the wall clock leaps against the monotonic one.',
    recovered:
      'The peer is excused and asked; a dead socket is replaced within the silence limit of waking up. Failures of those moments eat no budget.',
    metrics: ['feishu_connector_clock_jumps_total'],
  },
  F06: {
    noticed: 'Code 1000040350 in discovery or in the handshake is the failure `connection_limit`.',
    recovered: 'Retried on the slow lane until a place is free. It never fills the places itself.',
    metrics: ['feishu_ws_connect_failures_total', 'feishu_ws_server_connections'],
  },
  F07: {
    noticed: 'The platform counts more connections than we hold, for longer than a dead one may linger.',
    recovered:
      'Nobody can throw the other client out: a human is told how many there are. Gaps are left alone unless the fleet shares its memory.',
    metrics: ['feishu_ws_server_connections', 'feishu_ws_server_view'],
  },
  F08: {
    noticed: 'After a restart the platform still counts the old connection.',
    recovered:
      'Every socket of ours is closed with a close frame, also on SIGTERM. What went to a corpse comes by redelivery or from history, once.',
    metrics: ['feishu_ws_server_connections', 'feishu_catchup_events_total'],
  },
  F09: {
    noticed:
      'The code is a failure with the verdict `operator`: `credentials_rejected`, `app_forbidden`, `secret_unavailable`.',
    recovered:
      'Retried on the slow lane, 30 s to 5 min apart; the secret is read anew each time, so that a mended one needs no restart.',
    metrics: ['feishu_ws_connect_failures_total', 'feishu_token_refresh_failures_total'],
  },
  F10: {
    noticed:
      'Connected for a day, or for ten minutes at the first start, and never an event: `status` and `doctor` say what to look at in the console.',
    recovered:
      'By a human, in the developer console; the socket stays up, as the console saves the setting only while somebody is connected.',
    metrics: ['feishu_event_last_received_timestamp_seconds', 'feishu_ws_first_open_timestamp_seconds'],
  },
  F11: {
    noticed: 'A close with its code; the length of every session is measured.',
    recovered:
      'The first retry after a stable session comes within 2 s; backoff only for what flaps. Brief gaps are read together, twice an hour.',
    metrics: ['feishu_ws_disconnects_total', 'feishu_ws_session_duration_seconds'],
  },
  F12: {
    noticed: 'Codes 1 and 1000040343 are the failure `platform_busy`; an unknown code is `ticket_code_unknown`.',
    recovered: 'Retried like any other: no code is the end.',
    metrics: ['feishu_ws_connect_failures_total'],
  },
  F13: {
    noticed: 'The time from arrival to ack is measured, and acks beyond 3 s are counted.',
    recovered:
      'With a journal the ack waits for the disk alone. Without one the redelivery is recognised and waits for the run under way.',
    metrics: ['feishu_event_ack_duration_seconds', 'feishu_event_acks_late_total', 'feishu_event_duplicates_total'],
  },
  F14: {
    noticed: 'Our own timers come late, which is measured before anybody else is blamed.',
    recovered: 'Lateness excuses the peer once, by 5 s; no socket is given up for it.',
    metrics: ['feishu_connector_supervisor_heartbeat_timestamp_seconds', 'feishu_ws_heartbeat_rtt_seconds'],
  },
  F15: {
    noticed: 'Fragments that never become whole expire, and are counted.',
    recovered: 'No part is ever acked, so that the platform pushes the event again.',
    metrics: ['feishu_event_fragments_expired_total', 'feishu_ws_frame_errors_total'],
  },
  F16: {
    noticed: 'The failure `dns_failed`, from the first attempt on.',
    recovered:
      'Asked again from the start of the process on; after five failures in a row lookups are made anew. A living connection is left alone.',
    metrics: ['feishu_ws_connect_failures_total'],
  },
  F17: {
    noticed: 'The failure `proxy_failed`, with the step it belongs to.',
    recovered:
      'One way out serves discovery, socket, token and API client. A proxy that comes back, or another one, is taken at the next attempt.',
    metrics: ['feishu_ws_connect_failures_total', 'feishu_ws_connect_duration_seconds'],
  },
  F18: {
    noticed: 'The failure `tls_untrusted` says what is wrong with the certificate.',
    recovered: 'On the slow lane; `caFile` is read anew for each connection.',
    metrics: ['feishu_ws_connect_failures_total'],
  },
  F19: {
    noticed: 'Whatever is no ticket is `discovery_bad_answer` or `discovery_http_status`.',
    recovered: 'Retried until a ticket comes. Numbers that make no sense never change the pace of pings.',
    metrics: ['feishu_ws_connect_failures_total'],
  },
  F20: {
    noticed: 'Sockets that are open are counted and compared with those that are wanted.',
    recovered: 'One owner for each socket and each timer; late words of an old attempt are recognised by its number.',
    metrics: ['feishu_ws_sockets_open', 'feishu_ws_connections_wanted'],
  },
  F21: {
    noticed: 'The process does not end. Drain and close have budgets, and what outlasts them is said in the log.',
    recovered:
      'Handlers have `drainMs`, the close handshake 2 s; then the socket is destroyed and the process ends regardless.',
    metrics: [],
    noAlert: 'Whoever stops a process watches it end; its supervisor kills it after its own limit.',
  },
  F22: {
    noticed: 'Wall clock and monotonic clock are compared; leaps are counted.',
    recovered:
      'Waits and deadlines run on the monotonic clock. No event is dropped for its age unless that is asked for.',
    metrics: ['feishu_connector_clock_jumps_total'],
  },
  F23: {
    noticed: 'Every moment without a proven connection is a gap, with a beginning and an end.',
    recovered:
      "Messages of the gap are fetched from the history of the bot's chats, handled once, in order per chat. What is out of reach is told as lost.",
    metrics: ['feishu_event_gap_seconds_total', 'feishu_event_gaps_open', 'feishu_catchup_events_total'],
  },
  F24: {
    noticed: 'By the invariants that month-long simulations are held to, not in production.',
    recovered:
      'Frames in the segment of the 101 are read; an ack goes out on the connection that its event came on, or not at all.',
    metrics: ['feishu_event_ack_failures_total'],
    noAlert: 'A race of ours would be a bug: its traces are F01, F13 or F20, which have alerts.',
  },
  F25: {
    noticed: 'An id that is known is counted as a duplicate; the age of each delivery is measured.',
    recovered:
      'Ids of handled events are remembered in the journal for a day, also under another event id, and are acked and not handled again.',
    metrics: ['feishu_event_duplicates_total', 'feishu_event_delivery_age_seconds'],
  },
  F26: {
    noticed:
      'The start of the latest attempt is told; an attempt that is older than all its deadlines together is stuck.',
    recovered: 'Discovery 15 s, handshake 15 s, first pong 10 s, and the same for the token and for every call.',
    metrics: ['feishu_ws_last_attempt_timestamp_seconds', 'feishu_ws_connect_duration_seconds'],
  },
  F27: {
    noticed:
      'Alive, connected and receiving are three facts, each with evidence that grows old. `/readyz` and `doctor` go by its age.',
    recovered: '`doctor` names the cause and what to do; `feishu-connector reconnect` cuts a wait short.',
    metrics: ['feishu_ws_connected', 'feishu_connector_supervisor_heartbeat_timestamp_seconds'],
  },
  F28: {
    noticed: 'A probe is answered while attempts fail.',
    recovered:
      'After five failures agents, pools and name lookups are made anew. With `exitAfterOutageMs` the last rung is exit code 75.',
    metrics: ['feishu_ws_connect_failures_total', 'feishu_ws_outage_started_timestamp_seconds'],
  },
  F29: {
    noticed: 'Every call is counted, and the month is projected.',
    recovered:
      'An idle bot costs at most 100 calls a day; near the quota our own calls become rare, and stop before it.',
    metrics: ['feishu_api_quota_used', 'feishu_api_quota_projected', 'feishu_api_limited_total'],
  },
  F30: {
    noticed: 'An answer that calls the token invalid.',
    recovered: 'The token is fetched anew, by one request however many wait for it, and the call is repeated once.',
    metrics: ['feishu_token_expiry_timestamp_seconds', 'feishu_api_failures_total'],
  },
  F31: {
    noticed: 'By what replacements bring: those in vain are counted.',
    recovered:
      'Silence alone is no reason for anything. A replacement needs proof, and pauses grow while it helps nothing.',
    metrics: ['feishu_ws_replacements_vain_total', 'feishu_ws_suspicions_total'],
  },
  F32: {
    noticed: 'Frames that cannot be read are counted by reason.',
    recovered:
      'They cost a count, an oversized one the connection; neither costs the process. What was acked is in the journal.',
    metrics: ['feishu_ws_frame_errors_total'],
  },
  F33: {
    noticed: 'Acks are measured for callbacks by themselves (`kind="callback"`).',
    recovered:
      'Callbacks have a lane of their own and a deadline of 2.5 s; a late handler is answered for by `callbackFallback`.',
    metrics: ['feishu_event_ack_duration_seconds', 'feishu_event_acks_late_total'],
    noAlert: 'A late answer to a click is a late ack: FeishuAckLate counts both kinds.',
  },
  F34: {
    noticed: 'Connected means a 101 and a pong on this very socket, and nothing less.',
    recovered: 'An attempt without a first pong fails after 10 s and is made again.',
    metrics: ['feishu_ws_connected', 'feishu_ws_first_open_timestamp_seconds'],
  },
  F35: {
    noticed: 'Sessions that end before 25 s are not stable.',
    recovered: 'They earn no fresh budget, so that the waits grow.',
    metrics: ['feishu_ws_session_duration_seconds', 'feishu_ws_disconnects_total'],
  },
  F36: {
    noticed: 'Each event has its age and its source when a handler gets it.',
    recovered: '`delivery.maxAgeMs` with `staleEvents`: tag, hold for a human, or drop.',
    metrics: ['feishu_event_delivery_age_seconds', 'feishu_event_dead_letters'],
  },
  F37: {
    noticed: 'A close with code 1008, or a frame that cannot be read.',
    recovered: 'The version of `ws` that is required has it mended; a close costs one quick reconnect.',
    metrics: ['feishu_ws_frame_errors_total', 'feishu_ws_disconnects_total'],
  },
  F38: {
    noticed: 'Every metric, fact and log line has the label `app`.',
    recovered: 'Each app has a connection, token and backoff of its own; one that gets in wakes the others.',
    metrics: ['feishu_ws_connected'],
  },
  F39: {
    noticed: 'Like F05: our own timers come late.',
    recovered: 'Like F05. Nothing reads the terminal, and standard output that stalls stops no heartbeat.',
    metrics: ['feishu_connector_clock_jumps_total', 'feishu_connector_supervisor_heartbeat_timestamp_seconds'],
    noAlert: 'To the process it is F05; while it lasts FeishuTargetDown fires, as nothing answers the scrape.',
  },
  F40: {
    noticed: 'The age of the oldest waiting event, retries and dead letters.',
    recovered:
      'Only events of the same chat wait behind one that fails, for two and a half minutes at most; then it is a dead letter.',
    metrics: ['feishu_event_oldest_pending_timestamp_seconds', 'feishu_event_retries_total'],
  },
  F41: {
    noticed: 'The instance leaves service discovery, or nobody is connected for the app.',
    recovered:
      'Not supported: a long connection needs a process that lives. [deployment.md](deployment.md) says where to run one.',
    metrics: ['feishu_ws_connected'],
    noTest:
      'It is about where the process runs, and nothing in the process could change it. The two alerts have tests.',
  },
  F42: {
    noticed: 'Each event that is not handled is counted under its reason, and logged.',
    recovered: 'By adding a handler, or `*` for the rest.',
    metrics: ['feishu_events_dropped_total'],
    noAlert: 'An event type without a handler is often meant. Who wants none asks for `feishu_events_dropped_total`.',
  },
  F43: {
    noticed: 'By a test that hunts through everything said under every fault, not in production.',
    recovered:
      'Secrets, tokens, tickets and socket URLs are never put into reports, errors, logs, metrics or spans; logs are redacted besides.',
    metrics: [],
    noAlert: 'What leaked cannot be called back; it is prevented, and proven.',
  },
};
