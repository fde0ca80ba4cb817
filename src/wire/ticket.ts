import type { Pacing } from './pacing.js';

/** The answer of endpoint discovery: where to dial, once, and at what pace to ping. */
export interface Ticket {
  /** The socket URL as given. It holds secrets (`access_key`, `ticket`): never log, label or show it. */
  readonly url: string;
  /** `device_id` of the URL: the Connection's name in logs and spans. Empty if the URL has none. */
  readonly connectionId: string;
  /** `service_id` of the URL, int32, sent in every ping. 0 if the URL has none. */
  readonly service: number;
  readonly pacing: Pacing;
}
