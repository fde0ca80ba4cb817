import type { ConfigChange } from './client-config.js';

/** How long a standing fault lasts. With neither `forMs` nor `times`: until it is cleared. */
export interface Lasting {
  /** Ends by itself after this time, in milliseconds. */
  readonly forMs?: number;
  /** Ends by itself after it struck this often. */
  readonly times?: number;
  /** Strikes this app alone; default every app. */
  readonly appId?: string;
}

/** How often a momentary fault strikes. */
export interface Repeating {
  /** Default 1. */
  readonly times?: number;
  /** Pause between two strikes, in milliseconds; default 1000. */
  readonly everyMs?: number;
  /** Strikes this app alone; default every app. */
  readonly appId?: string;
  /** Which open connections: `all` (default), `newest`, `oldest`, `random`, or a connection's id. */
  readonly which?: string;
}

/** Which connections a standing fault covers. */
export interface Scope {
  /** Of the connections open now: `all` (default), `newest`, `oldest`, `random`, or a connection's id. */
  readonly which?: string;
  /** `existing`: those alone, so that a reconnect heals; `all`: also every connection opened while the fault lasts. */
  readonly sockets?: 'existing' | 'all';
}

/** The fields of every fault, by name. Times are milliseconds unless a field says otherwise. */
export interface FaultFields {
  /** Discovery answers this code. `shape` is the answer's `data`: `object` (default, as the platform), `null`, `absent`. */
  discovery_code: Lasting & {
    readonly code: number;
    readonly message?: string;
    readonly shape?: 'object' | 'null' | 'absent';
  };
  /** Discovery answers this HTTP status with a body of HTML. */
  discovery_status: Lasting & { readonly status: number };
  /** Discovery answers late. */
  discovery_delay: Lasting & { readonly delayMs: number };
  /** Discovery never answers. */
  discovery_hang: Lasting;
  /** Discovery answers HTTP 200 with something that is no ticket; `huge` is 10 MiB of JSON, `object` is `{}`. */
  discovery_body: Lasting & { readonly body: DiscoveryBody };
  /** Discovery sends a broken or changed ClientConfig with a good URL. */
  discovery_config: Lasting & { readonly config: ConfigChange };
  /** The upgrade is refused with an HTTP status (default 403) and the platform's three headers (default 514, no code). */
  handshake_refuse: Lasting & {
    readonly status?: number;
    readonly handshakeStatus?: number;
    readonly message?: string;
    readonly authErrorCode?: number;
  };
  /** The upgrade is answered late. */
  handshake_delay: Lasting & { readonly delayMs: number };
  /** The upgrade is never answered, or with `half_answer` never to its end. */
  handshake_hang: Lasting & { readonly sends?: 'nothing' | 'half_answer' };
  /** The 101 comes, and the end right behind it (or `afterMs` later): a close frame (default 1000) or a TCP reset. */
  accept_then_close: Lasting & {
    readonly how?: 'close' | 'reset';
    readonly code?: number;
    readonly reason?: string;
    readonly afterMs?: number;
  };
  /** Nothing goes in or out of the sockets (default `existing`), yet TCP stays up. When it ends, what was held back flows. */
  half_open: Omit<Lasting, 'times'> & Scope;
  /** Pings go unanswered: the protocol's (default), RFC 6455's, or both. Events still flow. Default `all` sockets. */
  silent_pongs: Lasting & Scope & { readonly pings?: 'protocol' | 'websocket' | 'both' };
  /** Protocol pongs come late. */
  pong_delay: Lasting & { readonly delayMs: number };
  /** Protocol pongs carry no payload, a payload that is no JSON, or a broken or changed ClientConfig. */
  pong_payload: Lasting & { readonly payload: 'absent' | 'not_json' | ConfigChange };
  /** Momentary: TCP is reset. */
  drop_socket: Repeating;
  /** Momentary: a close frame, code 1000 or as given. */
  close_socket: Repeating & { readonly code?: number; readonly reason?: string };
  /** Every connection ends whenever its age reaches a multiple of `everyMs`: by close frame if `code` is given, else by reset. */
  kick_every: Lasting & { readonly everyMs: number; readonly code?: number; readonly reason?: string };
  /**
   * Connections (default `existing`) are alive and answer pings, but events routed to them vanish. They come again by
   * redelivery, unless `isCountedDelivered`: then the platform believes that they were acknowledged. With `isUncounted` the
   * platform's online count leaves these connections out.
   */
  mute: Lasting & Scope & { readonly isCountedDelivered?: boolean; readonly isUncounted?: boolean };
  /** Whoever leaves is kept in the routing table this long: its share of events goes nowhere. */
  dead_connection_kept: Lasting & { readonly keptMs: number };
  /**
   * Events come in `parts` fragments, `pauseMs` apart (default 50), cut without regard for characters; `duplicateSeq` is
   * sent twice, `missingSeq` not at all.
   */
  fragment_events: Lasting & {
    readonly parts: number;
    readonly order?: 'forward' | 'reversed' | 'random';
    readonly duplicateSeq?: number;
    readonly missingSeq?: number;
    readonly pauseMs?: number;
  };
  /** Events are delivered `copies` more times (default 1), under a new `message_id` (default) or the same. */
  duplicate_events: Lasting & { readonly copies?: number; readonly messageId?: 'new' | 'same' };
  /** A redelivered event carries a new event id: deduplication by id cannot see it. */
  change_event_ids: Lasting;
  /** Right behind the 101, in its TCP segment, comes an event: one that waits for redelivery, else a new message. */
  glue_to_101: Lasting;
  /** SeqID and LogID of data frames are beyond what a double can hold. */
  large_ids: Lasting;
  /** When a connection opens, every event that waits for its redelivery is pushed at once. */
  backlog_on_connect: Lasting;
  /** Momentary: the last `count` acknowledged events (default 10) are delivered again. */
  replay_events: Omit<Repeating, 'which'> & { readonly count?: number };
  /** Momentary: a binary message that is no protobuf. */
  garbage_frame: Repeating;
  /** Momentary: a text message. */
  text_frame: Repeating & { readonly text?: string };
  /** Momentary: a data frame of `bytes` bytes, default 16 MiB. */
  oversized_frame: Repeating & { readonly bytes?: number };
  /** Momentary: a frame whose method is neither control nor data; default 7. */
  unknown_method_frame: Repeating & { readonly method?: number };
  /** Momentary: a data frame of a type nobody knows. */
  unknown_type_frame: Repeating & { readonly frameType?: string };
  /** Momentary: the older card callback, a data frame of type `card`. */
  card_frame: Repeating;
  /** The token endpoint answers this code, with this HTTP status (default 200). */
  token_code: Lasting & { readonly code: number; readonly status?: number; readonly message?: string };
  /** The token endpoint answers this HTTP status with a body of HTML. */
  token_status: Lasting & { readonly status: number };
  /** The token endpoint answers late. */
  token_delay: Lasting & { readonly delayMs: number };
  /** The token endpoint never answers. */
  token_hang: Lasting;
  /** The token endpoint answers HTTP 200 with something that holds no token. */
  token_body: Lasting & { readonly body: TokenBody };
  /** Every call issues a new token that lives this long. */
  token_expire: Lasting & { readonly lifetimeMs: number };
  /** Momentary: every token issued so far is void. */
  revoke_tokens: Omit<Repeating, 'which'>;
  /**
   * API calls answer this code, with this HTTP status (default 400); `path` limits it to paths that begin so.
   * `resetAfterS` becomes the header `x-ogw-ratelimit-reset`, in seconds as on the wire.
   */
  api_code: Lasting & {
    readonly code: number;
    readonly status?: number;
    readonly message?: string;
    readonly path?: string;
    readonly resetAfterS?: number;
  };
  /** API calls answer this HTTP status with a body of HTML. */
  api_status: Lasting & { readonly status: number; readonly path?: string };
  /** API calls are answered late. */
  api_delay: Lasting & { readonly delayMs: number; readonly path?: string };
  /** API calls are never answered. */
  api_hang: Lasting & { readonly path?: string };
  /** HTTP answers carry a `Date` that is this far from the truth: positive is the future. */
  date_skew: Omit<Lasting, 'appId'> & { readonly offsetMs: number };
  /**
   * The app is set up wrong in the developer console, and its API tells so: events go to a `webhook`, no events are added
   * (`no_events`), or the scopes for messages are not granted (`no_scopes`). No event is pushed meanwhile. With `hidden` all is
   * well, and the app may not read its own settings.
   */
  console_wrong: Lasting & { readonly what: ConsoleMistake };
  /** Connecting is refused, for HTTP, for sockets, or both (default). With real sockets: accepted and reset at once. */
  refuse_tcp: Omit<Lasting, 'appId'> & { readonly via?: Via };
  /** The host name does not resolve, for HTTP, for sockets, or both (default). With real sockets: as `refuse_tcp`. */
  dns_failure: Omit<Lasting, 'appId'> & { readonly via?: Via };
}

