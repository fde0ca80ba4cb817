import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Connection, newConnection, step, wakeAt } from '../../src/connection/connection.js';
import type { ConnectionReport } from '../../src/connection/index.js';
import type { Input } from '../../src/connection/input.js';
import { nameOf, newTeam, provenCount, type Team, tell } from '../../src/connection/team.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';
import { failed, heard, opened, pong, STEADY_POLICY, start, stop, tick, ticket } from '../support/story.js';

const SEED = 20_261_123;
const POLICY = STEADY_POLICY;

/** Members with their real cores, told what happens to each, and what the outside hears of them. */
class Cast {
  readonly heard: ConnectionReport[] = [];
  readonly said: ConnectionReport[] = [];
  team: Team;
  readonly connections: Connection[];
  #now = 0;

  constructor(size: number) {
    this.team = newTeam(size);
    this.connections = Array.from({ length: size }, () => newConnection(DEFAULT_PACING));
  }

  get now(): number {
    return this.#now;
  }

  at(now: number): this {
    this.#now = now;
    return this;
  }

  /** @returns What was told outside. */
  tell(member: number, input: Input, random = 0.5): ConnectionReport[] {
    const before = this.heard.length;
    const { next, effects } = step(this.#of(member), input, { now: this.#now, random }, POLICY);
    this.connections[member] = next;
    for (const effect of effects) if (effect.do === 'report') this.#hear(member, effect.report);
    if ('session' in next && next.session.isStable) this.#hear(member, { type: 'lasted' });
    return this.heard.slice(before);
  }

  /** All the way to `connected`. */
  connect(member: number): ConnectionReport[] {
    const before = this.heard.length;
    if (this.connections[member]?.state !== 'discovering') this.tell(member, start());
    const { attempt } = this.#of(member).effort;
    for (const input of [ticket(attempt), opened(attempt), pong(attempt)]) this.tell(member, input);
    return this.heard.slice(before);
  }

  lose(member: number): ConnectionReport[] {
    const connection = this.#of(member);
    if (!('session' in connection)) throw new Error(`member ${member} has nothing to lose`);
    return this.tell(member, failed(connection.session.attempt, 'connection_reset'));
  }

  #of(member: number): Connection {
    const connection = this.connections[member];
    if (connection === undefined) throw new RangeError(`no member ${member}`);
    return connection;
  }

  #hear(member: number, word: Parameters<typeof tell>[2]): void {
    if (word.type !== 'lasted') this.said.push(word);
    const { team, reports } = tell(this.team, member, word, this.#now, POLICY);
    this.team = team;
    this.heard.push(...reports);
  }
}

const typesOf = (reports: readonly ConnectionReport[]): string[] => reports.map(({ type }) => type);

test('the loss of one of two is a standby lost, and no outage', () => {
  const cast = new Cast(2);
  cast.connect(0);
  expect(cast.connect(1)).toContainEqual({
    type: 'connected',
    attempt: 2,
    connectionId: 'c-1',
    outage: null,
    isStandby: true,
  });
  const told = cast.at(60_000).lose(0);
  expect(typesOf(told)).toEqual(['disconnected']);
  expect(told[0]).toMatchObject({ attempt: 1, outage: null, isStandby: true });
  expect(cast.team).toMatchObject({ state: 'connected', outage: null });
});

test('the loss of both is one outage, and the first that lasts ends it', () => {
  const cast = new Cast(2);
  cast.connect(0);
  cast.connect(1);
  cast.at(60_000).lose(0);
  const told = cast.at(61_000).lose(1);
  expect(typesOf(told)).toEqual(['disconnected', 'outage_started', 'state_changed', 'waiting']);
  expect(told[1]).toEqual({ type: 'outage_started', outage: 1, cause: 'connection_reset' });
  cast.at(62_000).tell(0, tick());
  const back = cast.at(63_000).connect(0);
  expect(back.find(({ type }) => type === 'connected')).toMatchObject({
    attempt: 3,
    outage: { number: 1, cause: 'connection_reset', durationMs: 2_000, attempts: 1 },
  });
  const settled = cast.at(63_000 + POLICY.stableAfterMs).tell(0, tick());
  expect(settled.filter(({ type }) => type === 'outage_ended')).toEqual([
    { type: 'outage_ended', outage: { number: 1, cause: 'connection_reset', durationMs: 2_000, attempts: 1 } },
  ]);
  expect(cast.team.outage).toBeNull();
});

test('a standby that was never lost ends the outage of the other', () => {
  const cast = new Cast(2);
  cast.connect(0);
  cast.tell(1, start());
  cast.at(60_000).lose(0);
  expect(cast.team.outage).toMatchObject({ number: 1, attempts: 1 });
  const told = cast.at(60_500).connect(1);
  expect(told.find(({ type }) => type === 'connected')).toMatchObject({ outage: { durationMs: 500, attempts: 1 } });
  cast.at(60_500 + POLICY.stableAfterMs).tell(1, tick());
  expect(cast.team.outage).toBeNull();
});

