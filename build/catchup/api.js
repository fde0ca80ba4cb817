import { HttpError, momentOf, } from '../ports/index.js';
import { excerptOf } from '../wire/index.js';
import { allows, judged, levelOf, newBudget, projectedOf, spent, usedOf, } from './budget.js';
import { limitedBy, resetMsOf, waitMsOf } from './rate-limits.js';
const TOKEN_WAIT_MS = 10_000;
// Fifty messages with a card each: a page of 30 KB cards is 1.5 MB.
const ANSWER_BYTES_LIMIT = 16 * 1024 * 1024;
const DETAIL_LENGTH = 200;
const RATE_LIMITED = 99_991_400;
const QUOTA_EXHAUSTED = 99_991_403;
/** Answers that mean: drop the token, fetch one, repeat the call once (docs/protocol.md, 7.2). */
const TOKEN_INVALID = new Set([99_991_661, 99_991_663, 99_991_664, 99_991_668, 99_991_671]);
/** A scope is missing: for the app, for the user, for all messages of a group. */
const SCOPE_MISSING = new Set([99_991_672, 99_991_679, 230_027]);
const NOT_A_MEMBER = new Set([230_002, 230_006]);
/**
 * Calls the platform's API within the call budget and the platform's rate limits, one call after another. Never
 * rejects: what went wrong is an answer.
 */
