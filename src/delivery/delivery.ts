import type { Timer } from '../ports/index.js';
import type { EventArrival } from './arrival.js';
import type { InLine } from './line.js';
import type { DeliveryKind } from './report.js';
import type { Run } from './run.js';

/** An unfinished event on its way to the ack, in line with those that came before and after it. */
export interface Delivery extends InLine<Delivery> {
  readonly eventId: string;
  readonly eventType: string;
  /** What it is known by besides its id. */
  readonly contentKeys: readonly string[];
  readonly kind: DeliveryKind;
  /** Arrival of the first frame, milliseconds since the epoch. */
  readonly arrivedWallAt: number;
  /** Arrivals of the event that have no ack yet, oldest first. */
  readonly waiting: EventArrival[];
  /** Runs begun, the present one included. */
  attempt: number;
  stage: Stage;
}

export type Stage =
  /** Its first run is yet to be made. */
  | { readonly is: 'not_begun' }
  | { readonly is: 'running'; readonly run: Run }
  /** The handler has outlived its deadline and may still settle. It is not run again before `window` closes. */
  | { readonly is: 'abandoned'; readonly window: Timer };

export const NOT_BEGUN: Stage = Object.freeze({ is: 'not_begun' });
