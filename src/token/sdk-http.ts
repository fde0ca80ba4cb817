import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { errorTextOf } from './error-text.js';
import { redactHttpError } from './redact.js';
import type { TokenSource } from './sdk-cache.js';
import { routeOf } from './sdk-route.js';

type Options = HttpRequestOptions<unknown>;

export interface SdkHttpOptions {
  /** The SDK's instance that does the work; it resolves to the response body. */
  readonly inner: { request(options: Options): Promise<unknown> };
  readonly keeper: TokenSource;
  /** Whether the keeper issued this token. Calls with other tokens, such as a user's, are left alone. */
  readonly isOurs: (token: string) => boolean;
  /** Told of a token before it is used for a repetition. */
  readonly served: (token: string) => void;
  /** Told of every call before it is sent, a repetition included, by its path with ids replaced. Default: nobody is. */
  readonly called?: (route: string) => void;
  /** Longest silence of the server in a call, in milliseconds. Default 30,000. A call's own `timeout` wins. */
  readonly timeoutMs?: number;
  /** Limit for a whole call, in milliseconds. Default 300,000. A download's stream is not limited once it is handed out. */
  readonly callLimitMs?: number;
  /** Agents for every call, such as a proxy's; axios' own reading of the proxy environment is then off. */
  readonly agents?: { readonly http?: HttpAgent; readonly https?: HttpsAgent };
}

/** API answers that mean: drop the token, fetch one, repeat the call once (docs/protocol.md, 7.2). */
export const TOKEN_INVALID_CODES: ReadonlySet<number> = new Set([
  99_991_661, // token missing
  99_991_663, // tenant token invalid or expired
  99_991_664, // app token invalid
  99_991_668, // user token invalid; also seen for discarded tenant tokens
  99_991_671, // malformed token
]);

// The SDK's own default is no limit at all.
const DEFAULT_TIMEOUT_MS = 30_000;
// 5 minutes: the largest upload, 30 MB, passes at 1 Mbit/s.
const DEFAULT_CALL_LIMIT_MS = 300_000;

/**
 * The SDK's HTTP instance with a deadline, and with the cure for a stale token: a call that carried a token of ours and
 * is told that the token is invalid gets it replaced and is repeated exactly once. A call whose body is a stream is
 * **not** repeated, as the stream is used up; the token is replaced all the same, for the next call. Errors reach the
 * caller without the token or other credentials.
 */
export function sdkHttp(options: SdkHttpOptions): HttpInstance {
  // The type parameters are the interface's: callers name what they expect, and nobody checks it.
  const send = <R>(request: Options): Promise<R> => sendRenewing(options, request) as Promise<R>;
  const bare =
    (method: string) =>
    <T, R = T>(url: string, request?: Options): Promise<R> =>
      send<R>({ ...request, url, method });
  const carrying =
    (method: string) =>
    <T, R = T>(url: string, data?: unknown, request?: Options): Promise<R> =>
      send<R>({ ...request, url, method, data });
  return {
    request: send,
    get: bare('get'),
    delete: bare('delete'),
    head: bare('head'),
    options: bare('options'),
    post: carrying('post'),
    put: carrying('put'),
    patch: carrying('patch'),
  };
}

type Answer = { readonly isError: boolean; readonly body: unknown };

async function sendRenewing(options: SdkHttpOptions, request: Options): Promise<unknown> {
  const first = await sendOnce(options, request);
  const token = bearerOf(request);
  const code = codeOf(first, request);
  if (token === null || !options.isOurs(token) || !TOKEN_INVALID_CODES.has(code)) return settle(first);
  options.keeper.invalidate(token, code);
  if (!isReplayable(request.data)) return settle(first);
  let renewed: string;
  try {
    renewed = await options.keeper.current();
  } catch {
    // The keeper has reported why. What this call is to be told is what the platform answered it.
    return settle(first);
  }
  options.served(renewed);
  return settle(await sendOnce(options, withBearer(request, renewed)));
}

