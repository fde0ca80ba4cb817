import { type Clock, momentOf, type Timer } from '../ports/index.js';
import {
  type Envelope,
  EnvelopeError,
  type ExpiredAssembly,
  excerptOf,
  Fragments,
  type Frame,
  headerOf,
  parseEnvelope,
  withoutPayload,
} from '../wire/index.js';
import { type Acks, AGAIN } from './acks.js';
import type { Arrival, Pushed } from './arrival.js';
import type { DropReason } from './report.js';
import type { Reporter } from './reporter.js';
import type { Session } from './session.js';

/** A message that is an event. The payload is only good for as long as the call that brought the frame: see {@link Arrival}. */
export interface Taken {
  readonly arrival: Arrival;
  readonly envelope: Envelope;
  readonly payload: Uint8Array;
}

/** From data frames to whole events. Whatever is no event ends here, with its reason told. */
export class Intake {
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #acks: Acks;
  readonly #fragments = new Fragments();
  // Only while a message is open: a pipeline at rest owns no timer.
  #expiry: Timer | null = null;

  constructor(clock: Clock, reporter: Reporter, acks: Acks) {
    this.#clock = clock;
    this.#reporter = reporter;
    this.#acks = acks;
  }

  /** Messages of which fragments are still to come. */
  get openCount(): number {
    return this.#fragments.openCount;
  }

  /** The event that this frame completes, or null. */
  take(frame: Frame, session: Session, at = momentOf(this.#clock)): Taken | null {
    const payload = this.#payloadOf(frame, at.now);
    if (payload === null) return null;
    const origin: Pushed = { by: 'platform', frame: withoutPayload(frame), session };
    const arrival: Arrival = { at, origin };
    const envelope = this.#envelopeOf(payload, arrival, headerOf(frame, 'type') === 'card');
    return envelope === null ? null : { arrival, envelope, payload };
  }

  /** Lets go of what is not whole; the platform pushes it again, as it got no ack. */
  close(): void {
    for (const { messageId, arrived, sum } of this.#fragments.expire(Number.POSITIVE_INFINITY)) {
      this.#drop('stopping', `${arrived} of ${sum} fragments of message ${messageId} had arrived`);
    }
    this.#schedule();
  }

  #payloadOf(frame: Frame, now: number): Uint8Array | null {
    const type = headerOf(frame, 'type');
    if (type !== 'event' && type !== 'card')
      return this.#drop('unknown_type', `type ${quoted(type && excerptOf(type, 40))}`);
    const messageId = headerOf(frame, 'message_id');
    const sum = countOf(headerOf(frame, 'sum'));
    const seq = countOf(headerOf(frame, 'seq'));
    if (!messageId || sum === null || seq === null) {
      const found = ['message_id', 'sum', 'seq'].map((key) => `${key} ${quoted(headerOf(frame, key))}`);
      return this.#drop('bad_headers', found.join(', '));
    }
    const payload = frame.payload ?? new Uint8Array();
    const outcome = this.#fragments.add({ messageId, sum, seq, payload }, now);
    this.#tellExpired(outcome.evicted);
    this.#schedule();
    if (outcome.type === 'rejected') return this.#drop('bad_fragment', outcome.detail);
    return outcome.type === 'whole' ? outcome.payload : null;
  }

  #envelopeOf(payload: Uint8Array, arrival: Arrival, isCard: boolean): Envelope | null {
    try {
      return parseEnvelope(payload);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      // A frame of type card may hold a callback of today, an envelope like any other, which bots in the field take out of
      // it by a patch of their SDK. The older kind has none; it gets no ack, as of every official SDK.
      if (isCard) {
        return this.#drop('card_frame', 'publish the callback subscription of the app anew, for the long connection');
      }
      this.#drop('bad_envelope', error.message);
      // 500, as what was damaged on its way may be sound when it is pushed again.
      this.#acks.send(arrival, AGAIN, { kind: 'event', eventType: 'unknown', eventId: '' });
      return null;
    }
  }

  #drop(reason: DropReason, detail: string): null {
    this.#reporter.tell({ type: 'dropped', reason, eventType: null, detail });
    return null;
  }

  #tellExpired(expired: readonly ExpiredAssembly[]): void {
    for (const { messageId, arrived, sum } of expired) {
      this.#reporter.tell({ type: 'fragments_expired', messageId, arrived, sum });
    }
  }

  /** Keeps one timer, or none. It may wake too early, since fragments prolong; then it is simply set again. */
  #schedule(): void {
    const expiryAt = this.#fragments.nextExpiryAt();
    if (expiryAt === null) {
      this.#expiry?.cancel();
      this.#expiry = null;
      return;
    }
    this.#expiry ??= this.#clock.timer(expiryAt - this.#clock.now(), () => {
      this.#expiry = null;
      this.#tellExpired(this.#fragments.expire(this.#clock.now()));
      this.#schedule();
    });
  }
}

/** Decimal digits as a number, or null. Nine of them are more than any bound, and exact. */
function countOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** A header's value for a report: bounded, on one line. */
function quoted(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 40));
}
