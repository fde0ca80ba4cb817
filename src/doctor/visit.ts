import type { Clock, Dial, Http, SecretSource } from '../ports/index.js';
import type { Ticket } from '../wire/index.js';
import type { ProbeSocket } from './probe-socket.js';

/** The way out of one app: the same proxy, authorities and TLS rules as when it runs. */
export interface WayOut {
  readonly http: Http;
  readonly dial: Dial;
  close(): Promise<void>;
}

/** An app that can be probed: what the configuration says of it, secrets left out. */
export interface ProbedApp {
  readonly app: string;
  readonly appId: string;
  /** Scheme and host of the platform, without a trailing slash. */
  readonly baseUrl: string;
  readonly secret: SecretSource;
  /** Where the secret comes from, in words. */
  readonly secretOrigin: string;
  /** Opens the way out; asked once per probe. */
  openWayOut(): WayOut;
}

/** A probe under way: the app, its way out, and what earlier checks found for later ones. */
export class Visit {
  readonly app: ProbedApp;
  readonly clock: Clock;
  readonly wayOut: WayOut;
  secret: string | null = null;
  ticket: Ticket | null = null;
  socket: ProbeSocket | null = null;

  constructor(app: ProbedApp, clock: Clock) {
    this.app = app;
    this.clock = clock;
    this.wayOut = app.openWayOut();
  }

  /** Leaves nothing open, wherever the probe ended. */
  async leave(): Promise<void> {
    await this.socket?.close();
    await this.wayOut.close();
  }
}

/**
 * What an earlier check has found.
 * @throws TypeError if it has not: a check lacks an entry in `needs`.
 */
export function foundBefore<Found>(found: Found | null): Found {
  if (found === null) throw new TypeError('a check was made before the one that it needs');
  return found;
}