async function sendOnce(options: SdkHttpOptions, request: Options): Promise<Answer> {
  const { agents, timeoutMs = DEFAULT_TIMEOUT_MS, callLimitMs = DEFAULT_CALL_LIMIT_MS } = options;
  const ways = agents === undefined ? {} : { httpAgent: agents.http, httpsAgent: agents.https, proxy: false };
  const limit = wholeCallLimit(request, callLimitMs);
  options.called?.(routeOf(request.url ?? ''));
  try {
    const body = await options.inner.request({ timeout: timeoutMs, ...ways, ...limit.option, ...request });
    return { isError: false, body };
  } catch (error) {
    limit.explain(error);
    redactHttpError(error);
    await readErrorBody(error, timeoutMs);
    return { isError: true, body: error };
  } finally {
    limit.cancel();
  }
}

/**
 * Ends a call that trickles: axios' `timeout` counts anew with every byte. A download's stream is handed to the caller
 * before it ends, and its end is the caller's business.
 */
function wholeCallLimit(request: Options, callLimitMs: number) {
  if (request.responseType === 'stream') return { option: {}, explain: () => {}, cancel: () => {} };
  const wholeMs = Math.max(callLimitMs, request.timeout ?? 0);
  const abandoned = new AbortController();
  const timer = setTimeout(() => abandoned.abort(), wholeMs);
  return {
    option: { signal: abandoned.signal },
    explain: (error: unknown): void => {
      // Else it would say no more than "canceled".
      if (abandoned.signal.aborted && error instanceof Error) error.message = `not finished within ${wholeMs} ms`;
    },
    cancel: (): void => clearTimeout(timer),
  };
}

function settle(answer: Answer): unknown {
  if (answer.isError) throw answer.body;
  return answer.body;
}

/** The answer's code, from the body of a success or of an error; NaN if it has none. */
function codeOf(answer: Answer, request: Options): number {
  const around = answer.isError ? fieldOf(answer.body, 'response') : answer.body;
  const body = answer.isError || request.$return_headers ? fieldOf(around, 'data') : around;
  const code = fieldOf(body, 'code');
  return typeof code === 'number' ? code : Number.NaN;
}

/** A download's refusal comes as a stream or as bytes. It is read, so that the code in it counts and can be seen. */
async function readErrorBody(error: unknown, timeoutMs: number): Promise<void> {
  const response = fieldOf(error, 'response');
  if (typeof response !== 'object' || response === null || !('data' in response)) return;
  const text = await errorTextOf(response.data, timeoutMs);
  if (text === null) return;
  try {
    response.data = JSON.parse(text);
  } catch {
    response.data = text;
  }
}

function bearerOf(request: Options): string | null {
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (name.toLowerCase() !== 'authorization' || typeof value !== 'string') continue;
    return value.startsWith('Bearer ') ? value.slice('Bearer '.length) : null;
  }
  return null;
}

function withBearer(request: Options, token: string): Options {
  const others = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'authorization');
  return { ...request, headers: { ...Object.fromEntries(others), Authorization: `Bearer ${token}` } };
}

// A body is JSON or a form with a few fields. One with more parts than this is not searched, and not repeated.
const PARTS_LIMIT = 10_000;

/** Whether the body can be sent a second time: no stream, and nothing else that is used up by reading, anywhere in it. */
function isReplayable(data: unknown): boolean {
  const parts: unknown[] = [data];
  for (let searched = 0; parts.length > 0; searched += 1) {
    if (searched > PARTS_LIMIT) return false;
    const part = parts.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) continue;
    // FormData of the `form-data` package is a stream too. The web's own FormData and Blob can be read again.
    if ('pipe' in part || Symbol.asyncIterator in part) return false;
    parts.push(...Object.values(part).slice(0, PARTS_LIMIT));
  }
  return true;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
