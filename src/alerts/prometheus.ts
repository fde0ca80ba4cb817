import { timeScale } from './duration.js';
import type { AlertOptions } from './options.js';
import { ALERTS_FILE, BASELINE_FILE, RECORDING_FILE } from './rule-file-names.js';
import { yamlFile } from './yaml-file.js';

/** Where things are, as `host:port`. */
export interface PrometheusTargets {
  readonly connectors: readonly string[];
  readonly prometheus: string;
  readonly alertmanagers: readonly string[];
}

export const EXAMPLE_TARGETS: PrometheusTargets = Object.freeze({
  connectors: ['127.0.0.1:9464'],
  prometheus: '127.0.0.1:9090',
  alertmanagers: ['127.0.0.1:9093'],
});

/** A whole configuration of Prometheus that scrapes the connector and itself, and evaluates these rules. */
export function prometheusConfig(options: AlertOptions, targets: PrometheusTargets = EXAMPLE_TARGETS): string {
  const interval = timeScale(options.timeScale).hold('15s');
  return yamlFile(
    [
      'Prometheus for feishu-connector. Generated: an example to copy, or to merge into a configuration that exists.',
      'The rule files need Prometheus 2.42 or newer (keep_firing_for).',
    ],
    {
      global: { scrape_interval: interval, evaluation_interval: interval },
      rule_files: [RECORDING_FILE, ALERTS_FILE, BASELINE_FILE],
      alerting: { alertmanagers: [{ static_configs: [{ targets: targets.alertmanagers }] }] },
      scrape_configs: [
        { job_name: options.job, static_configs: [{ targets: targets.connectors }] },
        { job_name: 'prometheus', static_configs: [{ targets: [targets.prometheus] }] },
      ],
    },
    [
      {
        path: ['global', 'scrape_interval'],
        comment:
          'The windows and holds of the rules are made for 15 s: slower, and short windows hold too few samples.',
      },
      {
        path: ['scrape_configs', 0],
        comment:
          'The name is the label job that the rules select. Every instance of the connector belongs here. Where it has a password or TLS: scheme, basic_auth and tls_config, as in docs/security.md.',
      },
      {
        path: ['scrape_configs', 1],
        comment: 'Its own metrics tell when these rules fail and when alerts are not delivered.',
      },
    ],
  );
}
