import { type Alert, PER_APP, PER_CONNECTION } from '../alert.js';
import { AVAILABLE } from '../recording.js';

/** The socket: whether it is up, whether it stays up, and whether "up" is true. */
export const CONNECTION_ALERTS: readonly Alert[] = [
  {
    name: 'FeishuAppDeaf',
    severity: 'critical',
    layer: 'connection',
    by: PER_APP,
    expr: (q) => `max_over_time(${AVAILABLE}${q.over('2m')}) == 0`,
    for: '1m',
    summary: 'Nobody receives events for this app, or nobody can see that anyone does.',
    description: ({ app, job }) =>
      `App ${app} of job ${job} has no proven connection on any instance. Events are lost to us until one is back. Look first at the alerts of its instances: they name the cause.`,
    dashboard: 'feishu-overview',
    failureModes: ['F01', 'F02', 'F09', 'F16', 'F17', 'F18', 'F27', 'F41'],
  },
  {
    name: 'FeishuWsDisconnected',
    severity: 'warning',
    layer: 'connection',
    by: PER_CONNECTION,
    expr: (q) => `max_over_time(feishu_ws_connected${q.over('2m')}) == 0 ${q.whileEnabled}`,
    for: '1m',
    summary: 'This instance is not connected.',
    description: ({ app, instance }) =>
      `App ${app} on ${instance} has had no proven connection for over two minutes. Look first at its failures by code: the latest says why attempts fail.`,
    dashboard: 'feishu-connection',
    failureModes: ['F02', 'F12', 'F16', 'F17', 'F18', 'F19', 'F34'],
  },
  {
    name: 'FeishuWsGaveUp',
    severity: 'critical',
    layer: 'connection',
    by: [...PER_CONNECTION, 'state'],
    expr: (q) => `min_over_time(feishu_ws_state{state="stopped"}${q.over('1m')}) == 1 ${q.whileEnabled}`,
    for: '30s',
    summary: 'The connection stopped trying although it is meant to be up.',
    description: ({ app, instance }) =>
      `App ${app} on ${instance} is in the state stopped, and nobody stopped it on purpose: it will not come back by itself. Restart that process, and keep its log: this is a bug.`,
    dashboard: 'feishu-connection',
    failureModes: ['F01', 'F12'],
  },
  {
    name: 'FeishuWsReconnectStuck',
    severity: 'critical',
    layer: 'connection',
    by: PER_CONNECTION,
    expr: (q) =>
      [
        `(time() - feishu_ws_last_attempt_timestamp_seconds) > on (${q.connection}) (feishu_ws_backoff_max_seconds + ${q.allowance(q.limit.reconnectSlackSeconds)})`,
        `and on (${q.connection}) (max_over_time(feishu_ws_connected${q.over('2m')}) == 0)`,
        q.whileEnabled,
      ].join('\n'),
    for: '1m',
    summary: 'The connection is down and no attempt has begun for longer than any backoff.',
    description: ({ app, instance, duration }) =>
      `App ${app} on ${instance} is down, and its latest attempt began ${duration} ago: an await hangs or a timer was lost. Look first at the supervisor and the event loop, then restart that process.`,
    dashboard: 'feishu-connection',
    failureModes: ['F26', 'F28'],
  },
  {
    name: 'FeishuWsHalfOpen',
    severity: 'critical',
    layer: 'connection',
    by: PER_CONNECTION,
    expr: (q) =>
      [
        `(time() - feishu_ws_last_frame_timestamp_seconds) > on (${q.connection}) (${q.limit.halfOpenHeartbeats} * feishu_ws_heartbeat_interval_seconds)`,
        `and on (${q.connection}) feishu_ws_connected == 1`,
      ].join('\n'),
    for: '1m',
    summary: 'The connection counts as up, yet nothing arrives on it, not even a pong.',
    description: ({ app, instance, duration }) =>
      `App ${app} on ${instance} calls itself connected, but its last frame came ${duration} ago: the peer is gone and our own silence limit did not act. Restart that process; then look at the path in between.`,
    dashboard: 'feishu-connection',
    failureModes: ['F03', 'F05'],
  },
  {
    name: 'FeishuWsFlapping',
    severity: 'warning',
    layer: 'connection',
    by: PER_CONNECTION,
    expr: (q) =>
      `${q.growth(q.connection, 'feishu_ws_disconnects_total{failure!="local_stop"}', '15m')} > ${q.limit.flapsPer15m}`,
    keepFiringFor: '15m',
    summary: 'The connection is lost again and again, perhaps between two scrapes.',
    description: ({ app, instance, count }) =>
      `App ${app} on ${instance} lost its connection ${count} times in 15 minutes. Look first at its disconnects by failure: the same code every time points at the path, closed_by_peer at the platform.`,
    dashboard: 'feishu-connection',
    failureModes: ['F11', 'F35'],
  },
  {
    name: 'FeishuWsSessionsShort',
    severity: 'warning',
    layer: 'connection',
    by: PER_APP,
    // The bucket by a pattern: Prometheus 3 turns le="300" into le="300.0".
    expr: (q) => {
      const ended = q.growth(`job, ${q.app}`, 'feishu_ws_session_duration_seconds_count', '6h');
      const short = q.growth(`job, ${q.app}`, 'feishu_ws_session_duration_seconds_bucket{le=~"300(\\\\.0)?"}', '6h');
      return [
        `${short} / ${ended} > ${q.limit.shortSessionsRatio}`,
        `and ${ended} >= ${q.limit.shortSessionsMin}`,
      ].join('\n');
    },
    for: '5m',
    summary: 'Most connections of this app live less than five minutes.',
    description: ({ app, percentage }) =>
      `${percentage} of the connections of app ${app} that ended in the last 6 hours lasted less than 5 minutes. Look first at the heatmap of session durations: a sharp line is somebody's timeout, most often a proxy's.`,
    dashboard: 'feishu-connection',
    from: '1d',
    failureModes: ['F11', 'F17', 'F35'],
  },
  {
    name: 'FeishuSocketLeak',
    severity: 'warning',
    layer: 'connection',
    by: PER_CONNECTION,
    // Measured against what is wanted: a standby is no leak.
    expr: (q) =>
      `min_over_time(feishu_ws_sockets_open${q.over('10m')}) > on (${q.connection}) feishu_ws_connections_wanted`,
    for: '1m',
    summary: 'This instance keeps more sockets of its own open than it wants.',
    description: ({ app, instance, count }) =>
      `App ${app} on ${instance} has held at least ${count} sockets for 10 minutes: an old one was not closed, and the platform gives it part of the events. Restart that process, and keep its log: this is a bug.`,
    dashboard: 'feishu-connection',
    failureModes: ['F07', 'F20'],
  },
];
