import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptUnderWay, type Connection, newConnection, step, wakeAt } from '../../src/connection/connection.js';
import type { Effect } from '../../src/connection/effect.js';
import { EVIDENCE, type Evidence } from '../../src/connection/evidence.js';
import { FAILURES, type FailureCode } from '../../src/connection/failure.js';
import type { Input } from '../../src/connection/input.js';
import { LOOKS } from '../../src/connection/look.js';
import {
  type ConnectionPolicy,
  DEFAULT_CONNECTION_POLICY,
  longestWaitMs,
  resolveConnectionPolicy,
  silenceLimitMs,
} from '../../src/connection/policy.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';
import { failed, heard, opened, pong, start, stop, tick, ticket, transportPong } from '../support/story.js';

const SEED = 20_261_122;
const RUNS = 2_000;

const codes = Object.keys(FAILURES) as FailureCode[];
/** Words of this attempt, of older ones, and of ones that never were. */
const input = (attempt: number): fc.Arbitrary<Input> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(tick()) },
    fc.constant(start()),
    fc.constant(stop()),
    fc
      .constantFrom(...(Object.keys(EVIDENCE) as Evidence[]))
      .map((evidence): Input => ({ type: 'evidence', evidence })),
    fc.constant<Input>({ type: 'replace' }),
    fc
      .record({ look: fc.constantFrom(...LOOKS), isNew: fc.boolean() })
      .map((found): Input => ({ type: 'looked', ...found })),
    fc.integer({ min: 5, max: 300 }).map((s) => ticket(attempt, { ...DEFAULT_PACING, pingIntervalMs: s * 1_000 })),
    fc.constant(opened(attempt)),
    fc.constant(heard(attempt)),
    fc.constant(pong(attempt)),
    fc.constant(transportPong(attempt)),
    fc.constantFrom(...codes).map((code) => failed(attempt, code)),
  );
const chapter = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.constant('due' as const)),
  back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -1, max: 3 })),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  make: input(0),
});
const policies: fc.Arbitrary<ConnectionPolicy> = fc
  .record({
    heartbeatMs: fc.integer({ min: 1_000, max: 300_000 }),
    answerTimeoutMs: fc.integer({ min: 1_000, max: 300_000 }),
    suspicionMs: fc.integer({ min: 1_000, max: 60_000 }),
    stableAfterMs: fc.integer({ min: 1, max: 300_000 }),
  })
  .map((changes) => resolveConnectionPolicy(changes));

interface Moment {
  readonly before: Connection;
  readonly after: Connection;
  readonly effects: readonly Effect[];
  readonly now: number;
  readonly input: Input;
}

/** Plays random chapters; `back` turns a word into a late word of an older attempt. */
function play(
  policy: ConnectionPolicy,
  chapters: readonly { waitMs: number | 'due'; back: number; random: number; make: Input }[],
): Moment[] {
  let connection = newConnection(DEFAULT_PACING);
  let now = 0;
  return chapters.map(({ waitMs, back, random, make }) => {
    const due = wakeAt(connection, policy);
    now = waitMs === 'due' ? Math.max(now, due ?? now) : now + waitMs;
    const told = 'attempt' in make ? { ...make, attempt: connection.effort.attempt - back } : make;
    const { next, effects } = step(connection, told, { now, random }, policy);
    const moment = { before: connection, after: next, effects, now, input: told };
    connection = next;
    return moment;
  });
}

function always(check: (moment: Moment, policy: ConnectionPolicy) => void): void {
  fc.assert(
    fc.property(policies, fc.array(chapter, { maxLength: 60 }), (policy, chapters) => {
      for (const moment of play(policy, chapters)) check(moment, policy);
    }),
    { seed: SEED, numRuns: RUNS },
  );
}

test(`no live state is without a wake-up, and none is later than the longest wait (seed ${SEED})`, () => {
  always(({ after, now }, policy) => {
    const at = wakeAt(after, policy);
    if (after.state === 'idle' || after.state === 'stopped') {
      expect(at).toBeNull();
    } else {
      expect(at).not.toBeNull();
      expect((at ?? Infinity) - now).toBeLessThanOrEqual(Math.max(longestWaitMs(policy), 300_000));
    }
  });
});

