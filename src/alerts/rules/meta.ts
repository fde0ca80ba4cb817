import { type Alert, PER_INSTANCE } from '../alert.js';

/** Whether the connector can be seen at all, and whether these rules can. Nothing here is healthy by default. */
export const META_ALERTS: readonly Alert[] = [
  {
    name: 'FeishuTargetDown',
    severity: 'warning',
    layer: 'meta',
    by: PER_INSTANCE,
    expr: (q) => `avg_over_time(up${q.target}${q.over('3m')}) < ${q.limit.upRatio}`,
    for: '2m',
    summary: 'An instance cannot be scraped.',
    description: ({ instance, percentage }) =>
      `Only ${percentage} of the scrapes of ${instance} succeeded in 3 minutes: what its metrics say is old. Look first whether the process runs; FeishuAppDeaf pages if it was the last one of an app.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27', 'F32'],
  },
  {
    name: 'FeishuTargetAbsent',
    severity: 'critical',
    layer: 'meta',
    by: ['job'],
    expr: (q) => `absent(up${q.target})`,
    for: '5m',
    summary: 'Prometheus knows no instance of the connector at all.',
    description: ({ job }) =>
      `There is no target of job ${job}: no alert about it can fire. Look first at the scrape configuration and service discovery of Prometheus, then whether anything is deployed.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
  {
    name: 'FeishuTargetDisappeared',
    severity: 'warning',
    layer: 'meta',
    by: PER_INSTANCE,
    expr: (q) => `present_over_time(up${q.target}${q.over('1h')}) unless on (job, instance) up${q.target}`,
    for: '10m',
    summary: 'An instance left service discovery.',
    description: ({ instance, job }) =>
      `${instance} was a target of job ${job} within the last hour and is none now. After a planned scale-down this ends by itself within the hour; otherwise look first at service discovery.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27', 'F41'],
  },
  {
    name: 'FeishuMetricsMissing',
    severity: 'critical',
    layer: 'meta',
    by: PER_INSTANCE,
    expr: (q) => `up${q.target} == 1 unless on (job, instance) feishu_ws_connected`,
    for: '5m',
    summary: 'An instance is scraped, but shows no metric of the connector.',
    description: ({ instance, job }) =>
      `${instance} answers scrapes of job ${job} without feishu_ws_connected: no other alert can see it. Look first at what its /metrics says, whether an app is configured, and whether relabelling drops series.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
  {
    name: 'FeishuCertificateNotRenewed',
    severity: 'warning',
    layer: 'meta',
    by: PER_INSTANCE,
    expr: (q) =>
      [
        `feishu_connector_certificate_expiry_timestamp_seconds < time() + ${q.limit.certificateLeftSeconds}`,
        'or feishu_connector_certificate_expiry_timestamp_seconds',
        'and on (job, instance) feishu_connector_certificate_files_usable == 0',
      ].join('\n'),
    // Whoever replaces two files leaves them of two pairs for a moment.
    for: '5m',
    summary: "The daemon's own TLS certificate ends soon, or its new one cannot be used.",
    description: ({ instance, moment }) =>
      `${instance} shows a TLS certificate that ends at ${moment}; from then on it cannot be scraped or asked, though its apps go on. Look first whether its files were renewed, then in its log for a new pair that is not used.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
  {
    name: 'FeishuRuleEvaluationFailing',
    severity: 'critical',
    layer: 'meta',
    by: [...PER_INSTANCE, 'rule_group'],
    expr: (q) => `increase(prometheus_rule_evaluation_failures_total{rule_group=~".*;feishu-.*"}${q.over('5m')}) > 0`,
    for: '5m',
    summary: 'Prometheus fails to evaluate these rules: they are blind.',
    description: ({ instance, label, count }) =>
      `Prometheus ${instance} failed ${count} times in 5 minutes to evaluate ${label('rule_group')}. Look first at its page of rules, which shows the error; many-to-many matching means that two series share job, instance and app.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
  {
    name: 'FeishuAlertsNotDelivered',
    severity: 'critical',
    layer: 'meta',
    by: PER_INSTANCE,
    expr: (q) =>
      [
        `max_over_time(prometheus_notifications_alertmanagers_discovered${q.over('5m')}) < 1`,
        `or min without (alertmanager) (rate(prometheus_notifications_errors_total${q.over('5m')}) / rate(prometheus_notifications_sent_total${q.over('5m')})) > ${q.limit.notificationErrorRatio}`,
      ].join('\n'),
    for: '10m',
    summary: 'Prometheus cannot hand over alerts to any Alertmanager.',
    description: ({ instance }) =>
      `Prometheus ${instance} finds no Alertmanager, or fails to send to all of them. This alert may not arrive either: the dead-man service behind FeishuWatchdog is what tells. Look first at the log of Prometheus.`,
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
  {
    name: 'FeishuWatchdog',
    severity: 'none',
    layer: 'meta',
    by: [],
    expr: () => 'vector(1)',
    summary: 'Always fires, to prove that alerts arrive. Its silence is the alarm.',
    description: () =>
      'The way from these rules through Alertmanager to the dead-man service works. If that service raises an alarm, look first whether Prometheus and Alertmanager run.',
    dashboard: 'feishu-objectives',
    failureModes: ['F27'],
  },
];