export const DISCOVERY_BODIES = ['html', 'empty', 'truncated', 'no_url', 'no_config', 'object', 'huge'] as const;
export type DiscoveryBody = (typeof DISCOVERY_BODIES)[number];

export const TOKEN_BODIES = ['html', 'empty', 'truncated', 'no_token', 'no_expire', 'object', 'huge'] as const;
export type TokenBody = (typeof TOKEN_BODIES)[number];

export const CONSOLE_MISTAKES = ['webhook', 'no_events', 'no_scopes', 'hidden'] as const;
export type ConsoleMistake = (typeof CONSOLE_MISTAKES)[number];

export const VIAS = ['http', 'socket', 'both'] as const;
export type Via = (typeof VIAS)[number];

/** The names of the faults. */
export type FaultKind = keyof FaultFields;

/** One fault, told apart by `fault`. Plain JSON: scenarios and the control API speak it too. */
export type Fault = { [Kind in FaultKind]: { readonly fault: Kind } & FaultFields[Kind] }[FaultKind];
/** The faults of one kind, or of some. */
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly fault: Kind }>;

/** Faults that strike and are over, perhaps several times; all others stand until their time, use or clearing. */
export const MOMENTARY = [
  'drop_socket',
  'close_socket',
  'replay_events',
  'garbage_frame',
  'text_frame',
  'oversized_frame',
  'unknown_method_frame',
  'unknown_type_frame',
  'card_frame',
  'revoke_tokens',
] as const satisfies readonly FaultKind[];
export type MomentaryKind = (typeof MOMENTARY)[number];
export type MomentaryFault = FaultOf<MomentaryKind>;
export type StandingKind = Exclude<FaultKind, MomentaryKind>;
export type StandingFault = FaultOf<StandingKind>;

export function isMomentary(fault: Fault): fault is MomentaryFault {
  return (MOMENTARY as readonly FaultKind[]).includes(fault.fault);
}

/** Whether the fault silences this kind of ping. */
export function isStruckPing(fault: FaultOf<'silent_pongs'>, ping: 'protocol' | 'websocket'): boolean {
  const struck = fault.pings ?? 'protocol';
  return struck === 'both' || struck === ping;
}
