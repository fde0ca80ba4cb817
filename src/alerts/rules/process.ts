import { type Alert, PER_CONNECTION, PER_INSTANCE } from '../alert.js';

/** The process around the connector. */
export const PROCESS_ALERTS: readonly Alert[] = [
  {
    name: 'FeishuSupervisorStalled',
    severity: 'critical',
    layer: 'process',
    by: PER_CONNECTION,
    expr: (q) =>
      `time() - feishu_connector_supervisor_heartbeat_timestamp_seconds > ${q.allowance(q.limit.supervisorSilenceSeconds)}`,
    for: '1m',
    summary: 'The process answers HTTP, but the loop that owns its timers does not run.',
    description: ({ app, instance, duration }) =>
      `The supervisor of app ${app} on ${instance} ticked last ${duration} ago: no reconnect, heartbeat or token refresh is due any more. Restart that process, and keep its log: this is a bug.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F26', 'F27'],
  },
  {
    name: 'FeishuConnectorCrashLooping',
    severity: 'critical',
    layer: 'process',
    by: PER_INSTANCE,
    expr: (q) => `changes(process_start_time_seconds${q.target}${q.over('15m')}) > ${q.limit.restartsPer15m}`,
    keepFiringFor: '15m',
    summary: 'The process restarts again and again.',
    description: ({ instance, count }) =>
      `${instance} restarted ${count} times in 15 minutes. Look first at the last lines of its log and its exit code, then at what its supervisor (systemd, Kubernetes) says about memory and probes.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F31', 'F32'],
  },
  {
    name: 'FeishuEventLoopBlocked',
    severity: 'warning',
    layer: 'process',
    by: PER_INSTANCE,
    expr: (q) =>
      `avg_over_time(nodejs_eventloop_lag_p99_seconds${q.target}${q.over('10m')}) > ${q.limit.eventLoopLagSeconds}`,
    for: '5m',
    summary: 'The event loop is blocked: heartbeats and acks run late.',
    description: ({ instance, duration }) =>
      `One in a hundred turns of the event loop of ${instance} waits ${duration} or longer. Look first at its CPU, then for synchronous work in handlers.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F14'],
  },
  {
    name: 'FeishuConfigReloadFailed',
    severity: 'warning',
    layer: 'process',
    by: PER_INSTANCE,
    // Over two minutes: a scrape that fails now and then must not hide it for ever.
    expr: (q) => `max_over_time(feishu_connector_config_last_reload_successful${q.over('2m')}) == 0`,
    for: '5m',
    summary: 'A reload was refused: the configuration in force is older than the file.',
    description: ({ instance }) =>
      `${instance} goes on with the configuration before: nothing of the new one is in force, for no app, and the process may not start with it again. Look first at what feishu-connector status says was wrong with it, mend that, and reload; do not restart before.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
];
