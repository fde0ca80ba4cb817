import type { ReportSink } from '../../ports/index.js';
import { Instruments } from '../instruments.js';
import type { MetricsRegistry } from '../registry.js';

/** What became of a configuration that a daemon was given: at its start, or in a reload. */
export type ConfigurationReport =
  | { readonly type: 'taken_over' }
  /** The one before stays in force. */
  | { readonly type: 'refused' };

/** Declares the series of a daemon's configuration, which belong to the process and have no label `app`. */
export function configurationMetrics(registry: MetricsRegistry): ReportSink<ConfigurationReport> {
  const instruments = Instruments.of(registry);
  const successful = instruments.gauge('feishu_connector_config_last_reload_successful', {});
  const succeededAt = instruments.gauge('feishu_connector_config_last_reload_success_timestamp_seconds', {});
  return ({ type }, { wallNow }) => {
    successful.set(type === 'refused' ? 0 : 1);
    if (type === 'taken_over') succeededAt.set(wallNow / 1_000);
  };
}
