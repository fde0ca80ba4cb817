import type { Moment } from '../ports/index.js';
import type { Frame } from '../wire/index.js';
import type { FeishuEvent } from './event.js';
import type { Session } from './session.js';

/** A message that has arrived whole. */
export interface Arrival {
  /** The frame that completed it, which the ack repeats. Its payload is let go: it may be large, or a view into a socket's buffer. */
  readonly frame: Frame;
  readonly session: Session;
  readonly at: Moment;
}

/** An event that has arrived whole. */
export interface EventArrival extends Arrival {
  readonly event: FeishuEvent;
  readonly payloadBytes: number;
}
