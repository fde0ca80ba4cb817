import type { JournalSurvey } from '../connector-journal-survey.js';
import type { Clock, Dial, Http, Scout, SecretSource } from '../ports/index.js';
import { type FetchOutcome, fetchToken } from '../token/index.js';
import type { Ticket } from '../wire/index.js';
import type { AppStatus } from './daemon-status.js';
import type { ProbeSocket } from './probe-socket.js';
import type { Way } from './way-checks.js';

/** The way out of one app: the same proxy, authorities and TLS rules as when it runs. */
export interface WayOut {
  readonly http: Http;
  readonly dial: Dial;
  readonly scout: Scout;
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
  /** Looks into the journal. Rejects with a StoreError if it cannot be read. Null: the app keeps none. */
  readonly lookIntoJournal: (() => Promise<JournalSurvey>) | null;
}

/** What the probing may do. */
export interface Manners {
  /** Whether the API may be asked, which counts against the monthly quota. */
  readonly mayCall: boolean;
}

/** An examination of one app under way: its way out, and what earlier checks found for later ones. */
export class Visit {
  readonly app: ProbedApp;
  readonly clock: Clock;
  readonly wayOut: WayOut;
  readonly mayCall: boolean;
  /** What a daemon that runs it says of it; null where none does. */
  status: AppStatus | null = null;
  /** The way to the platform. */
  way: Way | null = null;
  /** The way to the gateway, which is another host. */
  gatewayWay: Way | null = null;
  secret: string | null = null;
  ticket: Ticket | null = null;
  socket: ProbeSocket | null = null;
  /** What the platform says its time is, and when. */
  date: DateSeen | null = null;
  /** Connections that the platform counted, by when it was asked. */
  readonly online: { before: number | null; during: number | null } = { before: null, during: null };
  #signingIn: Promise<FetchOutcome> | null = null;

  constructor(app: ProbedApp, clock: Clock, { mayCall }: Manners) {
    this.app = app;
    this.clock = clock;
    this.mayCall = mayCall;
    this.wayOut = app.openWayOut();
  }

  /** Asks for a token, once: later calls get what came of the first. */
  signIn(limitMs: number): Promise<FetchOutcome> {
    const { appId, baseUrl } = this.app;
    const secret = foundBefore(this.secret);
    this.#signingIn ??= fetchToken(
      { http: this.wayOut.http, baseUrl, appId, secret: async () => secret, timeoutMs: limitMs },
      new AbortController().signal, // nothing but the deadline ends it
    );
    return this.#signingIn;
  }

  /** Leaves nothing open, wherever the probe ended. */
  async leave(): Promise<void> {
    this.way?.walk.close();
    this.gatewayWay?.walk.close();
    await this.socket?.close();
    await this.wayOut.close();
  }
}

/** A `Date` of the platform, and our clock around it. Epoch milliseconds. */
export interface DateSeen {
  /** As it came; null if there was none. */
  readonly header: string | null;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * What an earlier check has found.
 * @throws TypeError if it has not: a check lacks an entry in `needs`.
 */
export function foundBefore<Found>(found: Found | null): Found {
  if (found === null) throw new TypeError('a check was made before the one that it needs');
  return found;
}
