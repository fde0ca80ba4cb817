import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  newToken,
  resolveTokenPolicy,
  servedValue,
  step,
  TOKEN_FAILURES,
  type Token,
  type TokenEffect,
  type TokenFailureCode,
  type TokenInput,
  type TokenReport,
  wakeAt,
} from '../../src/token/index.js';

const POLICY = resolveTokenPolicy();
const HOURS = 3_600_000;
const MINUTES = 60_000;
const FULL_LIFE = 2 * HOURS;

/** A Token that is told things at times. Requests are numbered by the core; the story answers the latest. */
class Story {
  token: Token = newToken();
  now = 0;
  random = 0;
  readonly fetches: number[] = [];
  readonly aborts: number[] = [];
  readonly reports: TokenReport[] = [];
  /** The most requests that ever were in flight at the same time. */
  mostInFlight = 0;
  #inFlight = 0;

  at(now: number): this {
    this.now = now;
    return this;
  }
  tell(input: TokenInput): this {
    if (input.type === 'fetched' || input.type === 'failed') this.#inFlight = 0;
    const { next, effects } = step(this.token, input, { now: this.now, random: this.random }, POLICY);
    this.token = next;
    for (const effect of effects) this.#note(effect);
    return this;
  }
  start = (): this => this.tell({ type: 'start' });
  stop = (): this => this.tell({ type: 'stop' });
  tick = (): this => this.tell({ type: 'tick' });
  want = (): this => this.tell({ type: 'wanted' });
  nudge = (): this => this.tell({ type: 'nudged' });
  fetched = (token: string, lifetimeMs = FULL_LIFE): this =>
    this.tell({ type: 'fetched', flight: this.token.past.flight, token, lifetimeMs });
  failed = (failure: TokenFailureCode, retryAfterMs: number | null = null): this =>
    this.tell({ type: 'failed', flight: this.token.past.flight, failure, detail: 'so it was', retryAfterMs });
  invalidate = (token: string, code = 99_991_663): this => this.tell({ type: 'invalidated', token, code });
  /** Goes to the next wake-up and ticks. */
  wake(): this {
    return this.at(Math.max(this.now, wakeAt(this.token) ?? this.now)).tick();
  }
  get served(): string | null {
    return servedValue(this.token, this.now);
  }
  get lastReport(): TokenReport | undefined {
    return this.reports.at(-1);
  }
  #note(effect: TokenEffect): void {
    if (effect.do === 'fetch') {
      this.fetches.push(this.now);
      this.#inFlight += 1;
      this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    }
    if (effect.do === 'abort') {
      this.aborts.push(this.now);
      this.#inFlight = 0;
    }
    if (effect.do === 'report') this.reports.push(effect.report);
  }
}

function holding(lifetimeMs = FULL_LIFE): Story {
  return new Story().start().at(100).fetched('t-1', lifetimeMs);
}

test('a token is asked for at start, without anybody waiting for it', () => {
  const story = new Story().start();
  expect(story.fetches).toEqual([0]);
  expect(story.served).toBeNull();
  story.at(100).fetched('t-1');
  expect(story.served).toBe('t-1');
  expect(story.reports).toEqual([
    { type: 'refresh_started', tokenType: 'tenant' },
    {
      type: 'refreshed',
      tokenType: 'tenant',
      durationMs: 100,
      expiresInMs: FULL_LIFE - 5_000 - 100,
      marginMs: 20 * MINUTES,
      isNew: true,
      failuresBefore: 0,
    },
  ]);
});

test('a token is renewed twenty minutes ahead, and the old one is served meanwhile', () => {
  const story = holding();
  expect(wakeAt(story.token)).toBe(FULL_LIFE - 5_000 - 20 * MINUTES);
  story.wake();
  expect(story.fetches).toHaveLength(2);
  expect(story.served).toBe('t-1');
  story.at(story.now + 50).fetched('t-2');
  expect(story.served).toBe('t-2');
  expect(story.lastReport).toMatchObject({ type: 'refreshed', isNew: true });
});

test('processes that share a token do not all renew it in the same moment', () => {
  const story = new Story().start();
  story.random = 1;
  story.fetched('t-1');
  expect(wakeAt(story.token)).toBe(FULL_LIFE - 5_000 - 21 * MINUTES);
});

test('a refresh that returns the same token with its remaining time is fine', () => {
  const story = holding().wake();
  story.fetched('t-1', 29 * MINUTES);
  expect(story.lastReport).toMatchObject({ type: 'refreshed', isNew: false, marginMs: 14.5 * MINUTES });
  expect(story.served).toBe('t-1');
});

test('an expired token is not served, even while its renewal is in flight', () => {
  const story = holding().wake();
  story.at(FULL_LIFE - 5_001);
  expect(story.served).toBe('t-1');
  story.at(FULL_LIFE - 5_000);
  expect(story.served).toBeNull();
});

