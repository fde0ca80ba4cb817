import type { SpanContext } from '@opentelemetry/api';
import type { DestinationStream, Level, Logger, LoggerOptions } from 'pino';
import { redact } from '../ports/index.js';
import { type LogLevel, logLevelOf } from './log-level.js';
import { openTelemetry, pinoPackage } from './packages.js';

export interface CreateLoggerOptions {
  /** Lines below it are not written. Default: `info`. */
  readonly level?: Level | 'silent';
  /** Told of each line that is written, for `feishu_connector_log_messages_total`. Default: nobody. */
  readonly onLog?: (level: LogLevel) => void;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * The default logger: JSON lines with ISO times and level names. Each line carries `trace_id`, `span_id` and
 * `trace_flags` of the active span, if there is one, and passes {@link redact} whole before it is written.
 */
export function createLogger(options: CreateLoggerOptions = {}): Logger {
  const { level = 'info', onLog, destination } = options;
  const { pino, stdTimeFunctions } = pinoPackage();
  const { trace } = openTelemetry();
  const settings: LoggerOptions = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: (_fields, pinoNumber) => {
      onLog?.(logLevelOf(pinoNumber));
      return traceFields(trace.getActiveSpan()?.spanContext() ?? null);
    },
    hooks: { streamWrite: redact },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** What ties a log line to a span; nothing without one. */
export function traceFields(spanContext: SpanContext | null): Record<string, string> {
  if (spanContext === null || !/[1-9a-f]/.test(spanContext.traceId)) return {};
  return {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: spanContext.traceFlags.toString(16).padStart(2, '0'),
  };
}
