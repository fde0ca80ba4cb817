import {
  type Clock,
  type Http,
  HttpError,
  type HttpResponse,
  momentOf,
  type NetworkError,
  type ReportSink,
  type Timer,
} from '../ports/index.js';
import { excerptOf } from '../wire/index.js';
import {
  allows,
  type Budget,
  type CallPurpose,
  judged,
  levelOf,
  newBudget,
  projectedOf,
  spent,
  usedOf,
} from './budget.js';
import type { CallFailure, CallFailureCode } from './failure.js';
import type { LookoutPolicy } from './policy.js';
import { limitedBy, type RateLimits, resetMsOf, waitMsOf } from './rate-limits.js';
import type { BudgetLevel, CatchupReport } from './report.js';

/** Where tenant tokens come from: the part of the token keeper that is used. */
export interface TokenPort {
  /** Rejects when there is none within `timeoutMs`. */
  current(options: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<string>;
  /** The platform called it invalid, with this code. */
  invalidate(token: string, code: number): void;
}

export interface ApiParts {
  readonly clock: Clock;
  readonly http: Http;
  readonly token: TokenPort;
  /** Scheme, host and optional path prefix, such as `https://open.feishu.cn`. */
  readonly baseUrl: string;
  readonly policy: LookoutPolicy;
  readonly report: ReportSink<CatchupReport>;
  /** Told of every change of the Budget, to keep it. */
  readonly budgetChanged: (budget: Budget) => void;
}

/** One GET. `route` is the template that names it in counts and metrics; here no route has parameters in its path. */
export interface ApiCall {
  readonly route: string;
  readonly query: Readonly<Record<string, string>>;
  readonly purpose: CallPurpose;
  readonly signal: AbortSignal;
}

export type ApiAnswer =
  | { readonly ok: true; readonly data: Readonly<Record<string, unknown>> }
  /** `retryAfterMs`: not sooner than that; null if nothing says so. */
  | { readonly ok: false; readonly failure: CallFailure; readonly retryAfterMs: number | null };

const TOKEN_WAIT_MS = 10_000;
// Fifty messages with a card each: a page of 30 KB cards is 1.5 MB.
const ANSWER_BYTES_LIMIT = 16 * 1024 * 1024;
const DETAIL_LENGTH = 200;

const RATE_LIMITED = 99_991_400;
const QUOTA_EXHAUSTED = 99_991_403;
/** Answers that mean: drop the token, fetch one, repeat the call once (docs/protocol.md, 7.2). */
const TOKEN_INVALID: ReadonlySet<number> = new Set([99_991_661, 99_991_663, 99_991_664, 99_991_668, 99_991_671]);
/** A scope is missing: for the app, for the user, for all messages of a group. */
const SCOPE_MISSING: ReadonlySet<number> = new Set([99_991_672, 99_991_679, 230_027]);
const NOT_A_MEMBER: ReadonlySet<number> = new Set([230_002, 230_006]);

/**
 * Calls the platform's API within the call budget and the platform's rate limits, one call after another. Never
 * rejects: what went wrong is an answer.
 */
export class Api {
  readonly #parts: ApiParts;
  #budget: Budget = newBudget();
  #level: BudgetLevel = 'free';
  #limits: RateLimits = {};
  #nextAt = 0;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** How freely calls may be spent now. */
  get level(): BudgetLevel {
    this.#judge();
    return this.#level;
  }

  /** Takes up what was kept over a restart. */
  restore(budget: Budget): void {
    this.#budget = budget;
    this.#judge();
  }

  /** Counts a call that was made elsewhere with the app's token, such as the application's own. */
  count(route: string): void {
    this.#spend(route, 'app');
  }

