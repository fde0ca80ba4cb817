import type { ReportSink } from '../../ports/index.js';
import type { AppSeries } from '../app-series.js';
import type { Build } from '../build.js';
import { LOG_LEVELS, type LogLevel } from '../log-level.js';
import { promClient } from '../packages.js';
import type { MetricsRegistry } from '../registry.js';
import { CLOCK_JUMPS, type SupervisorReport } from '../supervisor.js';

/** What {@link processMetrics} feeds. */
export interface ProcessMetrics {
  readonly onSupervisor: ReportSink<SupervisorReport>;
  readonly onLog: (level: LogLevel) => void;
}

/** Declares the `feishu_connector_*` series. All but the supervisor's belong to the process and have no label `app`. */
export function processMetrics(series: AppSeries, build: Build): ProcessMetrics {
  const running = { version: build.version, node_sdk: build.nodeSdk, node: build.node };
  series.declare('feishu_connector_supervisor_heartbeat_timestamp_seconds', {});
  series.declare('feishu_connector_build_info', running);
  series.set('feishu_connector_build_info', running, 1);
  for (const direction of CLOCK_JUMPS) series.declare('feishu_connector_clock_jumps_total', { direction });
  for (const level of LOG_LEVELS) series.declare('feishu_connector_log_messages_total', { level });

  return {
    onSupervisor: (report, { wallNow }) => {
      switch (report.type) {
        case 'tick':
          series.set('feishu_connector_supervisor_heartbeat_timestamp_seconds', {}, wallNow / 1_000);
          return;
        case 'clock_jumped':
          series.add('feishu_connector_clock_jumps_total', { direction: report.byMs > 0 ? 'forward' : 'backward' });
          return;
      }
    },
    onLog: (level) => series.add('feishu_connector_log_messages_total', { level }),
  };
}

const withProcessMetrics = new WeakSet<MetricsRegistry>();

/**
 * Adds `process_*` and `nodejs_*` to a registry. For the owner of the process, the daemon: a library's user may have
 * them already. A second call for the same registry does nothing.
 */
export function collectProcessMetrics(registry: MetricsRegistry): void {
  if (withProcessMetrics.has(registry)) return;
  withProcessMetrics.add(registry);
  // Ten milliseconds: coarser, and the lag that delays heartbeats and acks hides in the sampling (F14).
  promClient().collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 });
}
