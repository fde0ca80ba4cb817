import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/ports/index.js';
import {
  type FetchOutcome,
  resolveTokenPolicy,
  TokenError,
  TokenKeeper,
  type TokenOptions,
  type TokenReport,
} from '../../src/token/index.js';
import { HandClock, settled } from '../support/hand-clock.js';

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;
const DOWN: FetchOutcome = { failure: 'token_unreachable', detail: 'refused', retryAfterMs: null };
const REJECTED: FetchOutcome = { failure: 'token_credentials_rejected', detail: 'code 10014', retryAfterMs: null };

/** A keeper whose requests the test answers, one after the other. */
function keeping(options: TokenOptions = {}, answer?: () => FetchOutcome) {
  const clock = new HandClock();
  const reports: TokenReport[] = [];
  const requests: { readonly signal: AbortSignal; readonly at: number; answer(outcome: FetchOutcome): void }[] = [];
  const keeper = new TokenKeeper({
    clock,
    random: seededRandom(5),
    policy: resolveTokenPolicy(options),
    report: (report) => reports.push(report),
    fetch: (signal) =>
      new Promise((resolve) => {
        requests.push({ signal, at: clock.now(), answer: resolve });
        if (answer !== undefined) resolve(answer());
      }),
  });
  /** Answers the request in flight, and lets everybody hear of it. */
  const answerWith = async (outcome: FetchOutcome): Promise<void> => {
    requests.at(-1)?.answer(outcome);
    await settled();
  };
  return { clock, keeper, reports, requests, answerWith };
}

const grant = (token: string, lifetimeMs = 2 * HOURS): FetchOutcome => ({ token, lifetimeMs });

/** What a promise rejects with; a promise that resolves fails the test. */
async function errorOf(promise: Promise<unknown>): Promise<TokenError> {
  const error = await promise.then(
    (value) => Promise.reject(new Error(`resolved with ${String(value)}`)),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenError)) throw error;
  return error;
}

test('five cold callers share one request', async () => {
  const { keeper, requests, answerWith } = keeping();
  keeper.start();
  const callers = Promise.all(Array.from({ length: 5 }, () => keeper.current()));
  await settled();
  expect(keeper.snapshot().waiting).toBe(5);
  await answerWith(grant('t-1'));
  expect(await callers).toEqual(Array(5).fill('t-1'));
  expect(requests).toHaveLength(1);
  expect(keeper.snapshot()).toMatchObject({ state: 'waiting', hasToken: true, waiting: 0, failures: 0 });
});

test('a valid token is given at once, without a request', async () => {
  const { keeper, requests, answerWith } = keeping();
  keeper.start();
  await settled();
  await answerWith(grant('t-1'));
  for (let call = 0; call < 100; call += 1) expect(await keeper.current()).toBe('t-1');
  expect(requests).toHaveLength(1);
});