  /** What a call would be told without being made, or null: go ahead. */
  refusal(
    route: string,
    purpose: CallPurpose,
  ): { readonly failure: CallFailure; readonly retryAfterMs: number | null } | null {
    const { clock, policy } = this.#parts;
    const level = this.level;
    if (!allows(this.#budget, policy.budget, level, purpose, clock.wallNow())) {
      const isRefused = this.#budget.exhaustedAt !== null && level === 'exhausted';
      const detail = isRefused
        ? 'the platform said that the monthly quota is used up'
        : level === 'free' && purpose === 'catchup'
          ? 'catch-up has used up its share of today'
          : `the call budget is ${level}: ${usedOf(this.#budget, clock.wallNow())} of ${policy.budget.monthlyQuota} calls used this month`;
      return { failure: failureOf(isRefused ? 'quota_exhausted' : 'budget_spared', null, detail), retryAfterMs: null };
    }
    const waitMs = waitMsOf(this.#limits, route, clock.now());
    if (waitMs === 0) return null;
    return { failure: failureOf('rate_limited', RATE_LIMITED, 'the limit lasts'), retryAfterMs: waitMs };
  }

  async call(call: ApiCall): Promise<ApiAnswer> {
    const first = await this.#callOnce(call);
    if (first.ok || first.failure.failure !== 'token_unavailable' || first.failure.code === null) return first;
    // The token was replaced; what the second answer says stands.
    return this.#callOnce(call);
  }

  async #callOnce(call: ApiCall): Promise<ApiAnswer> {
    const refusal = this.refusal(call.route, call.purpose);
    if (refusal) return { ok: false, ...refusal };
    await this.#turn(call.signal);
    if (call.signal.aborted) return failed('aborted', null, 'stopped before it was sent');
    let token: string;
    try {
      token = await this.#parts.token.current({ signal: call.signal, timeoutMs: TOKEN_WAIT_MS });
    } catch (error) {
      if (call.signal.aborted) return failed('aborted', null, 'stopped while waiting for a token');
      // What a token error says is written for people and holds no token; its name is enough where it is somebody else's.
      return failed(
        'token_unavailable',
        null,
        error instanceof Error ? excerptOf(error.message, DETAIL_LENGTH) : 'no token',
      );
    }
    this.#spend(call.route, call.purpose);
    const answer = await this.#send(call, token);
    this.#learn(call.route, answer);
    const code = answer.ok ? null : answer.failure.code;
    if (code !== null && TOKEN_INVALID.has(code)) this.#parts.token.invalidate(token, code);
    return answer;
  }

  async #send({ route, query, signal }: ApiCall, token: string): Promise<ApiAnswer> {
    const { http, baseUrl, policy } = this.#parts;
    const search = new URLSearchParams(query).toString();
    let response: HttpResponse;
    try {
      response = await http({
        method: 'GET',
        url: `${baseUrl.replace(/\/+$/, '')}${route}${search === '' ? '' : `?${search}`}`,
        route,
        headers: { authorization: `Bearer ${token}` },
        timeoutMs: policy.callTimeoutMs,
        maxBytes: ANSWER_BYTES_LIMIT,
        signal,
      });
    } catch (error) {
      const kind: NetworkError = error instanceof HttpError ? error.kind : 'unknown';
      if (kind === 'aborted') return failed('aborted', null, 'stopped while it was under way');
      const said = error instanceof Error ? excerptOf(error.message, DETAIL_LENGTH) : 'no message';
      return failed(kind === 'too_large' ? 'bad_answer' : 'unreachable', null, `${kind}: ${said}`);
    }
    return answerOf(response);
  }

  /** What an answer says about limits. */
  #learn(route: string, answer: ApiAnswer): void {
    const { clock } = this.#parts;
    const code = answer.ok ? 0 : answer.failure.failure;
    const isLimited = code === 'rate_limited';
    // A call that never reached the platform says nothing about its limits.
    if (!answer.ok && !isLimited && answer.failure.code === null) return;
    const resetMs = answer.ok ? null : answer.retryAfterMs;
    this.#limits = limitedBy(this.#limits, route, { isLimited, resetMs }, clock.now());
    const isExhausted = code === 'quota_exhausted';
    if (!isExhausted && !answer.ok) return;
    this.#keep(judged(this.#budget, isExhausted, clock.wallNow()));
  }

