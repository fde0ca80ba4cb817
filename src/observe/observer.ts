import type { CatchupReport } from '../catchup/index.js';
import type { ConnectionReport } from '../connection/index.js';
import type { DeliveryReport } from '../delivery/index.js';
import type { ReportSink } from '../ports/index.js';
import type { SinkReport } from '../sinks/index.js';
import type { TokenReport } from '../token/index.js';
import type { OnHttpCall } from './http.js';
import type { Logs } from './logs.js';
import type { Metrics } from './metrics.js';
import type { Spans } from './spans.js';
import type { SupervisorReport } from './supervisor.js';

/** One app's three outputs as one subscriber. No method throws. */
export interface Observer {
  readonly onConnection: ReportSink<ConnectionReport>;
  readonly onToken: ReportSink<TokenReport>;
  readonly onDelivery: ReportSink<DeliveryReport>;
  readonly onSink: ReportSink<SinkReport>;
  readonly onCatchup: ReportSink<CatchupReport>;
  readonly onHttp: OnHttpCall;
  readonly onSupervisor: ReportSink<SupervisorReport>;
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
