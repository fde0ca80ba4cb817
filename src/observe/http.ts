import { ROUTES } from '../catchup/index.js';
import {
  type Clock,
  type Http,
  HttpError,
  type HttpRequest,
  type Moment,
  momentOf,
  NETWORK_ERRORS,
  type NetworkError,
} from '../ports/index.js';

/** One finished HTTP exchange. It holds no query, header or body: only what may be counted, traced and logged. */
export interface HttpCall {
  readonly route: string;
  readonly method: HttpRequest['method'];
  /** Null if no answer arrived; then `error` says why. */
  readonly status: number | null;
  readonly error: NetworkError | null;
  /** The top-level `code` of a JSON answer: 0 is success. Null if there is none. */
  readonly apiCode: number | null;
  readonly startedAt: Moment;
  readonly durationMs: number;
  /** Host name of the URL; empty if the URL has none. */
  readonly address: string;
  /** The connection Attempt it belongs to. */
  readonly attempt?: number;
}

/** Takes finished calls with the moment they finished. Never throws. */
export type OnHttpCall = (call: HttpCall, moment: Moment) => void;

/** Every way a REST call fails: label `failure` of `feishu_api_failures_total`. */
export const API_FAILURES = [
  ...NETWORK_ERRORS,
  'http_status', // an HTTP status of 400 or more without a code in the body
  'api_code', // a code other than 0
] as const;
export type ApiFailure = (typeof API_FAILURES)[number];

/** Why the platform limited us: label `reason` of `feishu_api_limited_total`. */
export const API_LIMITS = ['rate', 'quota'] as const;
export type ApiLimit = (typeof API_LIMITS)[number];

/** Routes that every connector calls. */
export const OWN_ROUTES = ['/callback/ws/endpoint', '/open-apis/auth/v3/tenant_access_token/internal'] as const;

/** Routes this library calls by itself, if it is asked to: the outside look included. */
export const KNOWN_ROUTES = [...OWN_ROUTES, ...Object.values(ROUTES)] as const;

/**
 * An {@link Http} that tells of each finished call, and otherwise is the one given: same answers, same errors.
 * @param onCall If it throws, the exchange goes on untouched.
 */
export function observeHttp(http: Http, onCall: OnHttpCall, clock: Clock): Http {
  return async (request) => {
    const startedAt = momentOf(clock);
    const tell = (outcome: Pick<HttpCall, 'status' | 'error' | 'apiCode'>): void => {
      const moment = momentOf(clock);
      const call: HttpCall = {
        route: request.route,
        method: request.method,
        ...outcome,
        startedAt,
        durationMs: Math.max(0, moment.now - startedAt.now),
        address: hostOf(request.url),
        ...(request.attempt === undefined ? {} : { attempt: request.attempt }),
      };
      try {
        onCall(call, moment);
      } catch {
        // An observer's bug is no failure of the exchange; the observers of this room count their own.
      }
    };
    try {
      const response = await http(request);
      tell({ status: response.status, error: null, apiCode: apiCodeOf(response.body) });
      return response;
    } catch (error) {
      tell({ status: null, error: error instanceof HttpError ? error.kind : 'unknown', apiCode: null });
      throw error;
    }
  };
}

/** Why a call failed, or null if it succeeded. The platform's own word comes before the HTTP status around it. */
export function apiFailureOf(call: HttpCall): ApiFailure | null {
  if (call.error !== null) return call.error;
  if (call.apiCode !== null && call.apiCode !== 0) return 'api_code';
  return call.status !== null && call.status >= 400 ? 'http_status' : null;
}

/** Which limit refused a call, or null. A 429 without a code comes from a gateway before the platform: rate. */
export function apiLimitOf(call: HttpCall): ApiLimit | null {
  if (call.apiCode === 99_991_403) return 'quota';
  return call.apiCode === 99_991_400 || call.status === 429 ? 'rate' : null;
}

/** An answer whose code does not come first is parsed only up to this length, in UTF-16 units. */
const MAX_PARSED_LENGTH = 65_536;

/** The top-level integer `code` of a JSON object. Cheap: the platform writes it first, and few answers need a parse. */
export function apiCodeOf(body: string): number | null {
  const first = /^\s{0,16}\{\s{0,16}"code"\s{0,16}:\s{0,16}(-?\d{1,15})\s{0,16}[,}]/.exec(body);
  if (first?.[1] !== undefined) return Number(first[1]);
  if (body.length > MAX_PARSED_LENGTH || !/^\s{0,16}\{/.test(body)) return null;
  try {
    const parsed: unknown = JSON.parse(body);
    const code: unknown = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : null;
    return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
  } catch {
    return null; // no JSON: it has no code
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