  #spend(route: string, purpose: CallPurpose): void {
    this.#keep(spent(this.#budget, route, purpose, this.#parts.clock.wallNow()));
  }

  #keep(budget: Budget): void {
    if (budget === this.#budget) return;
    this.#budget = budget;
    this.#parts.budgetChanged(budget);
    this.#judge();
  }

  #judge(): void {
    const { clock, policy, report } = this.#parts;
    const moment = momentOf(clock);
    const level = levelOf(this.#budget, policy.budget, moment.wallNow, this.#level);
    if (level === this.#level) return;
    this.#level = level;
    const used = usedOf(this.#budget, moment.wallNow);
    const projected = projectedOf(this.#budget, moment.wallNow);
    report({ type: 'budget', level, used, projected, quota: policy.budget.monthlyQuota }, moment);
  }

  /** Waits until this call may go: calls start at least `callIntervalMs` apart. */
  #turn(signal: AbortSignal): Promise<void> {
    const { clock, policy } = this.#parts;
    const at = Math.max(clock.now(), this.#nextAt);
    this.#nextAt = at + policy.callIntervalMs;
    return pause(clock, at - clock.now(), signal);
  }
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timers: Timer[] = [];
    const end = (): void => {
      for (const timer of timers) timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    timers.push(clock.timer(ms, end));
    signal.addEventListener('abort', end, { once: true });
  });
}

/**
 * Settles with the work, or rejects as soon as the signal aborts or after `ms`: whoever breaks a promise to settle in time
 * cannot hold us.
 */
export function limited<Value>(clock: Clock, work: Promise<Value>, ms: number, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => finish(() => reject(new Error('stopped')));
    const timer = clock.timer(ms, () => finish(() => reject(new Error(`it took longer than ${ms} ms`))));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}

/** What the platform's answer means. The code in the body counts whatever the HTTP status (docs/protocol.md, 7.2). */
export function answerOf(response: HttpResponse): ApiAnswer {
  const body = objectOf(response.body);
  const code = typeof body?.code === 'number' ? body.code : null;
  if (code === 0 && response.status === 200) {
    // The older APIs have no `data`: what they answer stands beside the code.
    const data = body?.data ?? body;
    return { ok: true, data: typeof data === 'object' && data !== null ? { ...data } : {} };
  }
  const message = typeof body?.msg === 'string' ? body.msg : '';
  const detail = [
    `HTTP ${response.status}`,
    ...(code === null ? [] : [`code ${code}`]),
    ...(message === '' ? [] : [spoken(message)]),
  ].join(', ');
  if (code === RATE_LIMITED || response.status === 429) {
    const failure = failureOf('rate_limited', code ?? RATE_LIMITED, detail);
    return { ok: false, failure, retryAfterMs: resetMsOf(response.headers) };
  }
  if (code === null) return failed(response.status === 200 ? 'bad_answer' : 'http_status', null, detail);
  return {
    ok: false,
    failure: { ...failureOf(kindOf(code), code, detail), scopes: scopesIn(message) },
    retryAfterMs: null,
  };
}

function kindOf(code: number): CallFailureCode {
  if (code === QUOTA_EXHAUSTED) return 'quota_exhausted';
  if (TOKEN_INVALID.has(code)) return 'token_unavailable';
  if (SCOPE_MISSING.has(code)) return 'scope_missing';
  return NOT_A_MEMBER.has(code) ? 'not_a_member' : 'api_code';
}

/** The platform names the scopes in its message: `One of the following scopes is required: [im:message, im:chat]`. */
function scopesIn(message: string): readonly string[] {
  const found = message.match(/\b[a-z_]+(?::[a-z_.]+)+\b/g) ?? [];
  return [...new Set(found)].slice(0, 10);
}

/** The message without addresses: they hold the app's id and long query strings. Names of scopes are kept whole. */
function spoken(message: string): string {
  return excerptOf(message.replace(/https?:\/\/\S+/g, ''), DETAIL_LENGTH);
}

function failed(failure: CallFailureCode, code: number | null, detail: string): ApiAnswer {
  return { ok: false, failure: failureOf(failure, code, detail), retryAfterMs: null };
}

function failureOf(failure: CallFailureCode, code: number | null, detail: string): CallFailure {
  return { failure, code, detail, scopes: [] };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    // Not JSON: the caller says so. The parser's message would quote the body.
    return null;
  }
}
