import {
  type AssertionSource,
  type Credentials,
  type Http,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  learnPassingSecret,
  type NetworkError,
  SecretError,
  type SecretSource,
} from '../ports/index.js';
import { excerptOf } from '../wire/index.js';
import type { TokenFailureCode } from './failure.js';
import { lifetimeMsOf } from './held.js';
import type { TokenFailure, TokenGrant } from './token.js';

export type FetchOutcome = TokenGrant | TokenFailure;

export type TokenEndpoint = TokenGround & Credentials;

interface TokenGround {
  readonly http: Http;
  /** Scheme, host and optional path prefix, such as `https://open.feishu.cn`. A trailing slash does not matter. */
  readonly baseUrl: string;
  readonly appId: string;
  /**
   * Scheme and host that exchange assertions for tokens, such as `https://accounts.feishu.cn`. Default: the accounts host
   * beside `baseUrl` where that is one of the platform's, else `baseUrl` itself.
   */
  readonly oauthBaseUrl?: string;
  /** Limit for the HTTP exchange, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

export const TOKEN_ROUTE = '/open-apis/auth/v3/tenant_access_token/internal';
export const ASSERTION_ROUTE = '/oauth/v3/token';

const DEFAULT_TIMEOUT_MS = 10_000;
// The newer endpoint's tokens are JWTs; the documentation says to allow 4 KB (docs/protocol.md, 7.1). Four times that
// still fits the 16 KB that Node's and most servers' header limits leave.
const TOKEN_LENGTH_LIMIT = 16_384;
const ANSWER_BYTES_LIMIT = 65_536;
const DETAIL_LENGTH = 200;

const RATE_LIMITED = 99_991_400;
/** RFC 6749, section 5.2: the assertion is what is wrong. */
const REFUSED_GRANTS: ReadonlySet<string> = new Set(['invalid_client', 'invalid_grant', 'unauthorized_client']);
const CREDENTIALS_REJECTED: ReadonlySet<number> = new Set([10_003, 10_014, 10_015]);

/**
 * Asks the platform for a tenant token. Never rejects: what went wrong is an outcome, its detail free of the secret
 * and of tokens.
 * @param signal Ends the request early; the outcome is then `token_unreachable`.
 */
export async function fetchToken(endpoint: TokenEndpoint, signal: AbortSignal): Promise<FetchOutcome> {
  let question: SignedQuestion;
  try {
    question = 'assertion' in endpoint ? await exchange(endpoint) : await request(endpoint);
  } catch (error) {
    // Another error's message may quote what it failed to read.
    const detail = error instanceof SecretError ? error.message : 'the source of the app secret failed';
    return failure('secret_unavailable', detail);
  }
  const { secret, ...call } = question;
  let response: HttpResponse;
  try {
    response = await endpoint.http({
      method: 'POST',
      ...call,
      timeoutMs: endpoint.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxBytes: ANSWER_BYTES_LIMIT,
      signal,
    });
  } catch (error) {
    const kind = error instanceof HttpError ? error.kind : 'unknown';
    const message = error instanceof Error ? error.message : 'no message';
    return failure(BY_NETWORK_ERROR[kind], `${kind}: ${printable(message, secret)}`);
  }
  return outcomeOf(response, secret);
}

interface SignedQuestion extends Pick<HttpRequest, 'url' | 'route' | 'headers' | 'body'> {
  /** What no detail may hold. */
  readonly secret: string;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

async function request({ baseUrl, appId, secret }: TokenGround & { readonly secret: SecretSource }) {
  const appSecret = await secret();
  return {
    secret: appSecret,
    url: baseUrl.replace(/\/+$/, '') + TOKEN_ROUTE,
    route: TOKEN_ROUTE,
    headers: JSON_TYPE,
    body: JSON.stringify({ app_id: appId, app_secret: appSecret }),
  };
}

/** @see larksuite/node-sdk 1.74.0 `TokenManager.getTenantTokenByClientAssertion`, whose request this matches */
async function exchange({
  baseUrl,
  oauthBaseUrl = accountsOf(baseUrl),
  appId,
  assertion,
}: TokenGround & { readonly assertion: AssertionSource }) {
  const audience = new URL(oauthBaseUrl).host;
  const { value, relayUrl } = await assertion(audience);
  return {
    secret: value,
    url: (relayUrl ?? oauthBaseUrl.replace(/\/+$/, '')) + ASSERTION_ROUTE,
    route: ASSERTION_ROUTE,
    headers: relayUrl === null ? JSON_TYPE : { ...JSON_TYPE, 'x-target-service': audience },
    body: JSON.stringify({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: value,
      client_id: appId,
    }),
  };
}

/** An exact host alone: nothing that merely looks like the platform gets an assertion meant for it. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  'open.feishu.cn': 'https://accounts.feishu.cn',
  'open.larksuite.com': 'https://accounts.larksuite.com',
};

function accountsOf(baseUrl: string): string {
  return ACCOUNTS[new URL(baseUrl).host] ?? baseUrl;
}

const BY_NETWORK_ERROR: Readonly<Record<NetworkError, TokenFailureCode>> = {
  timeout: 'token_timeout',
  aborted: 'token_unreachable',
  dns: 'token_unreachable',
  refused: 'token_unreachable',
  reset: 'token_unreachable',
  unreachable: 'token_unreachable',
  tls: 'token_unreachable',
  proxy: 'token_unreachable',
  too_large: 'token_bad_answer',
  protocol: 'token_bad_answer',
  unknown: 'token_unreachable',
};

/** What the platform's answer means. The code in the body counts for HTTP 200 and 400 alike (docs/protocol.md, 7.1). */
function outcomeOf(response: HttpResponse, secret: string): FetchOutcome {
  const answer = objectOf(response.body);
  const code = typeof answer?.code === 'number' ? answer.code : null;
  const said = describe(response, answer, code, secret);
  if (code === RATE_LIMITED || response.status === 429) {
    return { failure: 'token_rate_limited', detail: said, retryAfterMs: retryAfterMsOf(response) };
  }
  if (response.status >= 500) return failure('token_http_status', said);
  if (code !== null && code !== 0) {
    return failure(CREDENTIALS_REJECTED.has(code) ? 'token_credentials_rejected' : 'token_code_unknown', said);
  }
  if (typeof answer?.error === 'string' && REFUSED_GRANTS.has(answer.error)) {
    return failure('token_credentials_rejected', said);
  }
  if (response.status !== 200) return failure('token_http_status', said);
  // An exchanged one comes by the names of RFC 6749, section 5.1, and without a code.
  const token = answer?.tenant_access_token ?? answer?.access_token;
  const isGranted = code === 0 || (code === null && answer?.access_token !== undefined);
  if (!isGranted || typeof token !== 'string' || token === '') return failure('token_bad_answer', said);
  // It becomes a header: anything but visible ASCII would break, or forge, every request.
  if (token.length > TOKEN_LENGTH_LIMIT || !/^[\x21-\x7e]+$/.test(token)) {
    return failure(
      'token_bad_answer',
      `${said}, but the token is no header value of at most ${TOKEN_LENGTH_LIMIT} characters`,
    );
  }
  learnPassingSecret(token);
  return { token, lifetimeMs: lifetimeMsOf(answer?.expire ?? answer?.expires_in) };
}

function objectOf(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    // Not JSON: the caller says so. The parser's message quotes the body, which may hold a token.
    return null;
  }
}

// Never an excerpt of the body itself: cut short, it may still hold a whole token.
function describe(
  response: HttpResponse,
  answer: Readonly<Record<string, unknown>> | null,
  code: number | null,
  secret: string,
): string {
  const words = [`HTTP ${response.status}`];
  if (answer === null) {
    const type = printable(response.headers['content-type'] ?? 'no content type', secret);
    words.push(`${response.body.length} characters that are no JSON object (${type})`);
  }
  if (code !== null) words.push(`code ${code}`);
  if (typeof answer?.msg === 'string' && answer.msg !== '') words.push(printable(answer.msg, secret));
  for (const word of [answer?.error, answer?.error_description]) {
    if (typeof word === 'string' && word !== '') words.push(printable(word, secret));
  }
  const logId = response.headers['x-tt-logid'];
  if (logId !== undefined && /^[\w-]{1,64}$/.test(logId)) words.push(`log id ${logId}`);
  return words.join(', ');
}

function printable(text: string, secret: string): string {
  return excerptOf(secret === '' ? text : text.replaceAll(secret, '…'), DETAIL_LENGTH);
}

const SHORTEST_LIMIT_MS = 1_000;
const LONGEST_LIMIT_MS = 600_000;

/** The platform names the seconds until its limit resets; null if it does not, and then our own backoff holds. */
function retryAfterMsOf(response: HttpResponse): number | null {
  const seconds = Number.parseFloat(response.headers['x-ogw-ratelimit-reset'] ?? '');
  // A wrong value must neither hammer nor silence us: a second at least, ten minutes at most.
  return seconds >= 0 ? Math.min(Math.max(seconds * 1_000, SHORTEST_LIMIT_MS), LONGEST_LIMIT_MS) : null;
}

function failure(code: TokenFailureCode, detail: string): TokenFailure {
  return { failure: code, detail, retryAfterMs: null };
}