test('failures are retried for ever, ever slower up to a minute, and the old token stays in use', () => {
  const story = holding();
  story.random = 0.999;
  story.wake();
  const waits: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    story.failed('token_unreachable');
    waits.push(Math.round(((wakeAt(story.token) ?? 0) - story.now) / 1_000));
    story.wake();
  }
  expect(waits.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(waits.at(-1)).toBe(60);
  expect(story.reports.filter((report) => report.type === 'refresh_failed')[0]).toEqual({
    type: 'refresh_failed',
    tokenType: 'tenant',
    durationMs: 0,
    failure: 'token_unreachable',
    verdict: 'retry',
    detail: 'so it was',
    retryInMs: 1_000,
    validForMs: 20 * MINUTES,
  });
  story.fetched('t-2');
  expect(story.lastReport).toMatchObject({ type: 'refreshed', failuresBefore: 50 });
});

test('rejected credentials go to the slow lane, and a mended secret is found there', () => {
  const story = new Story().start();
  story.random = 0.999;
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    story.failed('token_credentials_rejected');
    waits.push(Math.round(((wakeAt(story.token) ?? 0) - story.now) / 1_000));
    story.wake();
  }
  expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
  expect(story.fetched('t-1').served).toBe('t-1');
});

test('a lane starts at its own beginning when the kind of failure changes', () => {
  const story = new Story().start();
  for (let round = 0; round < 8; round += 1) story.failed('token_timeout').wake();
  story.failed('secret_unavailable');
  expect((wakeAt(story.token) ?? 0) - story.now).toBe(15_000);
});

test('a caller without a token shortens the wait to ten seconds, but not the slow lane', () => {
  const story = new Story().start();
  story.random = 0.999;
  for (let round = 0; round < 8; round += 1) story.failed('token_timeout').wake();
  story.failed('token_timeout');
  const lost = story.now;
  story.at(lost + 1).want();
  expect(wakeAt(story.token)).toBe(lost + 10_000);
  story.wake().failed('token_credentials_rejected');
  const due = wakeAt(story.token);
  story.at(story.now + 1).want();
  expect(wakeAt(story.token)).toBe(due);
});

test('a nudge asks at once in any lane, at most once a second, and never while all is well', () => {
  const story = new Story().start().at(10).failed('token_credentials_rejected');
  story.at(20).nudge();
  expect(wakeAt(story.token)).toBe(1_000);
  story.wake();
  expect(story.fetches).toEqual([0, 1_000]);
  story.fetched('t-1').nudge();
  expect(story.fetches).toEqual([0, 1_000]);
});

test("the platform's rate limit is waited out, whoever is in a hurry", () => {
  const story = new Story().start().at(100).failed('token_rate_limited', 45_000);
  expect(wakeAt(story.token)).toBe(45_100);
  story.at(200).want().at(300).nudge();
  expect(wakeAt(story.token)).toBe(45_100);
  story.at(400).stop().at(500).start();
  expect(wakeAt(story.token)).toBe(45_100);
  expect(story.fetches).toEqual([0]);
});

test('a request that never ends is given up, and its late word changes nothing', () => {
  const story = new Story().start();
  expect(wakeAt(story.token)).toBe(20_000);
  story.wake();
  expect(story.aborts).toEqual([20_000]);
  expect(story.lastReport).toMatchObject({ type: 'refresh_failed', failure: 'token_timeout', durationMs: 20_000 });
  story.fetched('t-late');
  expect(story.served).toBeNull();
  story.wake();
  story.tell({ type: 'fetched', flight: 1, token: 't-late', lifetimeMs: FULL_LIFE });
  expect(story.token.state).toBe('fetching');
});

test('a token that an API calls invalid is dropped and replaced at once', () => {
  const story = holding()
    .at(1 * HOURS)
    .invalidate('t-1');
  expect(story.served).toBeNull();
  expect(story.fetches).toEqual([0, 1 * HOURS]);
  expect(story.reports.at(-2)).toEqual({ type: 'invalidated', tokenType: 'tenant', code: 99_991_663 });
});

test('five calls that are told so cause one request', () => {
  const story = holding().at(1 * HOURS);
  for (let call = 0; call < 5; call += 1) story.invalidate('t-1');
  expect(story.fetches).toHaveLength(2);
  expect(story.reports.filter((report) => report.type === 'invalidated')).toHaveLength(1);
});

test('an old token that is called invalid late does not cost the new one', () => {
  const story = holding()
    .at(1 * HOURS)
    .invalidate('t-1')
    .fetched('t-2')
    .at(2 * HOURS)
    .invalidate('t-1');
  expect(story.served).toBe('t-2');
  expect(story.fetches).toHaveLength(2);
});

test('a token called invalid while its renewal is in flight is dropped without a second request', () => {
  const story = holding().wake().invalidate('t-1');
  expect(story.served).toBeNull();
  expect(story.fetches).toHaveLength(2);
  expect(story.fetched('t-2').served).toBe('t-2');
});

