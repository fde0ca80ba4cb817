import type { Moment } from '../ports/index.js';
import type { Frame } from '../wire/index.js';

/** The socket that brought a frame: an ack goes back on this one, never on a successor. */
export interface Session {
  /** The Attempt that opened it: its name in reports and spans. */
  readonly attempt: number;
  /** False if this very socket is gone; nothing was sent then. `at` is now, if the clocks were just read. */
  send(bytes: Uint8Array, at?: Moment): boolean;
}

/** Takes every data frame of every Session, in order, synchronously. `at` is now, if the clocks were just read. Never throws. */
export type Receive = (frame: Frame, session: Session, at?: Moment) => void;
