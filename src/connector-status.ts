import type { ConsoleAdvice, GapRecord, LookoutSnapshot } from './catchup/index.js';
import type { FailureCode, State } from './connection/index.js';
import type { JournalFailure } from './delivery/index.js';
import type { Verdict } from './ports/index.js';
import type { SinkHealth } from './sinks/index.js';
import type { TokenFailureCode } from './token/index.js';

/**
 * What the connector knows about itself: three separate facts, each with its evidence and the age of that evidence.
 * Plain data, made anew at every call, fit for JSON. Ages and spans in milliseconds; moments as epoch milliseconds.
 */
export interface ConnectorStatus {
  readonly app: string;
  readonly appId: string;
  readonly domain: string;
  /** Epoch milliseconds of this reading. */
  readonly at: number;
  /** Our own loop runs. Says nothing about Feishu. */
  readonly alive: Fact;
  /** A 101 and a pong on this very socket, and no silence beyond the limit since. */
  readonly connected: Fact & {
    readonly state: State;
    /** The platform's name for the connection, which its support asks for; null while there is none. */
    readonly connectionId: string | null;
    /** How old the evidence may be: beyond that an open socket counts as deaf. */
    readonly silenceLimitMs: number;
  };
  /** Nothing contradicts that events reach us. False while not connected, and where the contrary is proven. */
  readonly receiving: Fact & {
    /** The open connection was proven to deliver nothing, or not everything, and nobody else explains it. */
    readonly isDeaf: boolean;
    /** What to look at in the developer console where no event has ever come; null while there is nothing to say. */
    readonly console: ConsoleAdvice | null;
    /** Null if none has come since the start. */
    readonly lastEventAt: number | null;
    /** Anything inbound: the 101, a pong, any frame. Null before the first. */
    readonly lastFrameAt: number | null;
    /** Since the connector was made, duplicates included. */
    readonly eventsReceived: number;
  };
  /** What the platform's own count of our connections says; null if `catchup` is false. */
  readonly serverView: LookoutSnapshot['view'] | null;
  /** Times in which events may have passed us by; null if `catchup` is false. */
  readonly gaps: {
    /** Not closed yet, oldest first, 20 at most, and how many there are. */
    readonly open: LookoutSnapshot['gaps'];
    readonly openCount: number;
    readonly isCatchingUp: boolean;
    /** The latest that were closed by this process, 10 at most, latest first. */
    readonly latest: readonly GapRecord[];
  } | null;
  /** What the app has called this month, as far as this process knows; null if `catchup` is false. */
  readonly budget: LookoutSnapshot['budget'] | null;
  /** The app's own pattern and what was compared with it; null if `catchup` is false. */
  readonly baseline:
    | (Pick<LookoutSnapshot, 'missedEvents' | 'suspicion' | 'lastComparison' | 'canaryMissed'> & {
        readonly advisedAt: number | null;
      })
    | null;
  /** The tries to connect. */
  readonly attempts: {
    /** Attempts since the connector was made. */
    readonly count: number;
    /** When the next one starts; null if none is scheduled because none is needed or one is under way. */
    readonly nextAt: number | null;
    /** Whether one is being made now. */
    readonly isUnderWay: boolean;
  };
  /** Where the latest ticket led: scheme, host and port, such as `wss://host`. Null before the first one. */
  readonly gateway: string | null;
  /** How many connections there should be, see the option `connections`, and how many are proven now. */
  readonly connections: { readonly wanted: number; readonly proven: number };
  /** The latest Failure of the connection, kept after recovery. */
  readonly lastFailure: {
    readonly code: FailureCode;
    readonly verdict: Verdict;
    readonly detail: string;
    /** What it means and what to do. */
    readonly help: string;
    readonly at: number;
  } | null;
  /** The Outage that goes on now. */
  readonly outage: {
    readonly number: number;
    readonly cause: FailureCode;
    readonly startedAt: number;
    readonly attempts: number;
  } | null;
  /** The tenant token, which only calls of the API need. */
  readonly token: {
    readonly isValid: boolean;
    /** Epoch milliseconds; null without a token. */
    readonly expiresAt: number | null;
    readonly lastFailure: { readonly code: TokenFailureCode; readonly detail: string; readonly at: number } | null;
  };
  /** Whether events get through to where they go. Left out for handlers of this process and dispatchers of your own. */
  readonly sink?: SinkHealth;
  /** Events on their way to the handlers. */
  readonly delivery: {
    /** Unfinished events, and how many there may be before acks are withheld. */
    readonly pending: number;
    readonly capacity: number;
    /** When the oldest of them came; null without any. */
    readonly oldestPendingAt: number | null;
    /** Events that wait for a human; 0 without a journal. */
    readonly deadLetters: number;
    /** Null without a journal. */
    readonly journal: {
      readonly isOpen: boolean;
      readonly sizeBytes: number;
      /** The latest failure, kept after recovery. */
      readonly lastFailure: {
        readonly reason: JournalFailure;
        readonly detail: string;
        readonly at: number;
        readonly ageMs: number;
      } | null;
    } | null;
  };
}

/** One fact: whether it holds, what says so, and how old that word is. */
export interface Fact {
  readonly is: boolean;
  /** For people: what the answer rests on, or why it is no. */
  readonly evidence: string;
  /** Age of the evidence; null if there never was any. */
  readonly ageMs: number | null;
}
