import { type Dispatcher, type FeishuEvent, type HandlerContext, NO_HANDLER } from '../delivery/index.js';
import { type Clock, firstLineOf, momentOf, type ReportSink } from '../ports/index.js';
import { HealthBook } from './health.js';
import type { SendFailure, SinkKind, SinkReport } from './report.js';
import { abandoned, refusalOf, SendError, sendErrorOf } from './send-error.js';
import type { Sink } from './sink.js';
import { Slots } from './slots.js';

/** What became of an event that got through. */
export interface Sent {
  /** What {@link Dispatcher.dispatch} resolves to. */
  readonly answer: unknown;
  /** The other side says that it had the event before. */
  readonly isDuplicate: boolean;
  /** For people, for the sink's health. */
  readonly evidence: string;
}

/** What the outlets of a sink tell while no event is sent: those that hold a connection. */
export interface OutletSigns {
  works(evidence: string): void;
  lost(failure: SendFailure, detail: string): void;
  tell(report: SinkReport): void;
}

/** The part of a sink that differs: how one event gets out. */
export interface Outlet<Client = unknown> extends Pick<Dispatcher<Client>, 'handles' | 'eventTypes' | 'answersEvents'> {
  readonly kind: SinkKind;
  /** Sends under way at most; more wait. Null where the pipeline's own bound is enough. */
  readonly maxInFlight: number | null;
  /**
   * Whether an aborted send comes to an end by itself, and a stop waits for that. Functions of this process may never: the
   * pipeline has waited for them as long as it was told to.
   */
  readonly endsWhenAborted: boolean;
  /** Gets in touch. Returns at once. */
  start(signs: OutletSigns): void;
  /** Lets go of everything. Bounded by the outlet itself. */
  stop(): Promise<void>;
  /**
   * Sends one event, under a deadline of the outlet's own. Rejects with a {@link SendError}; whatever else it rejects
   * with was thrown by a handler. Resolves to null if nobody handles the event's type.
   * @param signal Aborts with the delivery or the sink, with a {@link SendError} as its reason.
   */
  send(event: FeishuEvent, context: HandlerContext<Client>, signal: AbortSignal): Promise<Sent | null>;
}

/** How long `stop` waits for sends under way, in milliseconds: the pipeline has drained or aborted them before. */
export const STOP_DEADLINE_MS = 5_000;

/** A {@link Sink} around an outlet: bound, reports and health are the same for all of them. */
export class OutletSink<Client = unknown> implements Sink<Client> {
  readonly kind: SinkKind;
  readonly answersEvents: boolean;
  readonly #outlet: Outlet<Client>;
  readonly #clock: Clock;
  readonly #health: HealthBook;
  readonly #slots: Slots | null;
  readonly #listeners = new Set<ReportSink<SinkReport>>();
  readonly #underWay = new Set<AbortController>();
  #isRunning = false;
  #idle: (() => void) | null = null;

  constructor(outlet: Outlet<Client>, clock: Clock) {
    this.kind = outlet.kind;
    this.answersEvents = outlet.answersEvents;
    this.#outlet = outlet;
    this.#clock = clock;
    this.#health = new HealthBook(outlet.kind, clock, this.#tell);
    this.#slots =
      outlet.maxInFlight === null
        ? null
        : new Slots(outlet.maxInFlight, (count, capacity) =>
            this.#tell({ type: 'in_flight', sink: this.kind, count, capacity }),
          );
  }

  get eventTypes(): readonly string[] {
    return this.#outlet.eventTypes;
  }

  handles(eventType: string): boolean {
    return this.#outlet.handles(eventType);
  }

  subscribe(listener: ReportSink<SinkReport>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  health() {
    return this.#health.read();
  }

  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#health.started();
    this.#outlet.start({
      works: (evidence) => this.#health.works(evidence),
      lost: (failure, detail) => this.#health.lost(failure, detail),
      tell: this.#tell,
    });
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    if (this.#outlet.endsWhenAborted) await this.#drained();
    for (const send of this.#underWay) send.abort(new SendError('closed', 'later', 'the sink was stopped'));
    await this.#outlet.stop();
    this.#health.stopped();
  }

  async dispatch(event: FeishuEvent, context: HandlerContext<Client>): Promise<unknown> {
    const startedAt = this.#clock.now();
    try {
      const sent = await this.#send(event, context);
      if (sent === null) return NO_HANDLER;
      this.#health.works(sent.evidence);
      this.#tell({
        type: 'sent',
        ...this.#whatOf(event, context, startedAt),
        isDuplicate: sent.isDuplicate,
      });
      return sent.answer;
    } catch (thrown) {
      const error = sendErrorOf(thrown);
      const { failure, remedy, afterMs, message } = error;
      const detail = firstLineOf(message);
      this.#health.failed(failure, detail);
      this.#tell({
        type: 'send_failed',
        ...this.#whatOf(event, context, startedAt),
        failure,
        remedy,
        afterMs,
        detail,
      });
      throw refusalOf(error);
    }
  }

  async #send(event: FeishuEvent, context: HandlerContext<Client>): Promise<Sent | null> {
    if (!this.#isRunning) throw new SendError('closed', 'later', 'the sink is not running');
    const send = new AbortController();
    const abandon = (): void => send.abort(abandoned(context.signal, this.kind));
    if (context.signal.aborted) abandon();
    context.signal.addEventListener('abort', abandon, { once: true });
    this.#underWay.add(send);
    const out = (): Promise<Sent | null> => this.#outlet.send(event, context, send.signal);
    try {
      return await (this.#slots === null ? out() : this.#slots.run(send.signal, out));
    } finally {
      context.signal.removeEventListener('abort', abandon);
      this.#underWay.delete(send);
      if (this.#underWay.size === 0) this.#idle?.();
    }
  }

  #whatOf(event: FeishuEvent, context: HandlerContext<Client>, startedAt: number) {
    return {
      sink: this.kind,
      eventType: event.type,
      eventId: event.id,
      attempt: context.attempt,
      durationMs: this.#clock.now() - startedAt,
    };
  }

  /** Resolves when nothing is under way, or at the deadline. */
  #drained(): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        deadline.cancel();
        this.#idle = null;
        resolve();
      };
      const deadline = this.#clock.timer(STOP_DEADLINE_MS, finish);
      this.#idle = finish;
    });
  }

  readonly #tell = (report: SinkReport): void => {
    const moment = momentOf(this.#clock);
    for (const listener of this.#listeners) listener(report, moment);
  };
}
