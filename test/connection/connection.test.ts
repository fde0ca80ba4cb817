import { expect, test } from 'vitest';
import { newConnection, type State, step, wakeAt } from '../../src/connection/connection.js';
import { FAILURES, type Failure, type FailureCode, verdictOf } from '../../src/connection/failure.js';
import type { Input } from '../../src/connection/input.js';
import type { Look } from '../../src/connection/look.js';
import { silenceLimitMs } from '../../src/connection/policy.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';
import {
  type Chapter,
  connectedAt,
  failed,
  heard,
  minutes,
  opened,
  pong,
  STEADY_POLICY,
  type Story,
  seconds,
  start,
  stop,
  story,
  storyWith,
  tick,
  ticket,
  transportPong,
} from '../support/story.js';

const POLICY = STEADY_POLICY;

/** When the next Attempt starts, looks in between aside. */
function retryAtOf({ connection }: Story): number {
  if (connection.state !== 'waiting') throw new Error(`it does not wait, it is ${connection.state}`);
  return connection.retryAt;
}

/** Why the Connection was lost, or null if it never was. */
function lossOf(told: Story): Failure | null {
  return told.reports.find((report) => report.type === 'disconnected')?.failure ?? null;
}

test('the 101 alone is not connected: only the pong to a ping sent at once is', () => {
  const open = story([0, start()], [10, ticket(1)], [20, opened(1)]);
  expect(open.states).toEqual(['idle', 'discovering', 'dialing', 'proving']);
  expect(open.effects.filter((effect) => effect.do === 'ping').map((ping) => ping.kind)).toEqual([
    'protocol',
    'websocket',
  ]);
  expect(open.and([30, transportPong(1)], [31, heard(1)]).connection.state).toBe('proving');
  expect(open.and([30, pong(1)]).connection.state).toBe('connected');
});

test('each step has its own deadline, and running out of time is a failure with a name', () => {
  const discovery = story([0, start()]).until(POLICY.discoveryTimeoutMs);
  expect(discovery.connection).toMatchObject({ state: 'waiting', failure: 'discovery_timeout' });
  const dial = story([0, start()], [10, ticket(1)], [10 + POLICY.dialTimeoutMs, tick()]);
  expect(dial.connection).toMatchObject({ state: 'waiting', failure: 'dial_timeout' });
  const proof = story([0, start()], [10, ticket(1)], [20, opened(1)], [20 + POLICY.proofTimeoutMs, tick()]);
  expect(proof.connection).toMatchObject({ state: 'waiting', failure: 'proof_timeout' });
  for (const { effects } of [discovery, dial, proof]) expect(effects).toContainEqual({ do: 'drop', attempt: 1 });
});

