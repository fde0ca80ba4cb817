import { type Clock, momentOf, type Random, type ReportSink, type Timer } from '../ports/index.js';
import { type LastFailure, TokenError } from './error.js';
import type { FetchOutcome } from './fetch.js';
import type { TokenPolicy } from './policy.js';
import type { TokenReport } from './report.js';
import {
  newToken,
  servedValue,
  step,
  type Token,
  type TokenEffect,
  type TokenInput,
  type TokenState,
  wakeAt,
} from './token.js';

export interface KeeperPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** One token request; settles by itself, and early when the signal aborts. */
  readonly fetch: (signal: AbortSignal) => Promise<FetchOutcome>;
  readonly report: ReportSink<TokenReport>;
  readonly policy: TokenPolicy;
}

export interface CurrentOptions {
  /** Ends the wait; `current` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Longest wait, in milliseconds. Default: the policy's `callerTimeoutMs`, 10,000. */
  readonly timeoutMs?: number;
}

/** What `status` shows. No secret in it. */
export interface TokenSnapshot {
  readonly state: TokenState;
  /** A valid token is in hand. */
  readonly hasToken: boolean;
  /** Milliseconds for which it will still be served; 0 without one. */
  readonly expiresInMs: number;
  /** How early it is renewed, in milliseconds; 0 without one. */
  readonly marginMs: number;
  /** Failures in a row; 0 after a success. */
  readonly failures: number;
  readonly lastFailure: LastFailure | null;
  /** Milliseconds since the Unix epoch, null if there was none. */
  readonly lastFailureAt: number | null;
  /** Milliseconds since the Unix epoch; null while a request is in flight or nothing is started. */
  readonly nextAttemptAt: number | null;
  /** Callers that wait for a token. */
  readonly waiting: number;
}

interface Waiter {
  readonly deadlineAt: number;
  readonly settle: (outcome: string | TokenError) => void;
}

/**
 * Keeps the tenant token of one app valid, in the background, with one request at a time. The one owner of the
 * mutable cell, the queue of inputs, the timer and the request in flight; what to do is decided by {@link step}.
 */
export class TokenKeeper {
  readonly #ports: KeeperPorts;
  readonly #inbox: TokenInput[] = [];
  readonly #waiters = new Set<Waiter>();
  #token: Token = newToken();
  #isDraining = false;
  #timer: Timer | null = null;
  #request: AbortController | null = null;
  #lastFailure: LastFailure | null = null;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  /** Starts asking for a token, and renewing it. Returns at once; a second call does nothing. */
  start(): void {
    this.#tell({ type: 'start' });
  }

  /** Drops the token, aborts the request in flight and refuses all who wait. It can be started again. */
  stop(): void {
    this.#tell({ type: 'stop' });
  }

  /**
   * The valid token: at once if there is one, else as soon as the request that everybody shares brings one.
   * @throws TokenError `token_unavailable` when none came in time, or the next attempt lies beyond that time;
   *   `token_stopped`; `token_overloaded`. The signal's reason if that aborts.
   */
  current(options: CurrentOptions = {}): Promise<string> {
    const { clock, policy } = this.#ports;
    const { signal, timeoutMs = policy.callerTimeoutMs } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const value = servedValue(this.#token, clock.now());
    if (value !== null) return Promise.resolve(value);
    if (this.#waiters.size >= policy.waitingLimit) {
      const message = `${policy.waitingLimit} callers wait for a token already`;
      return Promise.reject(new TokenError('token_overloaded', message, this.#lastFailure));
    }
    return new Promise((resolve, reject) => {
      const settle = (outcome: string | TokenError): void => {
        this.#waiters.delete(waiter);
        timer.cancel();
        signal?.removeEventListener('abort', abandon);
        if (typeof outcome === 'string') resolve(outcome);
        else reject(outcome);
      };
      const abandon = (): void => {
        reject(signal?.reason);
        settle(this.#unavailable());
      };
      const timer = clock.timer(timeoutMs, () => settle(this.#unavailable()));
      const waiter: Waiter = { deadlineAt: clock.now() + timeoutMs, settle };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiters.add(waiter);
      this.#tell({ type: 'wanted' });
      if (this.#waiters.has(waiter)) this.#settleIfDecided(waiter);
    });
  }

  /**
   * An API call that carried `token` was told, with `code`, that it is invalid. If it is the token in use it is dropped
   * and replaced, within limits that keep an API which calls every token invalid from causing a storm.
   */
  invalidate(token: string, code: number): void {
    this.#tell({ type: 'invalidated', token, code });
  }

  /** Evidence that asking again is worth it now: cuts a wait after failures short, at most once a second. */
  nudge(): void {
    this.#tell({ type: 'nudged' });
  }

  snapshot(): TokenSnapshot {
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

  #tell(input: TokenInput): void {
    this.#inbox.push(input);
    // An effect told us something: it waits its turn, no re-entry.
    if (this.#isDraining) return;
    this.#isDraining = true;
    const before = this.#token;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#take(next);
    } finally {
      this.#isDraining = false;
      if (this.#token !== before) for (const waiter of [...this.#waiters]) this.#settleIfDecided(waiter);
      // Also re-armed when the clock fired it a little early and nothing was due yet.
      if (this.#token !== before || this.#timer === null) this.#setTimer();
    }
  }

  #take(input: TokenInput): void {
    const { clock, random, policy } = this.#ports;
    const { next, effects } = step(this.#token, input, { now: clock.now(), random: random() }, policy);
    this.#token = next;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: TokenEffect): void {
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

  #fetch(flight: number): void {
    const request = new AbortController();
    this.#request = request;
    const failed = (error: unknown): void => {
      // A fetch that rejects breaks its contract. Keeping the app alive counts more, and the name tells who did it;
      // the message stays out, as nobody promised that it holds no secret.
      const detail = `the token request threw ${error instanceof Error ? error.name : typeof error}`;
      this.#tell({ type: 'failed', flight, failure: 'token_unreachable', detail, retryAfterMs: null });
    };
    // Started in a microtask, so that a fetch that throws at once is told like any other.
    Promise.resolve(request.signal)
      .then(this.#ports.fetch)
      .then((outcome) => {
        if ('token' in outcome) this.#tell({ type: 'fetched', flight, ...outcome });
        else this.#tell({ type: 'failed', flight, ...outcome });
      }, failed);
  }

  #settleIfDecided(waiter: Waiter): void {
    const token = this.#token;
    const value = servedValue(token, this.#ports.clock.now());
    if (value !== null) waiter.settle(value);
    else if (token.state === 'stopped') waiter.settle(this.#stopped());
    // Nothing will be asked while this caller waits: better told now than after its deadline.
    else if (token.state === 'waiting' && token.fetchAt >= waiter.deadlineAt) waiter.settle(this.#unavailable());
  }

  #setTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const at = wakeAt(this.#token);
    if (at === null) return;
    const delayMs = Math.max(0, Math.ceil(at - this.#ports.clock.now()));
    this.#timer = this.#ports.clock.timer(delayMs, () => {
      this.#timer = null;
      this.#tell({ type: 'tick' });
    });
  }

  #unavailable(): TokenError {
    const last = this.#lastFailure;
    const reason = last === null ? 'the first request has not been answered' : `${last.code}, ${last.detail}`;
    return new TokenError('token_unavailable', `no valid tenant token: ${reason}`, last);
  }

  #stopped(): TokenError {
    return new TokenError('token_stopped', 'no tenant token: nothing is started, or it was stopped', this.#lastFailure);
  }
}
