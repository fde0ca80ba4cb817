import type { CatchupReport } from '../catchup/index.js';
import type { ConnectionReport } from '../connection/index.js';
import type { DeliveryReport } from '../delivery/index.js';
import type { ReportSink } from '../ports/index.js';
import type { SinkReport } from '../sinks/index.js';
import type { TokenReport } from '../token/index.js';
import type { OnHttpCall } from './http.js';
import type { SupervisorReport } from './supervisor.js';

/** Whoever takes one app's reports, of every room. No method throws. */
export interface Subscriber {
  readonly onConnection: ReportSink<ConnectionReport>;
  readonly onToken: ReportSink<TokenReport>;
  readonly onDelivery: ReportSink<DeliveryReport>;
  readonly onSink: ReportSink<SinkReport>;
  readonly onCatchup: ReportSink<CatchupReport>;
  readonly onHttp: OnHttpCall;
  readonly onSupervisor: ReportSink<SupervisorReport>;
}
