import { momentOf } from '../ports/index.js';
import { TokenError } from './error.js';
import { newToken, servedValue, step, wakeAt, } from './token.js';
/**
 * Keeps the tenant token of one app valid, in the background, with one request at a time. The one owner of the
 * mutable cell, the queue of inputs, the timer and the request in flight; what to do is decided by {@link step}.
 */
export class TokenKeeper {
    #ports;
    #inbox = [];
    #waiters = new Set();
    #token = newToken();
    #isDraining = false;
    #timer = null;
    #request = null;
    #lastFailure = null;
    constructor(ports) {
        this.#ports = ports;
    }
    /** Starts asking for a token, and renewing it. Returns at once; a second call does nothing. */
    start() {
        this.#tell({ type: 'start' });
    }
    /** Drops the token, aborts the request in flight and refuses all who wait. It can be started again. */
    stop() {
        this.#tell({ type: 'stop' });
    }
    /**
     * The valid token: at once if there is one, else as soon as the request that everybody shares brings one.
     * @throws TokenError `token_unavailable` when none came in time, or the next attempt lies beyond that time;
     *   `token_stopped`; `token_overloaded`. The signal's reason if that aborts.
     */
    current(options = {}) {
        const { clock, policy } = this.#ports;
        const { signal, timeoutMs = policy.callerTimeoutMs } = options;
        if (signal?.aborted)
            return Promise.reject(signal.reason);
        const value = servedValue(this.#token, clock.now());
        if (value !== null)
            return Promise.resolve(value);
        if (this.#waiters.size >= policy.waitingLimit) {
            const message = `${policy.waitingLimit} callers wait for a token already`;
            return Promise.reject(new TokenError('token_overloaded', message, this.#lastFailure));
        }
        return new Promise((resolve, reject) => {
            const settle = (outcome) => {
                this.#waiters.delete(waiter);
                timer.cancel();
                signal?.removeEventListener('abort', abandon);
                if (typeof outcome === 'string')
                    resolve(outcome);
                else
                    reject(outcome);
            };
            const abandon = () => {
                reject(signal?.reason);
                settle(this.#unavailable());
            };
            const timer = clock.timer(timeoutMs, () => settle(this.#unavailable()));
            const waiter = { deadlineAt: clock.now() + timeoutMs, settle };
            signal?.addEventListener('abort', abandon, { once: true });
            this.#waiters.add(waiter);
            this.#tell({ type: 'wanted' });
            if (this.#waiters.has(waiter))
                this.#settleIfDecided(waiter);
        });
    }
    /**
     * An API call that carried `token` was told, with `code`, that it is invalid. If it is the token in use it is dropped
     * and replaced, within limits that keep an API which calls every token invalid from causing a storm.
     */
    invalidate(token, code) {
        this.#tell({ type: 'invalidated', token, code });
    }
    /** Evidence that asking again is worth it now: cuts a wait after failures short, at most once a second. */
    nudge() {
        this.#tell({ type: 'nudged' });
    }
    snapshot() {
        const { clock } = this.#ports;
        const { now, wallNow } = momentOf(clock);
        const token = this.#token;
        const held = token.state !== 'stopped' && servedValue(token, now) !== null ? token.held : null;
        return {
            state: token.state,
            hasToken: held !== null,
            expiresInMs: held === null ? 0 : held.expiresAt - now,
            marginMs: held?.marginMs ?? 0,
            failures: token.state === 'stopped' ? 0 : (token.trouble?.failures ?? 0),
            lastFailure: this.#lastFailure,
            lastFailureAt: this.#lastFailure?.at ?? null,
            nextAttemptAt: token.state === 'waiting' ? wallNow + Math.max(0, token.fetchAt - now) : null,
            waiting: this.#waiters.size,
        };
    }
    #tell(input) {
        this.#inbox.push(input);
        // An effect told us something: it waits its turn, no re-entry.
        if (this.#isDraining)
            return;
        this.#isDraining = true;
        const before = this.#token;
        try {
            for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift())
                this.#take(next);
        }
        finally {
            this.#isDraining = false;
            if (this.#token !== before)
                for (const waiter of [...this.#waiters])
                    this.#settleIfDecided(waiter);
            // Also re-armed when the clock fired it a little early and nothing was due yet.
            if (this.#token !== before || this.#timer === null)
                this.#setTimer();
        }
    }
    #take(input) {
        const { clock, random, policy } = this.#ports;
        const { next, effects } = step(this.#token, input, { now: clock.now(), random: random() }, policy);
        this.#token = next;
        for (const effect of effects)
            this.#perform(effect);
    }
    #perform(effect) {
        switch (effect.do) {
            case 'fetch':
                this.#fetch(effect.flight);
                return;
            case 'abort':
                this.#request?.abort();
                this.#request = null;
                return;
            case 'report': {
                const moment = momentOf(this.#ports.clock);
                const { report } = effect;
                if (report.type === 'refresh_failed') {
                    const { failure: code, verdict, detail } = report;
                    this.#lastFailure = { code, verdict, detail, at: moment.wallNow };
                }
                this.#ports.report(report, moment);
            }
        }
    }
    #fetch(flight) {
        const request = new AbortController();
        this.#request = request;
        const failed = (error) => {
            // A fetch that rejects breaks its contract. Keeping the app alive counts more, and the name tells who did it;
            // the message stays out, as nobody promised that it holds no secret.
            const detail = `the token request threw ${error instanceof Error ? error.name : typeof error}`;
            this.#tell({ type: 'failed', flight, failure: 'token_unreachable', detail, retryAfterMs: null });
        };
        // Started in a microtask, so that a fetch that throws at once is told like any other.
        Promise.resolve(request.signal)
            .then(this.#ports.fetch)
            .then((outcome) => {
            if ('token' in outcome)
                this.#tell({ type: 'fetched', flight, ...outcome });
            else
                this.#tell({ type: 'failed', flight, ...outcome });
        }, failed);
    }
    #settleIfDecided(waiter) {
        const token = this.#token;
        const value = servedValue(token, this.#ports.clock.now());
        if (value !== null)
            waiter.settle(value);
        else if (token.state === 'stopped')
            waiter.settle(this.#stopped());
        // Nothing will be asked while this caller waits: better told now than after its deadline.
        else if (token.state === 'waiting' && token.fetchAt >= waiter.deadlineAt)
            waiter.settle(this.#unavailable());
    }
    #setTimer() {
        this.#timer?.cancel();
        this.#timer = null;
        const at = wakeAt(this.#token);
        if (at === null)
            return;
        const delayMs = Math.max(0, Math.ceil(at - this.#ports.clock.now()));
        this.#timer = this.#ports.clock.timer(delayMs, () => {
            this.#timer = null;
            this.#tell({ type: 'tick' });
        });
    }
    #unavailable() {
        const last = this.#lastFailure;
        const reason = last === null ? 'the first request has not been answered' : `${last.code}, ${last.detail}`;
        return new TokenError('token_unavailable', `no valid tenant token: ${reason}`, last);
    }
    #stopped() {
        return new TokenError('token_stopped', 'no tenant token: nothing is started, or it was stopped', this.#lastFailure);
    }
}
