import { expect, test } from 'vitest';
import { ALERTS_FILE, RECORDING_FILE } from '../../src/alerts/index.js';
import { META_ALERTS } from '../../src/alerts/rules/meta.js';
import { A, fleet, HEALTHY_HOUR, JOB, PROMETHEUS, SHOWN_BY_INSTANCE } from './support/fleet.js';
import { play } from './support/play.js';
import { counting, days, during, failingOnceEvery, from, gone, minutes, unscraped } from './support/signals.js';
import { alertStories, allAreTold, firing } from './support/stories.js';

const OUR_RULES = { ...PROMETHEUS, rule_group: '/etc/prometheus/rules.yml;feishu-connection' } as const;
const OTHER_RULES = { ...PROMETHEUS, rule_group: '/etc/prometheus/rules.yml;node-exporter' } as const;
const ALERTMANAGER = { ...PROMETHEUS, alertmanager: 'http://one:9093/api/v2/alerts' } as const;

const stopped = (since: number, until: number) =>
  fleet()
    .change('up', A, during(since, until, 0))
    .change(SHOWN_BY_INSTANCE, A, unscraped(since, until));

alertStories('FeishuTargetDown', {
  severity: 'warning',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'an instance is killed': {
      world: stopped(minutes(10), minutes(20)),
      quietAt: minutes(11),
      pendingAt: minutes(12.5),
      firesAt: minutes(15),
      resolvedAt: minutes(23),
      labels: A,
      description:
        'Only 0% of the scrapes of a:9464 succeeded in 3 minutes: what its metrics say is old. Look first whether the process runs; FeishuAppDeaf pages if it was the last one of an app.',
      also: [],
    },
  },
  silent: {
    'one scrape in four fails': {
      world: fleet()
        .change('up', A, (was) => (at) => (at % 60 === 0 ? 0 : was(at)))
        .change(SHOWN_BY_INSTANCE, A, failingOnceEvery(60)),
      until: minutes(30),
    },
  },
});

alertStories('FeishuTargetAbsent', {
  severity: 'critical',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'service discovery loses every instance': {
      world: fleet()
        .change('up', { job: JOB }, gone(minutes(10), minutes(20)))
        .change(SHOWN_BY_INSTANCE, { job: JOB }, gone(minutes(10), minutes(20))),
      quietAt: minutes(9.5),
      pendingAt: minutes(13),
      firesAt: minutes(17),
      resolvedAt: minutes(20.5),
      labels: { job: JOB },
      description:
        'There is no target of job feishu-connector: no alert about it can fire. Look first at the scrape configuration and service discovery of Prometheus, then whether anything is deployed.',
      also: ['FeishuAppDeaf', 'FeishuConnectivityBudgetBurn'],
    },
  },
  silent: {
    'Prometheus restarts and misses some scrapes': {
      world: fleet().change(/./, {}, during(minutes(10), minutes(11), null)),
      until: minutes(20),
    },
  },
});

alertStories('FeishuTargetDisappeared', {
  severity: 'warning',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'an instance leaves service discovery, and heals itself after the hour': {
      world: fleet()
        .change('up', A, gone(minutes(10)))
        .change(SHOWN_BY_INSTANCE, A, gone(minutes(10))),
      quietAt: minutes(9.5),
      pendingAt: minutes(15),
      firesAt: minutes(25),
      stillAt: minutes(60),
      resolvedAt: minutes(73),
      labels: A,
      description:
        'a:9464 was a target of job feishu-connector within the last hour and is none now. After a planned scale-down this ends by itself within the hour; otherwise look first at service discovery.',
      also: [],
    },
  },
  silent: {
    'an instance is down, but still a target': { world: stopped(minutes(10), minutes(40)), until: minutes(45) },
  },
});

alertStories('FeishuMetricsMissing', {
  severity: 'critical',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'one instance answers scrapes without our metrics': {
      world: fleet().change(/^feishu_/, A, unscraped(minutes(10), minutes(20))),
      quietAt: minutes(9.5),
      pendingAt: minutes(13),
      firesAt: minutes(17),
      resolvedAt: minutes(20.5),
      labels: A,
      description:
        'a:9464 answers scrapes of job feishu-connector without feishu_ws_connected: no other alert can see it. Look first at what its /metrics says, whether an app is configured, and whether relabelling drops series.',
      also: [],
    },
  },
  silent: { 'an instance cannot be scraped at all': { world: stopped(minutes(10), minutes(40)), until: minutes(45) } },
});

const CERTIFICATE_ENDS = 'feishu_connector_certificate_expiry_timestamp_seconds';
const FILES_USABLE = 'feishu_connector_certificate_files_usable';