test('an API that calls every token invalid costs a request a minute in the end, and starves nobody', () => {
  const story = holding();
  let servedTimes = 0;
  // Ten calls a second for an hour, each told that its token is invalid.
  for (let call = 0; call < 36_000; call += 1) {
    story.at(story.now + 100);
    if (story.token.state === 'fetching') story.fetched(`t-${story.fetches.length}`);
    if (story.served !== null) {
      servedTimes += 1;
      story.invalidate(story.served);
    }
    if (story.now >= (wakeAt(story.token) ?? 0)) story.tick();
  }
  expect(story.fetches.slice(1, 8).map((at, index) => Math.round((at - (story.fetches[index] ?? 0)) / 1_000))).toEqual([
    1, 1, 2, 4, 8, 16, 32,
  ]);
  expect(story.fetches.length).toBeLessThanOrEqual(68);
  expect(servedTimes).toBeGreaterThan(35_800);
});

test('a token with an expire of one second is asked for once a second, not once a call', () => {
  const story = new Story().start();
  for (let call = 0; call < 600; call += 1) {
    if (story.token.state === 'fetching') story.fetched('t-short', 1_000);
    story.at(story.now + 100).want();
    if (story.now >= (wakeAt(story.token) ?? 0)) story.tick();
  }
  expect(story.fetches).toHaveLength(61);
});

test('stopping drops the token and aborts the request; starting again asks anew, a second later at the earliest', () => {
  const story = new Story().start().at(10).stop();
  expect(story.aborts).toEqual([10]);
  expect(wakeAt(story.token)).toBeNull();
  story.at(20).fetched('t-late');
  expect(story.served).toBeNull();
  story.at(30).start();
  expect(story.fetches).toEqual([0]);
  story.wake();
  expect(story.fetches).toEqual([0, 1_000]);
  story.fetched('t-1').stop();
  expect(story.served).toBeNull();
});

type Move = { readonly afterMs: number; readonly random: number; readonly act: (story: Story) => void };

const anyMove: fc.Arbitrary<Move> = fc.record({
  afterMs: fc.oneof(fc.nat(2_000), fc.nat(100_000), fc.nat(8_000_000)),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  act: fc.oneof(
    fc.constantFrom<(story: Story) => void>(
      (story) => story.start(),
      (story) => story.tick(),
      (story) => story.want(),
      (story) => story.nudge(),
      (story) => story.invalidate(story.served ?? 't-none'),
    ),
    fc.constant((story: Story) => void story.stop().start()),
    fc.tuple(fc.constantFrom('t-a', 't-b', 't-c'), fc.double({ min: 1_000, max: 86_400_000, noNaN: true })).map(
      ([token, lifetimeMs]) =>
        (story: Story) =>
          void story.fetched(token, lifetimeMs),
    ),
    fc
      .tuple(
        fc.constantFrom(...(Object.keys(TOKEN_FAILURES) as TokenFailureCode[])),
        fc.option(fc.nat(600_000), { nil: null }),
      )
      .map(
        ([failure, retryAfterMs]) =>
          (story: Story) =>
            void story.failed(failure, retryAfterMs),
      ),
  ),
});

/** Plays the moves; the clock stops at every wake-up on the way, as the keeper's timer would have it. */
function play(moves: readonly Move[], check: (story: Story) => void): Story {
  const story = new Story().start();
  for (const move of moves) {
    story.random = move.random;
    const until = story.now + move.afterMs;
    // A short token renewed for hours is bounded by the property, not by this loop.
    for (let wakes = 0; wakes < 1_000 && (wakeAt(story.token) ?? until) < until; wakes += 1) {
      story.wake();
      check(story);
    }
    story.at(until);
    move.act(story);
    check(story);
  }
  return story;
}

test('there is a wake-up in every state but stopped, never more than twice a day away (seed 21)', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 60 }), (moves) => {
      play(moves, ({ token, now }) => {
        const at = wakeAt(token);
        expect(at).not.toBeNull();
        expect((at ?? 0) - now).toBeLessThanOrEqual(2 * 86_400_000);
      });
    }),
    { seed: 21, numRuns: 100 },
  );
});

test('no token is served at or after its end (seed 22)', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 60 }), (moves) => {
      play(moves, (story) => {
        const { token, now } = story;
        if (story.served === null || token.state === 'stopped') return;
        expect(now).toBeLessThan(token.held?.expiresAt ?? 0);
        expect(token.held?.value).toBe(story.served);
      });
    }),
    { seed: 22, numRuns: 300 },
  );
});

test('two requests never overlap, and never start within the same second, whatever happens (seed 23)', () => {
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 60 }), (moves) => {
      const story = play(moves, ({ mostInFlight }) => expect(mostInFlight).toBe(1));
      for (const [index, at] of story.fetches.slice(1).entries()) {
        expect(at - (story.fetches[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
      }
    }),
    { seed: 23, numRuns: 300 },
  );
});
