import type { Logs } from './logs.js';
import type { Metrics } from './metrics.js';
import type { Spans } from './spans.js';
import type { Subscriber } from './subscriber.js';

/** One app's three outputs as one subscriber. No method throws. */
export interface Observer extends Subscriber {
  /** Disposes of all three; the last lines are written and counted first. */
  dispose(): void;
}

/** Hands each report to spans, metrics and logs, in this order: exemplars and lines name the span that a report starts. */
export function createObserver(parts: {
  readonly spans: Spans;
  readonly metrics: Metrics;
  readonly logs: Logs;
}): Observer {
  const { spans, metrics, logs } = parts;
  return {
    onConnection: (report, moment) => {
      spans.onConnection(report, moment);
      metrics.onConnection(report, moment);
      logs.onConnection(report, moment);
    },
    onToken: (report, moment) => {
      metrics.onToken(report, moment);
      logs.onToken(report, moment);
    },
    onDelivery: (report, moment) => {
      spans.onDelivery(report, moment);
      metrics.onDelivery(report, moment);
      logs.onDelivery(report, moment);
    },
    onSink: (report, moment) => {
      metrics.onSink(report, moment);
      logs.onSink(report, moment);
    },
    onCatchup: (report, moment) => {
      spans.onCatchup(report, moment);
      metrics.onCatchup(report, moment);
      logs.onCatchup(report, moment);
    },
    onHttp: (call, moment) => {
      spans.onHttp(call, moment);
      metrics.onHttp(call, moment);
      logs.onHttp(call, moment);
    },
    onSupervisor: (report, moment) => {
      metrics.onSupervisor(report, moment);
      logs.onSupervisor(report, moment);
    },
    dispose: () => {
      spans.dispose();
      logs.dispose();
      metrics.dispose();
    },
  };
}
