import type { Logger } from 'pino';
import type { LookoutPolicy } from './catchup/index.js';
import { longestWaitMs, silenceLimitMs } from './connection/index.js';
import { canaryOf, hasCatchup } from './connector-catchup.js';
import type { Destination } from './connector-destination.js';
import { type ConnectorOptions, checked, type ResolvedOptions } from './connector-options.js';
import {
  createLogger,
  createLogs,
  createMetrics,
  createObserver,
  createRegistry,
  createSpans,
  type Logs,
  type LookoutMetrics,
  type Metrics,
  type MetricsRegistry,
  type Observer,
  type Spans,
} from './observe/index.js';
import type { Clock } from './ports/index.js';

export interface ObservationParts {
  readonly options: Pick<ConnectorOptions, 'registry' | 'logger' | 'catchup'>;
  readonly resolved: ResolvedOptions;
  readonly destination: Destination;
  /** Null: nothing is looked at from outside. */
  readonly lookoutPolicy: LookoutPolicy | null;
  readonly budget: LookoutMetrics['budget'];
  readonly clock: Clock;
}

/** What can be seen of one app from outside: its metrics, spans and logs, made in the order in which they need each other. */
export class Observation {
  /** Yours, if the options have one. */
  readonly registry: MetricsRegistry;
  readonly spans: Spans;
  readonly logger: Logger;
  /** All three as one subscriber to reports. */
  readonly observer: Observer;
  readonly #metrics: Metrics;
  readonly #logs: Logs;

  /** @throws ConnectorError `bad_option` for a registry that has this app's metrics already, or others under our names. */
  constructor(parts: ObservationParts) {
    const { options, resolved, destination, clock } = parts;
    const { app } = resolved;
    const eventTypes = destination.countedTypes();
    this.registry = options.registry ?? createRegistry();
    // Spans come first: metrics look them up for exemplars, logs for the trace of a line.
    this.spans = createSpans({ app, eventTypes, clock, onTelemetryError: (reason) => onTelemetryError(reason) });
    this.#metrics = checked(() =>
      createMetrics({
        registry: this.registry,
        app,
        eventTypes,
        spans: this.spans,
        hasJournal: resolved.journal !== null,
        sink: destination.kind,
        lookout: lookoutMetrics(parts),
        limits: {
          heartbeatIntervalMs: resolved.connection.heartbeatMs,
          silenceLimitMs: silenceLimitMs(resolved.connection),
          backoffMaxMs: longestWaitMs(resolved.connection),
          connectionsWanted: resolved.connections,
          handlerDeadlineMs: resolved.delivery.handlerDeadlineMs,
          queueCapacity: resolved.delivery.maxPending,
          tokenRefreshMarginMs: resolved.token.refreshMarginMs,
        },
      }),
    );
    const { onTelemetryError, onLog } = this.#metrics;
    this.logger = options.logger ?? createLogger({ onLog });
    this.#logs = createLogs({
      logger: this.logger,
      app,
      eventTypes,
      clock,
      spans: this.spans,
      onTelemetryError,
      // Our own logger counts every line by itself, those of handlers too; a foreign one cannot.
      ...(options.logger && { onLog }),
    });
    this.observer = createObserver({ spans: this.spans, metrics: this.#metrics, logs: this.#logs });
  }

  /** Nothing is to be reported for now: ends what spans and logs hold open. Metrics stay, for whoever scrapes next. */
  rest(): void {
    this.#logs.dispose();
    this.spans.dispose();
  }

  /** Takes this app's series out of the registry. */
  withdraw(): void {
    this.#metrics.dispose();
  }
}

function lookoutMetrics({ options, lookoutPolicy, budget }: ObservationParts): LookoutMetrics | null {
  return (
    lookoutPolicy && {
      serverViewIntervalMs: lookoutPolicy.view.isEnabled ? lookoutPolicy.view.intervalMs : null,
      hasCatchup: hasCatchup(lookoutPolicy),
      canaryIntervalMs: canaryOf(options.catchup)?.schedule.everyMs ?? null,
      budget,
    }
  );
}
