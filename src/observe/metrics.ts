import type { SinkKind } from '../sinks/index.js';
import { AppSeries } from './app-series.js';
import { type Build, readBuild } from './build.js';
import type { OnTelemetryError } from './catalogue.js';
import { guarded } from './guarded.js';
import { Instruments } from './instruments.js';
import type { LogLevel } from './log-level.js';
import { catchupMetrics, type LookoutMetrics, routesOf } from './metrics/catchup.js';
import { type ConnectionLimits, connectionMetrics } from './metrics/connection.js';
import { type DeliveryLimits, deliveryMetrics } from './metrics/delivery.js';
import { httpMetrics } from './metrics/http.js';
import { journalMetrics } from './metrics/journal.js';
import { processMetrics } from './metrics/process.js';
import { sinkMetrics } from './metrics/sinks.js';
import { type TokenLimits, tokenMetrics } from './metrics/token.js';
import type { MetricsRegistry } from './registry.js';
import { NO_SPANS, type SpanLookup } from './span-lookup.js';
import type { Subscriber } from './subscriber.js';

export type { LookoutMetrics } from './metrics/catchup.js';

/** Limits in force that alerts compare with; exported as gauges. */
export interface Limits extends ConnectionLimits, DeliveryLimits, TokenLimits {}

export interface MetricsOptions {
  /** Where the metrics live. Connectors may share one; it is never prom-client's global one unless you pass that. */
  readonly registry: MetricsRegistry;
  /** The operator's alias of the Feishu app, unique in the registry. */
  readonly app: string;
  /** Event types that have a handler; all others count as `other`. */
  readonly eventTypes: Iterable<string>;
  /** What the registry must speak. Default: whatever it speaks; with OpenMetrics exemplars are on. */
  readonly openMetrics?: boolean;
  readonly limits: Limits;
  /** Whether events are journaled. Without a journal its series do not exist: none of them looks healthy. Default false. */
  readonly hasJournal?: boolean;
  /** The sink that events go to, whose series alone exist. Default null: none that reports. */
  readonly sink?: SinkKind | null;
  /** What is looked at from outside, whose series alone exist. Default null: nothing is. */
  readonly lookout?: LookoutMetrics | null;
  /** Route templates the application calls besides our own; all others count as `other`. Default: none. */
  readonly routes?: Iterable<string>;
  /** Where exemplars come from. Default: none. Its spans must get each report before the metrics do. */
  readonly spans?: SpanLookup;
  /** Default: read from the packages. */
  readonly build?: Build;
}

/** One app's metrics: subscribers to the rooms' reports. No method throws. */
export interface Metrics extends Subscriber {
  /** A log line of this level was written. */
  readonly onLog: (level: LogLevel) => void;
  /** Counts a failure of our own instrumentation. */
  readonly onTelemetryError: OnTelemetryError;
  /** Only the operator's explicit pause says false; a stop, a drain and SIGTERM do not. */
  setEnabled(isEnabled: boolean): void;
  /** Takes this app's series out of the registry. Reports that still come are ignored. */
  dispose(): void;
}

/**
 * Declares every series of one app at 0, and subscribes to reports.
 * @throws TypeError if the registry speaks another format than `openMetrics` asks for.
 * @throws Error if the registry has this app's metrics already, or a metric of somebody else under our name.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { registry, app, limits, hasJournal = false, sink = null, build = readBuild(), lookout = null } = options;
  const instruments = Instruments.of(registry, options.openMetrics);
  // Without exemplars no event's span is looked for.
  const spans = (instruments.isOpenMetrics ? options.spans : null) ?? NO_SPANS;
  if (instruments.has('feishu_ws_enabled', { app })) {
    throw new Error(
      `the registry already has metrics of the app ${app}; give this one another name (app), or dispose of the other`,
    );
  }
  const series = new AppSeries(instruments, app);
  const guard = <Args extends readonly unknown[]>(sink: (...args: Args) => void): ((...args: Args) => void) =>
    guarded(sink, 'metrics', instruments.onError);
  const ofProcess = processMetrics(series, build);
  const ofDelivery = deliveryMetrics(series, options.eventTypes, limits, spans);
  const ofJournal = hasJournal ? journalMetrics(series, spans) : () => {};

  return {
    onConnection: guard(connectionMetrics(series, limits, spans)),
    onToken: guard(tokenMetrics(series, limits)),
    onDelivery: guard((report, moment) => {
      ofDelivery(report, moment);
      ofJournal(report, moment);
    }),
    onSink: guard(sink === null ? () => {} : sinkMetrics(series, sink, spans)),
    onCatchup: guard(lookout === null ? () => {} : catchupMetrics(series, lookout)),
    onHttp: guard(httpMetrics(series, [...routesOf(lookout), ...(options.routes ?? [])], spans)),
    onSupervisor: guard(ofProcess.onSupervisor),
    onLog: guard(ofProcess.onLog),
    onTelemetryError: instruments.onError,
    setEnabled: (isEnabled) => series.set('feishu_ws_enabled', {}, isEnabled ? 1 : 0),
    dispose: () => series.dispose(),
  };
}
