import type { Logger } from 'pino';
import type { Clock } from '../ports/index.js';
import type { OnTelemetryError } from './catalogue.js';
import { closedSet } from './closed-set.js';
import { guarded } from './guarded.js';
import { apiLimitOf } from './http.js';
import type { LogLevel } from './log-level.js';
import { catchupLogs } from './logs/catchup.js';
import { connectionLogs } from './logs/connection.js';
import { deliveryLogs } from './logs/delivery.js';
import { Lines, secondsOf } from './logs/lines.js';
import { sinkLogs } from './logs/sinks.js';
import { tokenLogs } from './logs/token.js';
import { NO_SPANS, type SpanLookup } from './span-lookup.js';
import type { Subscriber } from './subscriber.js';

export interface LogsOptions {
  /** Any pino logger; the lines are written by a child of it with the field `app`. */
  readonly logger: Logger;
  /** The operator's alias of the Feishu app. */
  readonly app: string;
  /** Event types that have a handler. */
  readonly eventTypes: Iterable<string>;
  /** Times the summaries of suppressed lines. */
  readonly clock: Clock;
  /** Told of each line written here. Leave it out for a logger that counts by itself. Default: nobody. */
  readonly onLog?: (level: LogLevel) => void;
  /** Where the trace of a line comes from. Default: none. Its spans must get each report before the logs do. */
  readonly spans?: SpanLookup;
  /** Takes note of our own failures. Default: nobody does. */
  readonly onTelemetryError?: OnTelemetryError;
}

/** One app's log lines: subscribers to the rooms' reports. No method throws. */
export interface Logs extends Subscriber {
  /** Tells of what was suppressed so far, and ends the timers. */
  dispose(): void;
}

/** Turns reports into log lines with the fields `app, event, failure, attempt, connection_id, outage_id`. */
export function createLogs(options: LogsOptions): Logs {
  const { logger, app, clock, onLog, spans = NO_SPANS, onTelemetryError = () => {} } = options;
  const lines = new Lines(logger.child({ app }), clock, onLog);
  const guard = <Args extends readonly unknown[]>(sink: (...args: Args) => void): ((...args: Args) => void) =>
    guarded(sink, 'logs', onTelemetryError);

  return {
    onConnection: guard(connectionLogs(lines, spans)),
    onToken: guard(tokenLogs(lines)),
    onDelivery: guard(deliveryLogs(lines, closedSet(options.eventTypes).of, spans)),
    onSink: guard(sinkLogs(lines, spans)),
    onCatchup: guard(catchupLogs(lines, spans)),
    onHttp: guard((call) => {
      const limit = apiLimitOf(call);
      if (limit === null) return;
      lines.writeLimited(`api_limited:${limit}`, 'warn', '[feishu] API call refused by a limit', {
        event: 'api_limited',
        reason: limit,
        api: call.route,
        code: call.apiCode,
        status: call.status,
      });
    }),
    onSupervisor: guard((report) => {
      if (report.type !== 'clock_jumped') return;
      lines.writeLimited('clock_jumped', 'warn', '[feishu] wall clock jumped', {
        event: 'clock_jumped',
        by_s: secondsOf(report.byMs),
      });
    }),
    dispose: guard(() => lines.flush()),
  };
}
