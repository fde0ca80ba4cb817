import { ROUTES } from '../catchup/index.js';
import { HttpError, momentOf, NETWORK_ERRORS, } from '../ports/index.js';
/** Every way a REST call fails: label `failure` of `feishu_api_failures_total`. */
export const API_FAILURES = [
    ...NETWORK_ERRORS,
    'http_status', // an HTTP status of 400 or more without a code in the body
    'api_code', // a code other than 0
];
/** Why the platform limited us: label `reason` of `feishu_api_limited_total`. */
export const API_LIMITS = ['rate', 'quota'];
/** Routes that every connector calls. */
export const OWN_ROUTES = ['/callback/ws/endpoint', '/open-apis/auth/v3/tenant_access_token/internal'];
/** Routes this library calls by itself, if it is asked to: the outside look included. */
export const KNOWN_ROUTES = [...OWN_ROUTES, ...Object.values(ROUTES)];
/**
 * An {@link Http} that tells of each finished call, and otherwise is the one given: same answers, same errors.
 * @param onCall If it throws, the exchange goes on untouched.
 */
export function observeHttp(http, onCall, clock) {
    return async (request) => {
        const startedAt = momentOf(clock);
        const tell = (outcome) => {
            const moment = momentOf(clock);
            const call = {
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
            }
            catch {
                // An observer's bug is no failure of the exchange; the observers of this room count their own.
            }
        };
        try {
            const response = await http(request);
            tell({ status: response.status, error: null, apiCode: apiCodeOf(response.body) });
            return response;
        }
        catch (error) {
            tell({ status: null, error: error instanceof HttpError ? error.kind : 'unknown', apiCode: null });
            throw error;
        }
    };
}
/** Why a call failed, or null if it succeeded. The platform's own word comes before the HTTP status around it. */
export function apiFailureOf(call) {
    if (call.error !== null)
        return call.error;
    if (call.apiCode !== null && call.apiCode !== 0)
        return 'api_code';
    return call.status !== null && call.status >= 400 ? 'http_status' : null;
}
/** Which limit refused a call, or null. A 429 without a code comes from a gateway before the platform: rate. */
export function apiLimitOf(call) {
    if (call.apiCode === 99_991_403)
        return 'quota';
    return call.apiCode === 99_991_400 || call.status === 429 ? 'rate' : null;
}
/** An answer whose code does not come first is parsed only up to this length, in UTF-16 units. */
const MAX_PARSED_LENGTH = 65_536;
/** The top-level integer `code` of a JSON object. Cheap: the platform writes it first, and few answers need a parse. */
export function apiCodeOf(body) {
    const first = /^\s{0,16}\{\s{0,16}"code"\s{0,16}:\s{0,16}(-?\d{1,15})\s{0,16}[,}]/.exec(body);
    if (first?.[1] !== undefined)
        return Number(first[1]);
    if (body.length > MAX_PARSED_LENGTH || !/^\s{0,16}\{/.test(body))
        return null;
    try {
        const parsed = JSON.parse(body);
        const code = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : null;
        return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
    }
    catch {
        return null; // no JSON: it has no code
    }
}
function hostOf(url) {
    return URL.canParse(url) ? new URL(url).hostname : '';
}
