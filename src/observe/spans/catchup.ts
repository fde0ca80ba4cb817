import type { Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { CatchupReport, GapCause } from '../../catchup/index.js';
import type { ReportSink } from '../../ports/index.js';
import { ATTRIBUTES } from '../attributes.js';
import { BoundedMap } from '../bounded-map.js';
import { openTelemetry } from '../packages.js';
import type { ConnectSpans } from './connect.js';
import { contextOf, fail, hrTimeOf } from './span.js';

/** Gaps whose cause is remembered: as many as are kept open. */
const MAX_GAPS = 100;

/**
 * `feishu.catchup`: one root span per run, from its start to its end or failure; none waits between two runs. It is linked to
 * the Attempt that ended the outage, unless an operator asked for all that it reads.
 */
export class CatchupSpans {
  readonly #tracer: Tracer;
  readonly #app: string;
  readonly #connect: ConnectSpans;
  readonly #causes = new BoundedMap<number, GapCause>(MAX_GAPS);
  #open: Span | null = null;
  #spanContext: SpanContext | null = null;

  constructor(tracer: Tracer, app: string, connect: ConnectSpans) {
    this.#tracer = tracer;
    this.#app = app;
    this.#connect = connect;
  }

  /** The span of the run that is under way, or of the last one. */
  get spanContext(): SpanContext | null {
    return this.#spanContext;
  }

  readonly onCatchup: ReportSink<CatchupReport> = (report, { wallNow }) => {
    switch (report.type) {
      case 'gap_opened':
        this.#causes.set(report.number, report.cause);
        return;
      case 'catchup_started':
        this.#start(report, wallNow);
        return;
      case 'catchup_finished':
        this.#open?.setAttribute(ATTRIBUTES.catchupEvents, report.found);
        this.#finish(wallNow);
        return;
      case 'catchup_failed':
        if (this.#open !== null) fail(this.#open, report.failure, report.detail);
        this.#finish(wallNow);
        return;
      case 'gap_closed':
        this.#causes.delete(report.record.number);
        return;
      default:
        return;
    }
  };

  /** Ends what is under way, as stopped by us. */
  end(wallMs: number): void {
    if (this.#open !== null) fail(this.#open, 'aborted', 'stopped');
    this.#finish(wallMs);
  }

  #start(report: Extract<CatchupReport, { type: 'catchup_started' }>, wallMs: number): void {
    // One run at a time: another that begins has ended the one before, whatever was left unsaid.
    this.end(wallMs);
    const { ROOT_CONTEXT, SpanKind } = openTelemetry();
    const span = this.#tracer.startSpan(
      'feishu.catchup',
      { root: true, kind: SpanKind.INTERNAL, links: this.#linksOf(report.gaps), startTime: hrTimeOf(wallMs) },
      ROOT_CONTEXT,
    );
    this.#spanContext = contextOf(span);
    if (!span.isRecording()) return;
    this.#open = span;
    span.setAttributes({ [ATTRIBUTES.app]: this.#app, [ATTRIBUTES.gapS]: (report.to - report.from) / 1_000 });
  }

  /** A gap whose cause nobody told here was left by an earlier process: it was an outage then. */
  #linksOf(gaps: readonly number[]): Link[] {
    const { regained } = this.#connect;
    const isAsked = gaps.every((number) => this.#causes.get(number) === 'operator');
    return regained === null || isAsked ? [] : [{ context: regained }];
  }

  #finish(wallMs: number): void {
    this.#open?.end(hrTimeOf(wallMs));
    this.#open = null;
  }
}