export class Api {
    #parts;
    #budget = newBudget();
    #level = 'free';
    #limits = {};
    #nextAt = 0;
    constructor(parts) {
        this.#parts = parts;
    }
    get budget() {
        return this.#budget;
    }
    /** How freely calls may be spent now. */
    get level() {
        this.#judge();
        return this.#level;
    }
    /** Takes up what was kept over a restart. */
    restore(budget) {
        this.#budget = budget;
        this.#judge();
    }
    /** Counts a call that was made elsewhere with the app's token, such as the application's own. */
    count(route) {
        this.#spend(route, 'app');
    }
    /** What a call would be told without being made, or null: go ahead. */
    refusal(route, purpose) {
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
        if (waitMs === 0)
            return null;
        return { failure: failureOf('rate_limited', RATE_LIMITED, 'the limit lasts'), retryAfterMs: waitMs };
    }
    async call(call) {
        const first = await this.#callOnce(call);
        if (first.ok || first.failure.failure !== 'token_unavailable' || first.failure.code === null)
            return first;
        // The token was replaced; what the second answer says stands.
        return this.#callOnce(call);
    }
    async #callOnce(call) {
        const refusal = this.refusal(call.route, call.purpose);
        if (refusal)
            return { ok: false, ...refusal };
        await this.#turn(call.signal);
        if (call.signal.aborted)
            return failed('aborted', null, 'stopped before it was sent');
        let token;
        try {
            token = await this.#parts.token.current({ signal: call.signal, timeoutMs: TOKEN_WAIT_MS });
        }
        catch (error) {
            if (call.signal.aborted)
                return failed('aborted', null, 'stopped while waiting for a token');
            // What a token error says is written for people and holds no token; its name is enough where it is somebody else's.
            return failed('token_unavailable', null, error instanceof Error ? excerptOf(error.message, DETAIL_LENGTH) : 'no token');
        }
        this.#spend(call.route, call.purpose);
        const answer = await this.#send(call, token);
        this.#learn(call.route, answer);
        const code = answer.ok ? null : answer.failure.code;
        if (code !== null && TOKEN_INVALID.has(code))
            this.#parts.token.invalidate(token, code);
        return answer;
    }
    async #send({ route, query, signal }, token) {
        const { http, baseUrl, policy } = this.#parts;
        const search = new URLSearchParams(query).toString();
        let response;
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
        }
        catch (error) {
            const kind = error instanceof HttpError ? error.kind : 'unknown';
            if (kind === 'aborted')
                return failed('aborted', null, 'stopped while it was under way');
            const said = error instanceof Error ? excerptOf(error.message, DETAIL_LENGTH) : 'no message';
            return failed(kind === 'too_large' ? 'bad_answer' : 'unreachable', null, `${kind}: ${said}`);
        }
        return answerOf(response);
    }
    /** What an answer says about limits. */
    #learn(route, answer) {
        const { clock } = this.#parts;
        const code = answer.ok ? 0 : answer.failure.failure;
        const isLimited = code === 'rate_limited';
        // A call that never reached the platform says nothing about its limits.
        if (!answer.ok && !isLimited && answer.failure.code === null)
            return;
        const resetMs = answer.ok ? null : answer.retryAfterMs;
        this.#limits = limitedBy(this.#limits, route, { isLimited, resetMs }, clock.now());
        const isExhausted = code === 'quota_exhausted';
        if (!isExhausted && !answer.ok)
            return;
        this.#keep(judged(this.#budget, isExhausted, clock.wallNow()));
    }
    #spend(route, purpose) {
        this.#keep(spent(this.#budget, route, purpose, this.#parts.clock.wallNow()));
    }
    #keep(budget) {
        if (budget === this.#budget)
            return;
        this.#budget = budget;
        this.#parts.budgetChanged(budget);
        this.#judge();
    }
    #judge() {
        const { clock, policy, report } = this.#parts;
        const moment = momentOf(clock);
        const level = levelOf(this.#budget, policy.budget, moment.wallNow, this.#level);
        if (level === this.#level)
            return;
        this.#level = level;
        const used = usedOf(this.#budget, moment.wallNow);
        const projected = projectedOf(this.#budget, moment.wallNow);
        report({ type: 'budget', level, used, projected, quota: policy.budget.monthlyQuota }, moment);
    }
    /** Waits until this call may go: calls start at least `callIntervalMs` apart. */
    #turn(signal) {
        const { clock, policy } = this.#parts;
        const at = Math.max(clock.now(), this.#nextAt);
        this.#nextAt = at + policy.callIntervalMs;
        return pause(clock, at - clock.now(), signal);
    }
}
/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(clock, ms, signal) {
    if (ms <= 0 || signal.aborted)
        return Promise.resolve();
    return new Promise((resolve) => {
        const timers = [];
        const end = () => {
            for (const timer of timers)
                timer.cancel();
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
export function limited(clock, work, ms, signal) {
    return new Promise((resolve, reject) => {
        const finish = (settle) => {
            timer.cancel();
            signal.removeEventListener('abort', abort);
            settle();
        };
        const abort = () => finish(() => reject(new Error('stopped')));
        const timer = clock.timer(ms, () => finish(() => reject(new Error(`it took longer than ${ms} ms`))));
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted)
            abort();
        work.then((value) => finish(() => resolve(value)), (error) => finish(() => reject(error)));
    });
}
/** What the platform's answer means. The code in the body counts whatever the HTTP status (docs/protocol.md, 7.2). */
export function answerOf(response) {
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
    if (code === null)
        return failed(response.status === 200 ? 'bad_answer' : 'http_status', null, detail);
    return {
        ok: false,
        failure: { ...failureOf(kindOf(code), code, detail), scopes: scopesIn(message) },
        retryAfterMs: null,
    };
}
function kindOf(code) {
    if (code === QUOTA_EXHAUSTED)
        return 'quota_exhausted';
    if (TOKEN_INVALID.has(code))
        return 'token_unavailable';
    if (SCOPE_MISSING.has(code))
        return 'scope_missing';
    return NOT_A_MEMBER.has(code) ? 'not_a_member' : 'api_code';
}
/** The platform names the scopes in its message: `One of the following scopes is required: [im:message, im:chat]`. */
function scopesIn(message) {
    const found = message.match(/\b[a-z_]+(?::[a-z_.]+)+\b/g) ?? [];
    return [...new Set(found)].slice(0, 10);
}
/** The message without addresses: they hold the app's id and long query strings. Names of scopes are kept whole. */
function spoken(message) {
    return excerptOf(message.replace(/https?:\/\/\S+/g, ''), DETAIL_LENGTH);
}
function failed(failure, code, detail) {
    return { ok: false, failure: failureOf(failure, code, detail), retryAfterMs: null };
}
function failureOf(failure, code, detail) {
    return { failure, code, detail, scopes: [] };
}
function objectOf(text) {
    try {
        const value = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
    }
    catch {
        // Not JSON: the caller says so. The parser's message would quote the body.
        return null;
    }
}
