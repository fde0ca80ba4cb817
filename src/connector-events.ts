import type { CatchupReport, GapRecord } from './catchup/index.js';
import type { ConnectionReport, FailureCode, OutageSummary, State, Step } from './connection/index.js';
import type { DeadLetterReason, DeliveryReport, Source } from './delivery/index.js';
import type { Moment, Verdict } from './ports/index.js';
import type { SinkReport } from './sinks/index.js';
import type { TokenReport } from './token/index.js';

/** What `connector.on` tells. All moments as epoch milliseconds in `at`, durations in milliseconds. */
export interface ConnectorEvents {
  /** The Connection changed its state. */
  state: { readonly from: State; readonly to: State; readonly at: number };
  /** An Attempt began, or failed. One that succeeds changes the `state`. */
  attempt:
    | { readonly phase: 'started'; readonly number: number; readonly isReconnect: boolean; readonly at: number }
    | {
        readonly phase: 'failed';
        readonly number: number;
        readonly step: Step;
        readonly failure: FailureCode;
        readonly verdict: Verdict;
        /** What went wrong, one bounded line. */
        readonly detail: string;
        readonly at: number;
      };
  /** Connected again after an Outage; it counts as over once this Connection proves stable. */
  reconnected: {
    readonly attempt: number;
    readonly connectionId: string;
    readonly outage: OutageSummary;
    readonly at: number;
  };
  /** An Outage began or ended. */
  outage:
    | { readonly phase: 'started'; readonly number: number; readonly cause: FailureCode; readonly at: number }
    | ({ readonly phase: 'ended'; readonly at: number } & OutageSummary);
  /** A whole event arrived, duplicates included; the handlers get its content. */
  event: {
    readonly id: string;
    readonly type: string;
    readonly source: Source;
    readonly ageMs: number | null;
    readonly at: number;
  };
  /** Nobody handled an event, and nobody will until a human says so; see `connector.deadLetters`. */
  deadLetter: {
    readonly id: string;
    readonly type: string;
    readonly reason: DeadLetterReason;
    /** Failures that counted. */
    readonly attempts: number;
    /** What went wrong last, one bounded line. */
    readonly detail: string;
    readonly at: number;
  };
  /** A time in which events may have passed us by is over and done with: what became of it. */
  gap: GapRecord & { readonly at: number };
  /** Everything the rooms report, as metrics, spans and logs get it. */
  report: ConnectorReport & { readonly moment: Moment };
}

/** A report and the room it came from. */
export type ConnectorReport =
  | { readonly room: 'connection'; readonly report: ConnectionReport }
  | { readonly room: 'token'; readonly report: TokenReport }
  | { readonly room: 'delivery'; readonly report: DeliveryReport }
  | { readonly room: 'catchup'; readonly report: CatchupReport }
  | { readonly room: 'sinks'; readonly report: SinkReport };

/** What `connector.on` takes for a name. What it throws is logged and changes nothing else. */
export type Listener<Name extends keyof ConnectorEvents> = (told: ConnectorEvents[Name]) => void;

/** Listeners by name. One that throws is told to `onThrow` and keeps neither the others nor the connector from going on. */
export class Listeners {
  readonly #byName = new Map<keyof ConnectorEvents, Set<(told: never) => void>>();
  readonly #onThrow: (name: string, error: unknown) => void;

  constructor(onThrow: (name: string, error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  /** @returns Ends the subscription. */
  add<Name extends keyof ConnectorEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  has(name: keyof ConnectorEvents): boolean {
    return (this.#byName.get(name)?.size ?? 0) > 0;
  }

  tell<Name extends keyof ConnectorEvents>(name: Name, told: ConnectorEvents[Name]): void {
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        (listener as Listener<Name>)(told);
      } catch (error) {
        this.#onThrow(name, error);
      }
    }
  }

  /** Tells what a room reported, under every name that it goes by. */
  tellReport(from: ConnectorReport, moment: Moment): void {
    if (this.has('report')) this.tell('report', { ...from, moment });
    const at = moment.wallNow;
    const { report } = from;
    switch (report.type) {
      case 'state_changed':
        this.tell('state', { from: report.from, to: report.to, at });
        break;
      case 'attempt_started': {
        const { attempt: number, isReconnect } = report;
        this.tell('attempt', { phase: 'started', number, isReconnect, at });
        break;
      }
      case 'attempt_failed': {
        const { attempt: number, step, failure, verdict } = report;
        this.tell('attempt', {
          phase: 'failed',
          number,
          step,
          failure: failure.code,
          verdict,
          detail: failure.detail,
          at,
        });
        break;
      }
      case 'connected': {
        const { attempt, connectionId, outage } = report;
        if (outage) this.tell('reconnected', { attempt, connectionId, outage, at });
        break;
      }
      case 'outage_started':
        this.tell('outage', { phase: 'started', number: report.outage, cause: report.cause, at });
        break;
      case 'outage_ended':
        this.tell('outage', { phase: 'ended', ...report.outage, at });
        break;
      case 'event_received': {
        const { eventId: id, eventType: type, source, ageMs } = report;
        this.tell('event', { id, type, source, ageMs, at });
        break;
      }
      case 'dead_lettered': {
        const { eventId: id, eventType: type, reason, attempts, detail } = report;
        this.tell('deadLetter', { id, type, reason, attempts, detail, at });
        break;
      }
      case 'gap_closed':
        this.tell('gap', { ...report.record, at });
        break;
    }
  }
}
