import { type Clock, type Moment, momentOf, type ReportSink } from '../ports/index.js';
import type { DeliveryReport } from './report.js';

/** Tells the sink, and keeps a sink that breaks its promise not to throw from breaking a delivery. */
export class Reporter {
  readonly #clock: Clock;
  readonly #sink: ReportSink<DeliveryReport>;
  #failureCount = 0;

  constructor(clock: Clock, sink: ReportSink<DeliveryReport>) {
    this.#clock = clock;
    this.#sink = sink;
  }

  /** Reports that the sink threw on. */
  get failureCount(): number {
    return this.#failureCount;
  }

  /** `at` is when it happened: give it where the clocks have just been read, as that costs more than most reports do. Default: now. */
  tell(report: DeliveryReport, at: Moment = momentOf(this.#clock)): void {
    try {
      this.#sink(report, at);
    } catch {
      // The sink is the only voice this room has, so its own failure can be counted but not told.
      this.#failureCount += 1;
    }
  }
}