test(`one attempt at a time, and never more than two sockets (seed ${SEED})`, () => {
  always(({ before, after, effects }) => {
    const starts = effects.filter((effect) => effect.do === 'discover');
    expect(starts.length).toBeLessThanOrEqual(1);
    if (starts.length === 1) expect(attemptUnderWay(before)).toBeNull();
    const ended = effects
      .filter((effect) => effect.do === 'drop' || effect.do === 'close')
      .map((effect) => effect.attempt);
    // Whatever held a request or a socket before and holds none after was let go of.
    for (const held of holders(before)) if (!holders(after).includes(held)) expect(ended).toContain(held);
    for (const each of ended) expect(holders(before)).toContain(each);
  });
});

test(`only stop stops, and only start leaves stopped (seed ${SEED})`, () => {
  always(({ before, after, input: told }) => {
    if (after.state === 'stopped' && before.state !== 'stopped') expect(told.type).toBe('stop');
    if (before.state === 'stopped' && after.state !== 'stopped') expect(told.type).toBe('start');
  });
});

test(`connected is claimed only on a protocol pong of this very attempt (seed ${SEED})`, () => {
  always(({ before, after, input: told }) => {
    if (!('session' in after)) return;
    if ('session' in before && before.session.attempt === after.session.attempt) return;
    expect(attemptUnderWay(before)).toMatchObject({ number: after.session.attempt, step: 'proof' });
    expect(told).toMatchObject({ type: 'pong', kind: 'protocol', attempt: after.session.attempt });
  });
});

test(`a living socket is given up for its own word, a proven successor, or silence asked twice (seed ${SEED})`, () => {
  always(({ before, after, input: told }) => {
    if (!('session' in before) || after.state === 'stopped') return;
    if ('session' in after && after.session.attempt === before.session.attempt) return;
    if ('session' in after) expect(told).toMatchObject({ type: 'pong', attempt: after.session.attempt });
    else if (told.type === 'tick') expect(before.state).toBe('suspect');
    else expect(told).toMatchObject({ type: 'failed', attempt: before.session.attempt });
  });
});

test(`a late word changes nothing at all (seed ${SEED})`, () => {
  always(({ before, after, effects, input: told }) => {
    if (!('attempt' in told) || holders(before).includes(told.attempt)) return;
    expect(after).toBe(before);
    expect(effects).toEqual([]);
  });
});

/** Whatever the platform may send as its pacing: the parser keeps intervals to these bounds, and takes any budget. */
const pacing = fc.record({
  pingIntervalMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  reconnectCount: fc.integer({ min: -1, max: 1_000 }),
  reconnectIntervalMs: fc.integer({ min: 0, max: 86_400_000 }),
  reconnectNonceMs: fc.integer({ min: 0, max: 86_400_000 }),
});

test(`a half-open socket is given up within the silence limit, under a minute, at any pace the platform sets (seed ${SEED})`, () => {
  const limitMs = silenceLimitMs(DEFAULT_CONNECTION_POLICY);
  expect(limitMs).toBeLessThan(60_000);
  fc.assert(
    fc.property(pacing, pacing, fc.integer({ min: 0, max: 3_600_000 }), (ofTicket, ofPong, silentAt) => {
      let connection = newConnection(DEFAULT_PACING);
      const tell = (told: Input, now: number): readonly Effect[] => {
        const { next, effects } = step(connection, told, { now, random: 0.5 }, DEFAULT_CONNECTION_POLICY);
        connection = next;
        return effects;
      };
      for (const told of [start(), ticket(1, ofTicket), opened(1), pong(1, ofPong), transportPong(1)]) tell(told, 0);
      let now = 0;
      while ('session' in connection) {
        now = wakeAt(connection, DEFAULT_CONNECTION_POLICY) ?? Number.NaN;
        for (const effect of tell(tick(), now)) {
          if (effect.do !== 'ping' || now >= silentAt) continue;
          tell(effect.kind === 'protocol' ? pong(1, ofPong) : transportPong(1), now);
        }
      }
      expect(now).toBeGreaterThan(silentAt);
      expect(now - silentAt).toBeLessThanOrEqual(limitMs);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test(`probes keep within their budget of a minute, whatever happens (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(chapter, { maxLength: 200 }), (chapters) => {
      const probes = play(DEFAULT_CONNECTION_POLICY, chapters).flatMap(({ effects, now }) =>
        effects.some((effect) => effect.do === 'look' && effect.look === 'platform') ? [now] : [],
      );
      for (const at of probes)
        expect(probes.filter((other) => other >= at && other < at + 60_000).length).toBeLessThan(7);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

/** Numbers of the attempts that hold a request or a socket. */
function holders(c: Connection): number[] {
  const underWay = attemptUnderWay(c);
  return [...(underWay ? [underWay.number] : []), ...('session' in c ? [c.session.attempt] : [])];
}
