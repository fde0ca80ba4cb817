import { BROKEN_CONFIGS } from './client-config.js';
import { CONSOLE_MISTAKES, DISCOVERY_BODIES, type FaultFields, type FaultKind, TOKEN_BODIES, VIAS } from './fault.js';

/** What one field of a fault may hold. */
export type FieldRule =
  | { readonly is: 'integer'; readonly min: number; readonly max: number; readonly required?: true }
  | { readonly is: 'text'; readonly maxLength: number; readonly required?: true }
  | { readonly is: 'choice'; readonly of: readonly string[]; readonly required?: true }
  | { readonly is: 'flag' }
  /** A close code that may stand in a frame: 1000 to 1003, 1007 to 1014, 3000 to 4999. */
  | { readonly is: 'close_code' }
  /** One of `of`, or an object of at most 20 fields. */
  | { readonly is: 'choice_or_object'; readonly of: readonly string[]; readonly required: true };

const YEAR_MS = 366 * 24 * 3_600_000;
const ms = { is: 'integer', min: 0, max: YEAR_MS } as const;
const neededMs = { ...ms, required: true } as const;
const pauseMs = { is: 'integer', min: 1, max: YEAR_MS } as const;
const count = { is: 'integer', min: 1, max: 1_000_000 } as const;
const code = { is: 'integer', min: -2_147_483_648, max: 4_294_967_295, required: true } as const;
const status = { is: 'integer', min: 200, max: 599 } as const;
const neededStatus = { ...status, required: true } as const;
const text = { is: 'text', maxLength: 200 } as const;
// RFC 6455 allows 123 bytes; 30 characters fit however many bytes each takes.
const reason = { is: 'text', maxLength: 30 } as const;
const closeCode = { is: 'close_code' } as const;
const via = { is: 'choice', of: VIAS } as const;

const LASTING = { forMs: pauseMs, times: count, appId: text } as const;
const SCOPE = { which: text, sockets: { is: 'choice', of: ['existing', 'all'] } } as const;
const STRUCK = { times: count, everyMs: pauseMs, appId: text } as const;
const REPEATING = { ...STRUCK, which: text } as const;

/** The rules of every field of every fault. The type keeps this table and {@link FaultFields} in step. */
export const FAULT_FIELDS: {
  readonly [Kind in FaultKind]: { readonly [Field in keyof FaultFields[Kind]]-?: FieldRule };
} = {
  discovery_code: {
    ...LASTING,
    code,
    message: text,
    shape: { is: 'choice', of: ['object', 'null', 'absent'] },
  },
  discovery_status: { ...LASTING, status: neededStatus },
  discovery_delay: { ...LASTING, delayMs: neededMs },
  discovery_hang: LASTING,
  discovery_body: { ...LASTING, body: { is: 'choice', of: DISCOVERY_BODIES, required: true } },
  discovery_config: { ...LASTING, config: { is: 'choice_or_object', of: BROKEN_CONFIGS, required: true } },
  handshake_refuse: {
    ...LASTING,
    status,
    handshakeStatus: { is: 'integer', min: 0, max: 4_294_967_295 },
    message: text,
    authErrorCode: { is: 'integer', min: 0, max: 4_294_967_295 },
  },
  handshake_delay: { ...LASTING, delayMs: neededMs },
  handshake_hang: { ...LASTING, sends: { is: 'choice', of: ['nothing', 'half_answer'] } },
  accept_then_close: {
    ...LASTING,
    how: { is: 'choice', of: ['close', 'reset'] },
    code: closeCode,
    reason,
    afterMs: ms,
  },
  half_open: { forMs: pauseMs, appId: text, ...SCOPE },
  silent_pongs: { ...LASTING, ...SCOPE, pings: { is: 'choice', of: ['protocol', 'websocket', 'both'] } },
  pong_delay: { ...LASTING, delayMs: neededMs },
  pong_payload: {
    ...LASTING,
    payload: { is: 'choice_or_object', of: ['absent', 'not_json', ...BROKEN_CONFIGS], required: true },
  },
  drop_socket: REPEATING,
  close_socket: { ...REPEATING, code: closeCode, reason },
  kick_every: { ...LASTING, everyMs: { ...pauseMs, required: true }, code: closeCode, reason },
  mute: { ...LASTING, ...SCOPE, isCountedDelivered: { is: 'flag' }, isUncounted: { is: 'flag' } },
  dead_connection_kept: { ...LASTING, keptMs: { ...pauseMs, required: true } },
  fragment_events: {
    ...LASTING,
    parts: { is: 'integer', min: 1, max: 1000, required: true },
    order: { is: 'choice', of: ['forward', 'reversed', 'random'] },
    duplicateSeq: { is: 'integer', min: 0, max: 999 },
    missingSeq: { is: 'integer', min: 0, max: 999 },
    pauseMs: ms,
  },
  duplicate_events: {
    ...LASTING,
    copies: { is: 'integer', min: 1, max: 100 },
    messageId: { is: 'choice', of: ['new', 'same'] },
  },
  change_event_ids: LASTING,
  glue_to_101: LASTING,
  large_ids: LASTING,
  backlog_on_connect: LASTING,
  replay_events: { ...STRUCK, count: { is: 'integer', min: 1, max: 10_000 } },
  garbage_frame: REPEATING,
  text_frame: { ...REPEATING, text },
  oversized_frame: { ...REPEATING, bytes: { is: 'integer', min: 1, max: 64 * 1024 * 1024 } },
  unknown_method_frame: { ...REPEATING, method: { is: 'integer', min: 2, max: 2_147_483_647 } },
  unknown_type_frame: { ...REPEATING, frameType: text },
  card_frame: REPEATING,
  token_code: { ...LASTING, code, status, message: text },
  token_status: { ...LASTING, status: neededStatus },
  token_delay: { ...LASTING, delayMs: neededMs },
  token_hang: LASTING,
  token_body: { ...LASTING, body: { is: 'choice', of: TOKEN_BODIES, required: true } },
  token_expire: { ...LASTING, lifetimeMs: { is: 'integer', min: 0, max: 7_200_000, required: true } },
  revoke_tokens: STRUCK,
  api_code: {
    ...LASTING,
    code,
    status,
    message: text,
    path: text,
    resetAfterS: { is: 'integer', min: 0, max: 86_400 },
  },
  api_status: { ...LASTING, status: neededStatus, path: text },
  api_delay: { ...LASTING, delayMs: neededMs, path: text },
  api_hang: { ...LASTING, path: text },
  date_skew: { forMs: pauseMs, times: count, offsetMs: { is: 'integer', min: -YEAR_MS, max: YEAR_MS, required: true } },
  console_wrong: { ...LASTING, what: { is: 'choice', of: CONSOLE_MISTAKES, required: true } },
  refuse_tcp: { forMs: pauseMs, times: count, via },
  dns_failure: { forMs: pauseMs, times: count, via },
};

/** The names of all faults. */
export const FAULT_KINDS = Object.keys(FAULT_FIELDS) as readonly FaultKind[];
