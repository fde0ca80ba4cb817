import type { Dispatcher, FeishuEvent, HandlerContext } from '../delivery/index.js';
import type { ReportSink } from '../ports/index.js';
import type { SendFailure, SinkKind, SinkReport } from './report.js';

/**
 * Where events go: a {@link Dispatcher} with a life and a health. It never retries by itself, since the pipeline does: a
 * send that fails now throws `RetryLater`, one that fails for good `Undeliverable`, and anything else counts as a failed
 * attempt of the event.
 */
export interface Sink<Client = unknown> extends Dispatcher<Client> {
  readonly kind: SinkKind;
  /** Like every {@link Dispatcher.dispatch}, but it always takes a while. */
  dispatch(event: FeishuEvent, context: HandlerContext<Client>): Promise<unknown>;
  /** Gets in touch with the other side, and stays so. Resolves at once: that nobody is there is no reason to fail. */
  start(): Promise<void>;
  /** Lets sends under way finish for a bounded time, then lets go of everything. It can be started again. */
  stop(): Promise<void>;
  /** What is known of the other side, now. Plain data, made anew at every call. */
  health(): SinkHealth;
  /**
   * Hears every report from now on.
   * @returns Ends that.
   */
  subscribe(listener: ReportSink<SinkReport>): () => void;
}

/** What may stand in for a {@link Sink}: any dispatcher, with as much of a life as it has. */
export type SinkLike<Client = unknown> = Dispatcher<Client> & Partial<Omit<Sink<Client>, keyof Dispatcher>>;

/** `unknown`: nothing was tried yet. */
export const SINK_STATES = ['unknown', 'up', 'down', 'stopped'] as const;
export type SinkState = (typeof SINK_STATES)[number];

/** Whether events get through, what says so, and how old that word is. Moments as epoch milliseconds, ages in milliseconds. */
export interface SinkHealth {
  readonly kind: SinkKind;
  readonly state: SinkState;
  /** Since when it is in this state. */
  readonly since: number;
  /** For people: what the state rests on. */
  readonly evidence: string;
  /** Age of the evidence; null if there never was any. */
  readonly ageMs: number | null;
  /** The latest failure, kept after recovery. */
  readonly lastError: { readonly failure: SendFailure; readonly detail: string; readonly at: number } | null;
}
