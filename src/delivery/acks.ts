import { type Clock, type Moment, momentOf } from '../ports/index.js';
import { ackBytes } from '../wire/index.js';
import type { Arrival } from './arrival.js';
import { ACK_LIMIT_MS } from './policy.js';
import type { DeliveryKind } from './report.js';
import type { Reporter } from './reporter.js';

/** What an ack says. */
export interface AckVerdict {
  /** 200: done with, as far as the platform is concerned. 500: push it again. */
  readonly code: 200 | 500;
  /** JSON of the handler's result, or null to send none. */
  readonly answer: string | null;
}

/** Which event an ack is for, in reports. */
export interface AckSubject {
  readonly kind: DeliveryKind;
  readonly eventType: string;
  readonly eventId: string;
}

export const TAKEN: AckVerdict = Object.freeze({ code: 200, answer: null });
export const AGAIN: AckVerdict = Object.freeze({ code: 500, answer: null });

/** Writes acks, each on the very Session that brought its frame: on another the platform could not know it. */
export class Acks {
  readonly #clock: Clock;
  readonly #reporter: Reporter;

  constructor(clock: Clock, reporter: Reporter) {
    this.#clock = clock;
    this.#reporter = reporter;
  }

  /** Tells whoever waits for this arrival what became of it. `at` is now. */
  send(
    { origin, at: arrivedAt }: Arrival,
    { code, answer }: AckVerdict,
    subject: AckSubject,
    at: Moment = momentOf(this.#clock),
  ): void {
    if (origin.by === 'feed') {
      origin.settle(code === 200 ? 'taken' : 'refused');
      return;
    }
    const { kind, eventType, eventId } = subject;
    const latencyMs = at.now - arrivedAt.now;
    const result: { result?: unknown } = answer === null ? {} : { result: JSON.parse(answer) };
    if (origin.session.send(ackBytes(origin.frame, { code, ...result, handlingMs: latencyMs }), at)) {
      const isLate = latencyMs > ACK_LIMIT_MS;
      this.#reporter.tell({ type: 'acked', kind, eventType, eventId, code, latencyMs, isLate }, at);
    } else {
      this.#reporter.tell({ type: 'ack_failed', kind, eventType, eventId, failure: 'socket_gone' }, at);
    }
  }

  /** The journal did not take it: no ack, so that the platform pushes it again. */
  withhold({ origin }: Arrival, { kind, eventType, eventId }: AckSubject): void {
    if (origin.by === 'feed') origin.settle('refused');
    else this.#reporter.tell({ type: 'ack_failed', kind, eventType, eventId, failure: 'journal_refused' });
  }
}

/**
 * A handler's result as the JSON of its ack, null if there is none. Falsy results are none, as in the official SDK.
 * @throws TypeError for what JSON cannot hold, or whatever a getter or `toJSON` of the result throws.
 */
export function answerOf(result: unknown): string | null {
  if (!result) return null;
  // Undefined for functions and symbols, though the types do not say so.
  const json: string | undefined = JSON.stringify(result);
  if (json === undefined) throw new TypeError(`a result of type ${typeof result} has no JSON for the ack`);
  return json;
}