test('the wait doubles from 1 s up to 5 min and stays there', () => {
  let told = story([0, start()]);
  const waits: number[] = [];
  let now = 0;
  for (let attempt = 1; attempt <= 12; attempt++) {
    told = told.and([now, failed(attempt, 'discovery_unreachable')]);
    const retryAt = retryAtOf(told);
    waits.push((retryAt - now) / 1_000);
    told = told.and([retryAt, tick()]);
    now = retryAt;
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test('schedules such as 5-10-30-60-120 s are a configuration', () => {
  const listed = storyWith({
    ...POLICY,
    backoff: { ...POLICY.backoff, scheduleMs: [5, 10, 30, 60, 120].map(seconds) },
  });
  let told = listed([0, start()]);
  const waits: number[] = [];
  for (let attempt = 1, now = 0; attempt <= 6; attempt++) {
    told = told.and([now, failed(attempt, 'dns_failed')]);
    const retryAt = retryAtOf(told);
    waits.push((retryAt - now) / 1_000);
    told = told.and([retryAt, tick()]);
    now = retryAt;
  }
  expect(waits).toEqual([5, 10, 30, 60, 120, 120]);
});

test('a gateway that accepts, proves and drops at once does not refresh the retry budget', () => {
  const flap = story(
    ...connectedAt(10),
    [20, failed(1, 'closed_by_peer', 1000)],
    [1_020, tick()],
    [1_020, ticket(2)],
    [1_020, opened(2)],
    [1_020, pong(2)],
    [1_030, failed(2, 'closed_by_peer', 1000)],
  );
  expect(flap.connection.state).toBe('waiting');
  expect(retryAtOf(flap)).toBe(1_030 + 2_000); // the second wait, not the first one again
});

test('after a stable session the first retry comes within two seconds, whatever came before', () => {
  const lost = story(...connectedAt(0), [minutes(1), tick()], [minutes(2), failed(1, 'connection_reset')]);
  expect(retryAtOf(lost)).toBe(minutes(2) + 0.5 * POLICY.quickRetryMs);
});

test('a session that lasted counts as stable even if its end comes before the tick that would say so', () => {
  const lost = story(...connectedAt(0), [minutes(1), failed(1, 'connection_reset')]);
  expect(retryAtOf(lost)).toBe(minutes(1) + 0.5 * POLICY.quickRetryMs);
});

test('no failure of any code ends the retrying', () => {
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    const told = story([0, start()], [5, failed(1, code)]);
    expect(told.connection.state, code).toBe('waiting');
    const retryAt = retryAtOf(told);
    expect(retryAt, code).toBe(5 + (verdictOf(code) === 'operator' ? 30_000 : 1_000));
    expect(told.and([retryAt, tick()]).connection.state, code).toBe('discovering');
  }
});

test('an operator failure waits on the slow lane, and the next ordinary one does not', () => {
  const told = story(
    [0, start()],
    [0, failed(1, 'credentials_rejected')],
    [seconds(30), tick()],
    [seconds(30), failed(2, 'credentials_rejected')],
  );
  expect(retryAtOf(told)).toBe(seconds(30 + 60));
  const mended = told.and([seconds(90), tick()], [seconds(90), failed(3, 'discovery_timeout')]);
  expect(retryAtOf(mended)).toBe(seconds(90 + 4));
});

test('a silent socket is suspected one answer timeout after the oldest unanswered ping, asked again, and given up', () => {
  let told = story(...connectedAt(0, { ...DEFAULT_PACING, pingIntervalMs: seconds(300) }));
  const at: [string, number][] = [];
  // Driven by nothing but its own wake-ups.
  for (let ticks = 0; ticks < 50 && told.connection.state !== 'discovering'; ticks++) {
    const now = wakeAt(told.connection, POLICY) ?? Number.NaN;
    told = told.and([now, tick()]);
    at.push([told.connection.state, now]);
  }
  expect(at.find(([state]) => state === 'suspect')?.[1]).toBe(POLICY.heartbeatMs + POLICY.answerTimeoutMs);
  // The attempt that began with the suspicion goes on: nobody waits.
  expect(at.at(-1)).toEqual(['discovering', silenceLimitMs(POLICY)]);
  expect(lossOf(told)).toMatchObject({ code: 'heartbeat_timeout' });
  expect(silenceLimitMs(POLICY)).toBeLessThan(minutes(1));
});

test('pinging faster than the limit does not postpone it: the oldest unanswered ping counts', () => {
  const eager = { ...POLICY, heartbeatMs: seconds(1) };
  let told = storyWith(eager)(...connectedAt(0));
  let now = 0;
  while (told.connection.state === 'connected' && now < minutes(5)) {
    now = wakeAt(told.connection, eager) ?? Number.NaN;
    told = told.and([now, tick()]);
  }
  expect(told.connection.state).toBe('suspect');
  expect(now).toBe(seconds(1) + eager.answerTimeoutMs);
});

test('a suspect that answers is connected again, and nothing was cut', () => {
  const suspected = story(...connectedAt(0), [seconds(20), tick()], [seconds(25), tick()], [seconds(35), tick()]);
  expect(suspected.connection.state).toBe('suspect');
  const relieved = suspected.and([seconds(36), pong(1)]);
  expect(relieved.connection.state).toBe('connected');
  // Only the attempt that was to replace it is let go.
  expect(relieved.effects.filter((effect) => effect.do === 'drop')).toEqual([{ do: 'drop', attempt: 2 }]);
  expect(relieved.reports).toContainEqual({
    type: 'attempt_abandoned',
    attempt: 2,
    step: 'discovery',
    durationMs: 1_000,
  });
});

test('the transport answering is not the gateway answering: a protocol ping without pong stays suspicious', () => {
  let told = story(...connectedAt(0, { ...DEFAULT_PACING, pingIntervalMs: seconds(30) }));
  let now = 0;
  while (lossOf(told) === null && now < minutes(5)) {
    now = wakeAt(told.connection, POLICY) ?? Number.NaN;
    told = told.and([now, tick()], [now, transportPong(1)]);
  }
  expect(lossOf(told)).toMatchObject({ code: 'heartbeat_timeout' });
  expect(now).toBe(seconds(30) + POLICY.answerTimeoutMs + POLICY.suspicionMs);
});

test('events alone keep a socket: any frame of the gateway answers both witnesses', () => {
  let told = story(...connectedAt(0));
  for (let now = 0; now < minutes(10); ) {
    now = wakeAt(told.connection, POLICY) ?? Number.NaN;
    told = told.and([now, tick()], [now, heard(1)]);
  }
  expect(told.states).toEqual(['idle', 'discovering', 'dialing', 'proving', 'connected']);
});

test('a quiet but healthy link is left alone for a day at any pace of the platform', () => {
  for (const pingIntervalMs of [5, 30, 90, 120, 300].map(seconds)) {
    let { connection } = story(...connectedAt(0, { ...DEFAULT_PACING, pingIntervalMs }));
    for (let now = 0; now < minutes(24 * 60); ) {
      now = wakeAt(connection, POLICY) ?? Number.NaN;
      const { next, effects } = step(connection, tick(), { now, random: 0.5 }, POLICY);
      connection = next;
      // Only what a healthy peer does: each ping gets its own pong, 50 ms later.
      for (const ping of effects.filter((effect) => effect.do === 'ping')) {
        const answer = ping.kind === 'protocol' ? pong(1) : transportPong(1);
        connection = step(connection, answer, { now: now + 50, random: 0.5 }, POLICY).next;
      }
      expect(connection.state).toBe('connected');
    }
  }
});

test('an answer that was due while our own loop was blocked is not held against the peer', () => {
  const blocked = story(...connectedAt(0), [seconds(20), tick()], [seconds(25), tick()]);
  // The loop stood still for 40 s: the pong lies unread in the socket when the tick runs.
  const late = blocked.and([seconds(75), tick()]);
  expect(late.connection.state).toBe('connected');
  expect(late.reports).toContainEqual({ type: 'late', lateMs: seconds(40) });
  const read = late.and([seconds(75) + 1, pong(1)], [seconds(80), tick()]);
  expect(read.connection.state).toBe('connected');
  // The same lateness with a dead peer costs the grace once, not for ever.
  const dead = late.and([seconds(80), tick()]);
  expect(dead.connection.state).toBe('suspect');
});

test('waking from eight hours of sleep, a dead socket is given up within the silence limit', () => {
  let told = story(...connectedAt(0), [seconds(20), tick()], [seconds(20), pong(1)]);
  const wokeAt = minutes(8 * 60);
  told = told.and([wokeAt, tick()]);
  expect(told.connection.state).toBe('connected');
  let now = wokeAt;
  while (lossOf(told) === null && now < wokeAt + minutes(5)) {
    now = wakeAt(told.connection, POLICY) ?? Number.NaN;
    told = told.and([now, tick()]);
  }
  expect(lossOf(told)).toMatchObject({ code: 'heartbeat_timeout' });
  expect(now - wokeAt).toBeLessThanOrEqual(silenceLimitMs(POLICY));
});

test('an outage has one number and one cause from the loss to the stable connection, and says how long it was', () => {
  const lost = story(...connectedAt(0), [minutes(2), failed(1, 'connection_reset')]);
  expect(lost.reports).toContainEqual({ type: 'outage_started', outage: 1, cause: 'connection_reset' });
  const back = lost.and(
    [minutes(2) + 1_000, tick()],
    [minutes(2) + 2_000, failed(2, 'discovery_timeout')],
    [minutes(2) + 3_000, tick()],
    [minutes(2) + 4_000, ticket(3)],
    [minutes(2) + 4_000, opened(3)],
    [minutes(2) + 5_000, pong(3)],
  );
  const outage = { number: 1, cause: 'connection_reset', durationMs: 5_000, attempts: 2 };
  expect(back.reports).toContainEqual({ type: 'connected', attempt: 3, connectionId: 'c-1', outage });
  expect(back.reports.filter((told) => told.type === 'outage_ended')).toEqual([]);
  const stable = back.and([minutes(3) + 5_000, tick()]);
  expect(stable.reports.filter((told) => told.type === 'outage_ended')).toEqual([{ type: 'outage_ended', outage }]);
});

test('a word from an old attempt changes nothing', () => {
  const second = story([0, start()], [0, failed(1, 'dns_failed')], [seconds(1), tick()]);
  for (const late of [ticket(1), opened(1), heard(1), pong(1), transportPong(1), failed(1, 'connection_reset')]) {
    expect(second.and([seconds(2), late]).connection).toBe(second.connection);
  }
});

test('stop is heard in every state, lets go of what it holds, and nothing is scheduled afterwards', () => {
  const states = {
    idle: story(),
    discovering: story([0, start()]),
    dialing: story([0, start()], [1, ticket(1)]),
    proving: story([0, start()], [1, ticket(1)], [2, opened(1)]),
    connected: story(...connectedAt(3)),
    suspect: story(...connectedAt(0), [seconds(20), tick()], [seconds(25), tick()], [seconds(35), tick()]),
    waiting: story([0, start()], [0, failed(1, 'dns_failed')]),
    stopped: story([0, stop()]),
  };
  const letsGo = {
    discovering: 'drop',
    dialing: 'drop',
    proving: 'close',
    connected: 'close',
    suspect: ['close', 'drop'], // the Session, and the attempt that was to replace it
  };
  for (const [state, told] of Object.entries(states)) {
    expect(told.connection.state).toBe(state);
    const stopped = told.and([minutes(1), stop()]);
    expect(stopped.connection.state).toBe('stopped');
    expect(wakeAt(stopped.connection, POLICY)).toBeNull();
    const expected = state in letsGo ? [letsGo[state as keyof typeof letsGo]].flat() : [];
    const done = stopped.effects.slice(told.effects.length).map((effect) => effect.do);
    expect(
      done.filter((what) => what !== 'report'),
      state,
    ).toEqual(expected);
    expect(stopped.and([minutes(2), start()]).connection.state).toBe('discovering');
  }
});

test('evidence cuts a wait short, but never more often than its pause allows', () => {
  const evidence = { type: 'evidence', evidence: 'call_succeeded' } as const;
  let told = story([0, start()]);
  for (let attempt = 1, now = 0; attempt <= 9; attempt++) {
    told = told.and([now, failed(attempt, 'discovery_unreachable')]);
    if (attempt < 9) {
      now = retryAtOf(told);
      told = told.and([now, tick()]);
    }
  }
  const lateAt = retryAtOf(told) - 200_000;
  const cut = told.and([lateAt, evidence]);
  expect(retryAtOf(cut)).toBe(lateAt + 0.5 * POLICY.evidenceJitterMs);
  const again = cut.and(
    [lateAt + 500, tick()],
    [lateAt + 600, failed(10, 'discovery_unreachable')],
    [lateAt + 700, evidence],
  );
  expect(retryAtOf(again)).toBe(lateAt + POLICY.evidencePause.initialMs + 0.5 * POLICY.evidenceJitterMs);
});

test('a call that was answered says nothing about a gateway out of reach, another connection does', () => {
  const away = story([0, start()], [0, ticket(1)], [0, failed(1, 'dial_unreachable')]);
  const waited = away.and([1, { type: 'evidence', evidence: 'call_succeeded' }]);
  expect(retryAtOf(waited)).toBe(retryAtOf(away));
  const letIn = waited.and([2, { type: 'evidence', evidence: 'sibling_connected' }]);
  expect(retryAtOf(letIn)).toBeLessThan(retryAtOf(away));
});

test('a pong with another pace moves the next ping; a pong without one moves nothing', () => {
  const slow = story(...connectedAt(0));
  const before = slow.connection;
  const quick = slow.and([10, pong(1, { ...DEFAULT_PACING, pingIntervalMs: seconds(5) })]);
  if (quick.connection.state !== 'connected' || before.state !== 'connected') throw new Error('not connected');
  expect(quick.connection.session.heartbeat.protocol.nextAt).toBe(10 + seconds(5));
  const same = slow.and([10, pong(1)]);
  if (same.connection.state !== 'connected') throw new Error('not connected');
  expect(same.connection.session.heartbeat.protocol.nextAt).toBe(before.session.heartbeat.protocol.nextAt);
});

test('evidence that comes during an attempt shortens the wait after it, should it fail all the same', () => {
  const evidence = { type: 'evidence', evidence: 'call_succeeded' } as const;
  const stuck = story(
    [0, start()],
    [0, failed(1, 'discovery_unreachable')],
    [seconds(1), tick()],
    [seconds(1), failed(2, 'discovery_unreachable')],
    [seconds(3), tick()],
    [seconds(4), evidence],
    [seconds(5), ticket(3)],
    [seconds(5), failed(3, 'dial_unreachable')],
  );
  expect(retryAtOf(stuck)).toBe(seconds(5) + 0.5 * POLICY.evidenceJitterMs);
  // It is spent: the next failure waits its full time.
  const again = stuck.and([seconds(6), tick()], [seconds(7), failed(4, 'discovery_unreachable')]);
  expect(retryAtOf(again)).toBe(seconds(7) + seconds(8));
});

/** An attempt has just begun. */
function isTrying(told: Story): boolean {
  return told.connection.state === 'discovering';
}

/** Connected since 0, silent, and suspect since 35 s: attempt 2 is on its way to replace it. */
const suspected = () => story(...connectedAt(0), [seconds(20), tick()], [seconds(25), tick()], [seconds(35), tick()]);

test('make before break: a suspect socket is closed only when the new one is proven, and nothing is interrupted', () => {
  const swapped = suspected().and(
    [seconds(35), ticket(2)],
    [seconds(36), opened(2)],
    [seconds(36), transportPong(2)],
    [seconds(37), pong(2)],
  );
  expect(swapped.states.at(-1)).toBe('connected');
  expect(swapped.connection).toMatchObject({ session: { attempt: 2 }, challenger: null });
  const ends = swapped.effects.filter((effect) => effect.do === 'close' || effect.do === 'drop');
  expect(ends).toEqual([{ do: 'close', attempt: 1 }]);
  expect(swapped.reports.filter((report) => report.type === 'outage_started')).toEqual([]);
  expect(swapped.reports).toContainEqual(
    expect.objectContaining({ type: 'connected', attempt: 2, replaces: 1, outage: null }),
  );
  expect(lossOf(swapped)).toMatchObject({ code: 'replaced' });
  // What the old socket says from now on changes nothing.
  expect(swapped.and([seconds(38), failed(1, 'closed_by_peer', 1000)]).connection).toBe(swapped.connection);
});

test('a suspect socket that dies leaves the attempt on its way as the only one: no wait, one outage', () => {
  const lost = suspected().and([seconds(36), ticket(2)], [seconds(37), failed(1, 'connection_reset')]);
  expect(lost.connection).toMatchObject({ state: 'dialing', attempt: { number: 2 } });
  expect(lost.connection.effort.outage).toMatchObject({ number: 1, cause: 'connection_reset', attempts: 1 });
  const back = lost.and([seconds(38), opened(2)], [seconds(39), pong(2)]);
  expect(back.reports.find((report) => report.type === 'connected' && report.attempt === 2)).toMatchObject({
    outage: { durationMs: seconds(2), attempts: 1 },
  });
});

test('an attempt that fails beside a suspect socket costs nothing, and the socket keeps its chance', () => {
  const tried = suspected().and([seconds(36), failed(2, 'discovery_unreachable')]);
  expect(tried.connection).toMatchObject({ state: 'suspect', challenger: null });
  expect(tried.and([seconds(37), pong(1)]).connection).toMatchObject({ state: 'connected', effort: { failures: 0 } });
  const given = tried.and([seconds(45), tick()]);
  expect(given.connection).toMatchObject({ state: 'waiting', failure: 'heartbeat_timeout' });
});

test('an attempt that is no longer needed says goodbye if its socket is open, and is dropped if not', () => {
  const opening = suspected().and([seconds(36), ticket(2)]);
  const open = opening.and([seconds(36), opened(2)]);
  for (const [told, ends] of [
    [opening, 'drop'],
    [open, 'close'],
  ] as const) {
    expect(told.and([seconds(37), pong(1)]).effects).toContainEqual({ do: ends, attempt: 2 });
    expect(told.and([seconds(37), stop()]).effects).toContainEqual({ do: ends, attempt: 2 });
  }
});

test('a healthy socket is replaced on request, one replacement at a time', () => {
  const replace = { type: 'replace' } as const;
  const asked = story(...connectedAt(0), [seconds(5), replace], [seconds(6), replace]);
  expect(asked.effects.filter((effect) => effect.do === 'discover').map((effect) => effect.attempt)).toEqual([1, 2]);
  const done = asked.and([seconds(6), ticket(2)], [seconds(6), opened(2)], [seconds(7), pong(2)]);
  expect(done.states).toEqual(['idle', 'discovering', 'dialing', 'proving', 'connected']);
  expect(done.connection).toMatchObject({ session: { attempt: 2 } });
  // A replacement that never proves itself runs out of time by itself.
  const stuck = asked.and([seconds(5) + POLICY.discoveryTimeoutMs, tick()]);
  expect(stuck.connection).toMatchObject({ state: 'connected', challenger: null, session: { attempt: 1 } });
});

test('evidence about the network does not hurry a wait for a human, a new secret does', () => {
  const refused = story([0, start()], [0, failed(1, 'credentials_rejected')]);
  const retryAt = retryAtOf(refused);
  expect(retryAtOf(refused.and([1_000, { type: 'evidence', evidence: 'probe_answered' }]))).toBe(retryAt);
  const fixed = refused.and([1_000, { type: 'evidence', evidence: 'secret_changed' }]);
  expect(retryAtOf(fixed)).toBe(1_000 + 0.5 * POLICY.evidenceJitterMs);
});

test('hope alone grows tired: evidence that leads nowhere cuts waits less and less often', () => {
  let told = story([0, start()]);
  const attempts: number[] = [];
  for (let now = 0; now < minutes(60); now += 1_000) {
    const state: State = told.connection.state;
    const due = wakeAt(told.connection, POLICY) ?? Number.NaN;
    const answer: Input = { type: 'looked', look: 'platform', isNew: true };
    const next: Chapter = due <= now ? [now, tick()] : [now, answer];
    told = story.from(told.connection)(next);
    if (state === 'waiting' && isTrying(told)) attempts.push(now);
    if (isTrying(told)) {
      told = story.from(told.connection)([now, failed(told.connection.effort.attempt, 'discovery_http_status')]);
    }
  }
  const perMinute = (from: number, to: number) =>
    attempts.filter((at) => at >= from && at < to).length / ((to - from) / minutes(1));
  expect(perMinute(0, minutes(2))).toBeLessThanOrEqual(6);
  expect(perMinute(minutes(10), minutes(60))).toBeLessThanOrEqual(1);
});

/** Plays an Outage whose attempts fail like this at once, and whose looks find this, for so long. */
function outage(code: FailureCode, found: Partial<Record<Look, boolean>>, forMs: number) {
  let told = story.from(newConnection(DEFAULT_PACING))([0, start()]);
  const checks: { readonly at: number; readonly what: Look | 'attempt' }[] = [{ at: 0, what: 'attempt' }];
  for (let now = 0; now < forMs; ) {
    const answer = answerTo(told, code, found);
    now = answer === null ? (wakeAt(told.connection, POLICY) ?? Number.NaN) : now;
    told = story.from(told.connection)([now, answer ?? tick()]);
    for (const effect of told.effects) {
      if (effect.do === 'discover') checks.push({ at: now, what: 'attempt' });
      if (effect.do === 'look') checks.push({ at: now, what: effect.look });
    }
  }
  const perMinute = (what: Look | 'attempt', from: number, to: number) =>
    checks.filter((check) => check.what === what && check.at >= from && check.at < to).length /
    ((to - from) / minutes(1));
  /** The longest time between two checks of any kind. */
  const widestGapMs = (from: number) =>
    Math.max(...checks.map(({ at }, index) => (at < from ? 0 : at - (checks[index - 1]?.at ?? at))));
  return { told, checks, perMinute, widestGapMs };
}

/** What the network has to say next; null if nothing was asked. */
function answerTo(told: Story, code: FailureCode, found: Partial<Record<Look, boolean>>): Input | null {
  for (const effect of told.effects) {
    if (effect.do === 'discover') return failed(effect.attempt, code);
    if (effect.do === 'look') return { type: 'looked', look: effect.look, isNew: found[effect.look] ?? false };
  }
  return null;
}

test('while a probe sees the outage, attempts and probes take turns as evenly as their limits allow', () => {
  const { perMinute, widestGapMs } = outage('discovery_http_status', { platform: false }, minutes(600));
  expect(perMinute('attempt', 0, minutes(1))).toBeLessThan(12);
  expect(perMinute('attempt', minutes(60), minutes(600))).toBeLessThan(2);
  for (let from = 0; from < minutes(600); from += seconds(7))
    expect(perMinute('platform', from, from + minutes(1))).toBeLessThanOrEqual(6);
  expect(perMinute('platform', minutes(60), minutes(600))).toBeGreaterThan(5.2);
  expect(widestGapMs(minutes(1))).toBeLessThanOrEqual(8_600);
});

test('a host that is out of reach is not probed: it is looked at closely, and tried as the backoff says', () => {
  const { perMinute, widestGapMs } = outage('dns_failed', { reach: false }, minutes(600));
  expect(perMinute('attempt', 0, minutes(1))).toBeLessThan(12);
  expect(perMinute('attempt', minutes(60), minutes(600))).toBeLessThan(0.5);
  expect(perMinute('platform', 0, minutes(600))).toBe(0);
  expect(perMinute('reach', minutes(60), minutes(600))).toBeLessThanOrEqual(17);
  expect(widestGapMs(minutes(1))).toBeLessThanOrEqual(5_000);
});

test('a host that opens connections again is probed at once, and an answer ends the wait', () => {
  const { told } = outage('dns_failed', { reach: false }, minutes(60));
  if (told.connection.state !== 'waiting') throw new Error('it waits');
  const now = told.connection.retryAt - seconds(20);
  const reached = told.and([now, { type: 'looked', look: 'reach', isNew: true }]);
  expect(reached.effects).toContainEqual({ do: 'look', look: 'platform', gateway: null });
  expect(reached.connection).toMatchObject({ watch: { look: 'platform' } });
  const answered = reached.and([now + 50, { type: 'looked', look: 'platform', isNew: true }]);
  expect(retryAtOf(answered)).toBe(now + 50);
});

test('a certificate that nobody trusts waits for a human, or for the network that it came with to go', () => {
  const { told } = outage('tls_untrusted', { reach: false }, minutes(60));
  const now = retryAtOf(told) - seconds(20);
  const reached = told.and([now, { type: 'looked', look: 'reach', isNew: true }]);
  const answered = reached.and([now + 50, { type: 'looked', look: 'platform', isNew: true }]);
  expect(retryAtOf(answered)).toBe(now + 50);
});

test('a gateway that was out of reach is looked at itself, and its origin is all that is told of it', () => {
  let told = story([0, start()]);
  for (let attempt = 1, now = 0; attempt <= 5; attempt++) {
    told = told.and([now, ticket(attempt)], [now, failed(attempt, 'dial_unreachable')]);
    now = retryAtOf(told);
    if (attempt < 5) told = told.and([now, tick()]);
  }
  const looked = told.until(retryAtOf(told) - 1).effects.filter((effect) => effect.do === 'look');
  expect(looked.length).toBeGreaterThan(2);
  for (const look of looked) expect(look).toEqual({ do: 'look', look: 'reach', gateway: 'wss://gateway.invalid' });
});

test('a gateway that opens connections is worth an attempt; if that is in vain, hope grows tired of it', () => {
  const { perMinute } = outage('platform_busy', {}, minutes(1));
  expect(perMinute('reach', 0, minutes(1))).toBe(0);
  let told = story.from(newConnection(DEFAULT_PACING))([0, start()]);
  const attempts: number[] = [];
  for (let now = 0; now < minutes(600); ) {
    const asked = told.effects.find((effect) => effect.do === 'discover' || effect.do === 'look');
    if (asked?.do === 'discover') {
      attempts.push(now);
      told = story.from(told.connection)([now, ticket(asked.attempt)], [now, failed(asked.attempt, 'dial_timeout')]);
    } else if (asked?.do === 'look') {
      told = story.from(told.connection)([now, { type: 'looked', look: 'reach', isNew: true }]);
    } else {
      now = wakeAt(told.connection, POLICY) ?? Number.NaN;
      told = story.from(told.connection)([now, tick()]);
    }
  }
  const inTheEnd = attempts.filter((at) => at >= minutes(540));
  expect(inTheEnd.length).toBeGreaterThan(25);
  expect(inTheEnd.length).toBeLessThanOrEqual(30);
});

test('an attempt that is stuck where a probe comes through is made anew at once, and not again and again', () => {
  const answer: Input = { type: 'looked', look: 'platform', isNew: true };
  const stuck = story([0, start()]).and(
    [seconds(4.5), tick()],
    [seconds(4.6), { type: 'looked', look: 'reach', isNew: true }],
  );
  expect(stuck.effects).toContainEqual({ do: 'look', look: 'platform', gateway: null });
  expect(story([0, start()]).and([1_000, tick()], [1_000, answer]).states.at(-1)).toBe('discovering');
  const anew = stuck.and([seconds(4.7), answer], [seconds(4.7), tick()]);
  expect(anew.effects).toContainEqual({ do: 'drop', attempt: 1 });
  expect(anew.connection).toMatchObject({ state: 'discovering', attempt: { number: 2, startedAt: seconds(4.7) } });
  // The next one is stuck too: what answers probes is not what gives tickets, and is given its whole time.
  const again = anew.until(seconds(9.2)).and([seconds(9.3), answer]);
  expect(again.connection).toMatchObject({ state: 'discovering', attempt: { number: 2, hasEvidence: true } });
});

test('a rejected secret is looked at again and again; a code for this app alone leaves nothing to look at', () => {
  const refused = story([0, start()], [0, failed(1, 'credentials_rejected')]).until(seconds(15));
  expect(refused.effects).toContainEqual({ do: 'look', look: 'secret', gateway: null });
  const busy = story([0, start()], [0, failed(1, 'platform_busy')]);
  expect(busy.connection).toMatchObject({ watch: null });
});

test('after five failures in a row the network parts are made anew, and after five more', () => {
  let told = story([0, start()]);
  for (let attempt = 1, now = 0; attempt <= 11; attempt++) {
    told = told.and([now, failed(attempt, 'platform_busy')]);
    now = retryAtOf(told);
    told = told.and([now, tick()]);
  }
  const refreshed = told.reports.flatMap((report) => (report.type === 'parts_refreshed' ? [report.failures] : []));
  expect(refreshed).toEqual([5, 10]);
  expect(told.effects.filter((effect) => effect.do === 'refresh_parts').length).toBe(2);
});