test('the old token is served while its renewal hangs', async () => {
  const { clock, keeper, requests, answerWith } = keeping();
  keeper.start();
  await settled();
  await answerWith(grant('t-1'));
  await clock.advanceBy(2 * HOURS - 20 * MINUTES);
  // The renewal was given up after its 20 s and tried again, one at a time.
  expect(requests.slice(1).map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  expect(await keeper.current()).toBe('t-1');
});

test('a caller waits ten seconds for a request that hangs, and is then told why', async () => {
  const { clock, keeper } = keeping();
  keeper.start();
  const outcome = errorOf(keeper.current());
  await clock.advanceBy(9_999);
  expect(keeper.snapshot().waiting).toBe(1);
  await clock.advanceBy(1);
  const error = await outcome;
  expect(error).toMatchObject({ code: 'token_unavailable', verdict: 'retry', cause: null });
  expect(error.message).toBe('no valid tenant token: the first request has not been answered');
  expect(keeper.snapshot().waiting).toBe(0);
});

test('a caller is told at once when nothing will be asked before its deadline', async () => {
  const { clock, keeper, answerWith } = keeping();
  keeper.start();
  const early = errorOf(keeper.current());
  await settled();
  await answerWith(REJECTED);
  expect(await early).toMatchObject({
    code: 'token_unavailable',
    verdict: 'operator',
    cause: { code: 'token_credentials_rejected', verdict: 'operator', detail: 'code 10014', at: clock.wallNow() },
  });
  expect((await errorOf(keeper.current())).verdict).toBe('operator');
});

test('a caller that outlasts a short outage gets its token', async () => {
  const { clock, keeper, requests, answerWith } = keeping();
  keeper.start();
  const caller = keeper.current();
  await settled();
  await answerWith(DOWN);
  await clock.advanceBy(1_000);
  expect(requests).toHaveLength(2);
  await answerWith(grant('t-1'));
  expect(await caller).toBe('t-1');
});

test('a caller can leave, and leaves nothing behind', async () => {
  const { clock, keeper, answerWith } = keeping();
  keeper.start();
  const pendingBefore = clock.pending;
  const leaving = new AbortController();
  const caller = keeper.current({ signal: leaving.signal });
  leaving.abort(new Error('gone home'));
  await expect(caller).rejects.toThrow('gone home');
  expect(keeper.snapshot().waiting).toBe(0);
  expect(clock.pending).toBe(pendingBefore);
  const staying = new AbortController();
  const served = keeper.current({ signal: staying.signal });
  expect(getEventListeners(staying.signal, 'abort')).toHaveLength(1);
  await answerWith({ token: 't-1', lifetimeMs: 2 * HOURS });
  expect(await served).toBe('t-1');
  expect(getEventListeners(staying.signal, 'abort')).toHaveLength(0);
  await expect(keeper.current({ signal: AbortSignal.abort(new Error('never came')) })).rejects.toThrow('never came');
});

test('callers over the bound are refused, and the others are not', async () => {
  const { keeper, answerWith } = keeping({ waitingLimit: 2 });
  keeper.start();
  const first = [keeper.current(), keeper.current()];
  expect((await errorOf(keeper.current())).code).toBe('token_overloaded');
  await answerWith(grant('t-1'));
  expect(await Promise.all(first)).toEqual(['t-1', 't-1']);
});

test('before start and after stop there is no token, no request and no timer', async () => {
  const { clock, keeper, requests } = keeping();
  expect((await errorOf(keeper.current())).code).toBe('token_stopped');
  keeper.start();
  keeper.start();
  await settled();
  const outcome = errorOf(keeper.current());
  keeper.stop();
  expect((await outcome).code).toBe('token_stopped');
  expect(requests.map(({ signal }) => signal.aborted)).toEqual([true]);
  expect(clock.pending).toBe(0);
  expect(keeper.snapshot()).toMatchObject({ state: 'stopped', hasToken: false, nextAttemptAt: null });
  await clock.advanceBy(24 * HOURS);
  expect(requests).toHaveLength(1);
});

test('a token called invalid is replaced, and who waits gets the new one', async () => {
  const { clock, keeper, requests, reports, answerWith } = keeping();
  keeper.start();
  await settled();
  await answerWith(grant('t-1'));
  await clock.advanceBy(10 * MINUTES);
  keeper.invalidate('t-1', 99_991_663);
  keeper.invalidate('t-1', 99_991_663);
  const callers = [keeper.current(), keeper.current()];
  await settled();
  await answerWith(grant('t-2'));
  expect(await Promise.all(callers)).toEqual(['t-2', 't-2']);
  expect(requests).toHaveLength(2);
  expect(reports.filter(({ type }) => type === 'invalidated')).toHaveLength(1);
});

test('a request function that throws is a failure like others, and its message is not shown', async () => {
  const clock = new HandClock();
  let calls = 0;
  const keeper = new TokenKeeper({
    clock,
    random: seededRandom(5),
    policy: resolveTokenPolicy(),
    report: () => {},
    fetch: () => {
      calls += 1;
      throw new TypeError('secret s3cr3t is bad');
    },
  });
  keeper.start();
  await clock.advanceBy(10 * MINUTES);
  expect(calls).toBeGreaterThan(10);
  expect(keeper.snapshot().lastFailure?.detail).toBe('the token request threw TypeError');
});

test('an outage of eight and a half hours is asked through to its end, and nobody is kept waiting after it', async () => {
  let isUp = true;
  let issued = 0;
  const { clock, keeper, requests, reports } = keeping({}, () => {
    if (!isUp) return DOWN;
    issued += 1;
    return grant(`t-${issued}`);
  });
  keeper.start();
  await clock.advanceBy(30 * MINUTES);
  isUp = false;
  await clock.advanceBy(8.5 * HOURS);
  expect(keeper.snapshot()).toMatchObject({ hasToken: false, expiresInMs: 0, state: 'waiting' });
  const during = requests.map(({ at }) => at).slice(1);
  // It began when the renewal came due, and no minute went by without an attempt.
  expect(during[0]).toBeGreaterThan(98 * MINUTES);
  const gaps = during.slice(1).map((at, index) => at - (during[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(MINUTES);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  expect(clock.now() - (during.at(-1) ?? 0)).toBeLessThanOrEqual(MINUTES);
  expect(during.length).toBeLessThan(7.5 * 60 * 4);
  isUp = true;
  const caller = keeper.current();
  await clock.advanceBy(10_000);
  expect(await caller).toBe('t-2');
  expect(reports.findLast(({ type }) => type === 'refreshed')).toMatchObject({ failuresBefore: during.length });
  expect(keeper.snapshot()).toMatchObject({ hasToken: true, failures: 0, lastFailure: { code: 'token_unreachable' } });
});

test('a nudge ends the slow lane: a replaced secret is used at once', async () => {
  const { clock, keeper, requests, answerWith } = keeping();
  keeper.start();
  await settled();
  await answerWith(REJECTED);
  await clock.advanceBy(5_000);
  expect(keeper.snapshot().nextAttemptAt).toBeGreaterThan(clock.wallNow() + 5_000);
  keeper.nudge();
  await settled();
  expect(requests).toHaveLength(2);
  await answerWith(grant('t-1'));
  expect(await keeper.current()).toBe('t-1');
});

test('ten thousand callers wait behind one timer of the keeper and one each, all cleared by the answer', async () => {
  const { clock, keeper, requests, answerWith } = keeping();
  keeper.start();
  const callers = Array.from({ length: 10_000 }, () => keeper.current());
  await settled();
  expect(clock.pending).toBe(10_001);
  await answerWith(grant('t-1'));
  expect(new Set(await Promise.all(callers))).toEqual(new Set(['t-1']));
  expect(clock.pending).toBe(1);
  expect(requests).toHaveLength(1);
});
