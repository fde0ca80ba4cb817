export { redact } from '../ports/index.js';
export { activeTraceparent } from './active-trace.js';
export { ATTRIBUTES } from './attributes.js';
export { type Build, readBuild } from './build.js';
export {
  definitionOf,
  LABELS,
  type Label,
  METRIC_NAMES,
  METRICS,
  type MetricDefinition,
  type MetricName,
  type MetricType,
  type OnTelemetryError,
  TELEMETRY_ERRORS,
  type TelemetryError,
} from './catalogue.js';
export { catalogueMarkdown } from './catalogue-markdown.js';
export {
  API_FAILURES,
  API_LIMITS,
  type ApiFailure,
  type ApiLimit,
  apiCodeOf,
  apiFailureOf,
  apiLimitOf,
  type HttpCall,
  KNOWN_ROUTES,
  type OnHttpCall,
  observeHttp,
} from './http.js';
export { telemetryErrorsOf } from './instruments.js';
export { LOG_LEVELS, type LogLevel, logLevelOf } from './log-level.js';
export { type CreateLoggerOptions, createLogger } from './logger.js';
export { createLogs, type Logs, type LogsOptions } from './logs.js';
export { type ConfigurationReport, configurationMetrics } from './metrics/configuration.js';
export { collectProcessMetrics } from './metrics/process.js';
export { type CertificateInForce, surfaceMetrics } from './metrics/surface.js';
export { createMetrics, type Limits, type LookoutMetrics, type Metrics, type MetricsOptions } from './metrics.js';
export { createObserver, type Observer } from './observer.js';
export { packageFolder } from './package-folder.js';
export { RecentMap } from './recent-map.js';
export { createRegistry, type MetricsRegistry } from './registry.js';
export { type Scrape, type ScrapeOptions, SLICE_MS, scrape } from './scrape.js';
export { NO_SPANS, type SpanLookup } from './span-lookup.js';
export { isFirstOffer, isSecondOffer } from './spans/offers.js';
export { createSpans, type Spans, type SpansOptions } from './spans.js';
export { Sparse } from './sparse.js';
export { clockJumpMs, Supervisor, type SupervisorReport } from './supervisor.js';
export { hasTracerProvider } from './tracer-provider.js';