test('whoever earned a quick retry leads; one whose attempts failed does not keep the app waiting', () => {
  const cast = new Cast(2);
  cast.connect(0);
  cast.connect(1);
  cast.at(1_000).lose(1);
  cast.at(90_000).tell(1, tick());
  cast.connect(1);
  cast.at(100_000).lose(0);
  expect(cast.team.lead).toBe(0);
  const told = cast.at(100_100).lose(1);
  expect(cast.team.lead).toBe(0);
  expect(told.at(-1)).toMatchObject({ type: 'waiting', retryInMs: expect.closeTo(900, 3) });
});

test('attempts of several members have names of their own, and a team of one keeps those of its member', () => {
  const names = [1, 2, 3].flatMap((attempt) => [0, 1, 2].map((member) => nameOf(attempt, member, 3)));
  expect(names).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(nameOf(7, 0, 1)).toBe(7);
});

test('a stop ends all, and the state is stopped only when the last of them is', () => {
  const cast = new Cast(2);
  cast.connect(0);
  cast.connect(1);
  expect(typesOf(cast.tell(0, stop()))).toEqual(['disconnected']);
  expect(cast.team.state).toBe('connected');
  expect(typesOf(cast.tell(1, stop()))).toEqual(['disconnected', 'state_changed']);
  expect(cast.team).toMatchObject({ state: 'stopped', outage: null });
});

test('a member that does not exist is a bug', () => {
  expect(() => tell(newTeam(2), 2, { type: 'sockets', open: 1 }, 0, POLICY)).toThrow('member must be below 2, got 2');
});

/** Something that happens to some member: mostly what moves it on. */
const happening = fc.record({
  member: fc.nat({ max: 9 }),
  waitMs: fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.constant('due' as const)),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  what: fc.constantFrom('tick', 'tick', 'go on', 'go on', 'go on', 'fail', 'lose', 'lose', 'replace', 'stop', 'start'),
});

/** Plays what happens on cores of their own, and looks at the team after each. */
function always(size: number, check: (cast: Cast, told: readonly ConnectionReport[], before: Team) => void): void {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      const cast = new Cast(size);
      for (const { member: any, waitMs, random, what } of happenings) {
        const member = any % size;
        const connection = cast.connections[member];
        if (connection === undefined) throw new Error('no such member');
        const due = wakeAt(connection, POLICY);
        cast.at(waitMs === 'due' ? Math.max(cast.now, due ?? cast.now) : cast.now + waitMs);
        const before = cast.team;
        check(cast, cast.tell(member, inputOf(what, connection), random), before);
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  );
}

function inputOf(what: string, connection: Connection): Input {
  const { attempt } = connection.effort;
  const session = 'session' in connection ? connection.session.attempt : attempt;
  switch (what) {
    case 'go on': {
      const trial =
        'attempt' in connection ? connection.attempt : 'challenger' in connection ? connection.challenger : null;
      if (trial?.step === 'discovery') return ticket(trial.number);
      if (trial?.step === 'dial') return opened(trial.number);
      if (trial?.step === 'proof') return pong(trial.number);
      return connection.state === 'idle' || connection.state === 'stopped' ? start() : heard(session);
    }
    case 'fail':
      return failed(attempt, 'discovery_unreachable');
    case 'lose':
      return failed(session, 'closed_by_peer');
    case 'replace':
      return { type: 'replace' };
    case 'stop':
      return stop();
    case 'start':
      return start();
    default:
      return tick();
  }
}

test(`a team of one says exactly what its member says (seed ${SEED})`, () => {
  always(1, (cast) => {
    expect(cast.heard).toEqual(cast.said);
  });
});

test.each([2, 3, 10])(`any interleaving of %i members is one truth (seed ${SEED})`, (size) => {
  always(size, (cast, told, before) => {
    const { team, connections } = cast;
    const proven = connections.filter((connection) => 'session' in connection);
    expect(provenCount(team)).toBe(proven.length);
    // Connected while at least one is proven, and only then.
    expect(team.state === 'connected' || team.state === 'suspect').toBe(proven.length > 0);
    // An Outage begins only where the last one was lost, and is told once.
    const started = told.filter(({ type }) => type === 'outage_started');
    if (started.length > 0) expect([before.outage, proven.length]).toEqual([null, 0]);
    if (before.outage === null && team.outage !== null) expect(started.length).toBe(1);
    if (before.outage !== null && team.outage === null) {
      const ended = told.some(({ type }) => type === 'outage_ended');
      expect(ended || team.state === 'stopped').toBe(true);
    }
    // States follow from each other.
    let state = before.state;
    for (const report of told) {
      if (report.type !== 'state_changed') continue;
      expect(report.from).toBe(state);
      state = report.to;
    }
    expect(state).toBe(team.state);
    // What is beside a proven connection belongs to no Outage.
    for (const report of told) if ('isStandby' in report) expect(report).toMatchObject({ outage: null });
  });
});

test(`counters add up, and every attempt has one name (seed ${SEED})`, () => {
  always(3, (cast) => {
    for (const type of ['attempt_started', 'attempt_failed', 'connected', 'disconnected', 'heartbeat_sent'] as const) {
      expect(cast.heard.filter((report) => report.type === type).length).toBe(
        cast.said.filter((report) => report.type === type).length,
      );
    }
    const names = cast.heard.flatMap((report) => (report.type === 'attempt_started' ? [report.attempt] : []));
    expect(new Set(names).size).toBe(names.length);
  });
});