alertStories('FeishuCertificateNotRenewed', {
  severity: 'warning',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'less than a week is left, until a new one is in force': {
      world: fleet()
        .change(CERTIFICATE_ENDS, A, during(0, minutes(40), days(7) + minutes(10)))
        .change(CERTIFICATE_ENDS, A, from(minutes(40), days(97))),
      quietAt: minutes(9.5),
      pendingAt: minutes(13),
      firesAt: minutes(17),
      stillAt: minutes(39),
      resolvedAt: minutes(41),
      labels: A,
      description:
        'a:9464 shows a TLS certificate that ends at 1970-01-08 00:10:00 +0000 UTC; from then on it cannot be scraped or asked, though its apps go on. Look first whether its files were renewed, then in its log for a new pair that is not used.',
      also: [],
    },
    'its new pair cannot be used, though the old one lasts for months': {
      world: fleet().change(FILES_USABLE, A, during(minutes(10), minutes(30), 0)),
      quietAt: minutes(9.5),
      pendingAt: minutes(13),
      firesAt: minutes(17),
      resolvedAt: minutes(30.5),
      labels: A,
      description:
        'a:9464 shows a TLS certificate that ends at 1970-04-01 00:00:00 +0000 UTC; from then on it cannot be scraped or asked, though its apps go on. Look first whether its files were renewed, then in its log for a new pair that is not used.',
      also: [],
    },
  },
  silent: {
    'the files are of two pairs for a minute, while they are replaced': {
      world: fleet().change(FILES_USABLE, A, during(minutes(10), minutes(11), 0)),
      until: minutes(30),
    },
    'there is no TLS': {
      world: fleet()
        .change(CERTIFICATE_ENDS, A, during(0, minutes(30), null))
        .change(FILES_USABLE, A, during(0, minutes(30), null)),
      until: minutes(30),
    },
  },
});

alertStories('FeishuRuleEvaluationFailing', {
  severity: 'critical',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'a group of ours fails at every evaluation': {
      world: fleet().change(
        'prometheus_rule_evaluation_failures_total',
        OUR_RULES,
        counting(minutes(10), minutes(20), 15),
      ),
      quietAt: minutes(9.5),
      pendingAt: minutes(13),
      firesAt: minutes(17),
      resolvedAt: minutes(27),
      labels: OUR_RULES,
      description:
        'Prometheus prometheus:9090 failed 20 times in 5 minutes to evaluate /etc/prometheus/rules.yml;feishu-connection. Look first at its page of rules, which shows the error; many-to-many matching means that two series share job, instance and app.',
      also: [],
    },
  },
  silent: {
    "somebody else's rules fail": {
      world: fleet().change(
        'prometheus_rule_evaluation_failures_total',
        OTHER_RULES,
        counting(minutes(10), minutes(20), 15),
      ),
      until: minutes(30),
    },
  },
});

const notDelivered =
  'Prometheus prometheus:9090 finds no Alertmanager, or fails to send to all of them. This alert may not arrive either: the dead-man service behind FeishuWatchdog is what tells. Look first at the log of Prometheus.';
alertStories('FeishuAlertsNotDelivered', {
  severity: 'critical',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'there is no Alertmanager': {
      world: fleet().change(
        'prometheus_notifications_alertmanagers_discovered',
        PROMETHEUS,
        during(minutes(10), minutes(35), 0),
      ),
      quietAt: minutes(14),
      pendingAt: minutes(20),
      firesAt: minutes(27),
      resolvedAt: minutes(36),
      labels: PROMETHEUS,
      description: notDelivered,
      also: [],
    },
    'both Alertmanagers refuse': {
      world: fleet().change(
        'prometheus_notifications_errors_total',
        PROMETHEUS,
        counting(minutes(10), minutes(35), 15),
      ),
      quietAt: minutes(9.5),
      pendingAt: minutes(15),
      firesAt: minutes(27),
      resolvedAt: minutes(42),
      labels: PROMETHEUS,
      description: notDelivered,
    },
  },
  silent: {
    'one of two Alertmanagers refuses': {
      world: fleet().change(
        'prometheus_notifications_errors_total',
        ALERTMANAGER,
        counting(minutes(10), minutes(35), 15),
      ),
      until: minutes(40),
    },
  },
});

alertStories('FeishuWatchdog', {
  severity: 'none',
  layer: 'meta',
  dashboard: 'feishu-objectives',
  fires: {
    'anything is evaluated, from the first moment': {
      world: fleet(),
      firesAt: 0,
      stillAt: minutes(30),
      labels: {},
      description:
        'The way from these rules through Alertmanager to the dead-man service works. If that service raises an alarm, look first whether Prometheus and Alertmanager run.',
      also: [],
    },
  },
});

test('in a healthy hour nothing fires and nothing is even pending, but the watchdog', async () => {
  const { world, until } = HEALTHY_HOUR;
  const watchdog = { severity: 'none', layer: 'meta', dashboard: 'feishu-objectives' } as const;
  const { labels } = firing('FeishuWatchdog', watchdog, {}, '');
  const complaints = await play({
    alert: 'FeishuWatchdog',
    world,
    until,
    claims: [],
    whole: {
      files: [RECORDING_FILE, ALERTS_FILE],
      claims: [{ at: until, expr: `max_over_time(ALERTS[${until}s])`, series: [{ ...labels, alertstate: 'firing' }] }],
    },
  });
  expect(complaints).toBe('');
});

allAreTold(META_ALERTS);
