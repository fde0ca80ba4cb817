import { expect, test } from 'vitest';
import { FULL_ALLOWANCE, nextTurn } from '../../src/connection/allowance.js';
import type { Connection } from '../../src/connection/connection.js';
import { newEffort } from '../../src/connection/effort.js';
import { startHeartbeat } from '../../src/connection/heartbeat.js';
import { newTeam, type Team, tell } from '../../src/connection/team.js';
import { turnsOf } from '../../src/connection/turns.js';
import { DEFAULT_PACING } from '../../src/wire/index.js';
import { STEADY_POLICY, ticketOf } from '../support/story.js';

const POLICY = { ...STEADY_POLICY, standbyPauseMs: 5_000, standbyEveryMs: 60_000 };
const FOREVER = Number.POSITIVE_INFINITY;
const effort = newEffort(DEFAULT_PACING);

const idle: Connection = { state: 'idle', effort };
const waiting = (heldUntil?: number): Connection => ({
  state: 'waiting',
  effort,
  retryAt: 1_000,
  failure: 'connection_reset',
  watch: null,
  ...(heldUntil !== undefined && { heldUntil }),
});

const deaf = (size: number): Team => newTeam(size);
const provenBy = (member: number, size: number): Team =>
  tell(newTeam(size), member, { type: 'connected', attempt: 1, connectionId: 'c', outage: null }, 0, POLICY).team;
const lastingBy = (member: number, size: number): Team =>
  tell(provenBy(member, size), member, { type: 'lasted' }, 0, POLICY).team;

function turns(team: Team, connections: readonly Connection[], now = 10_000, begun: readonly number[] = []) {
  const standings = connections.map((connection, index) => ({ connection, isToBegin: begun.includes(index) }));
  return turnsOf(team, standings, FULL_ALLOWANCE, now, POLICY).turns;
}

test('while none is proven the lead tries alone: the others are held, and nobody begins', () => {
  expect(turns(deaf(3), [waiting(), waiting(), idle])).toEqual([{ do: 'hold', member: 1, until: FOREVER }]);
});

test('while none has lasted nobody joins the one that is proven', () => {
  expect(turns(provenBy(0, 3), [idle, waiting(), idle])).toEqual([{ do: 'hold', member: 1, until: FOREVER }]);
});

test('a second asking gives nothing new', () => {
  expect(turns(deaf(3), [waiting(), waiting(FOREVER), idle])).toEqual([]);
  expect(turns(lastingBy(0, 3), [idle, waiting(20_000), idle], 10_000, [0, 2])).toEqual([]);
});

test('once one has lasted the others get their turns one after the other', () => {
  expect(turns(lastingBy(0, 4), [waiting(5), waiting(FOREVER), idle, waiting()])).toEqual([
    { do: 'hold', member: 1, until: 10_000 },
    { do: 'begin', member: 2, at: 15_000 },
    { do: 'hold', member: 3, until: 20_000 },
  ]);
});

test('a standby that becomes the lead waits for its turn no longer', () => {
  expect(turns(deaf(2), [waiting(40_000), waiting()])).toEqual([
    { do: 'hold', member: 0, until: 10_000 },
    { do: 'hold', member: 1, until: FOREVER },
  ]);
});

test('of those that are proven the first alone seeks a successor', () => {
  const session = {
    attempt: 1,
    ticket: ticketOf(),
    openedAt: 0,
    connectedAt: 0,
    heartbeat: startHeartbeat(0),
    isStable: true,
  };
  const live = (heldUntil?: number): Connection => ({
    state: 'connected',
    effort,
    session,
    challenger: null,
    ...(heldUntil !== undefined && { heldUntil }),
  });
  expect(turns(lastingBy(1, 3), [idle, live(), live()], 10_000, [0])).toEqual([
    { do: 'hold', member: 2, until: FOREVER },
  ]);
  expect(turns(lastingBy(1, 3), [idle, live(FOREVER), live(FOREVER)], 10_000, [0])).toEqual([
    { do: 'hold', member: 1, until: 10_000 },
  ]);
});

test('all standbys together spend a burst, and a turn a minute from then on', () => {
  let left = FULL_ALLOWANCE;
  const turnsAt: number[] = [];
  for (let index = 0; index < 8; index++) {
    const turn = nextTurn(left, 3, turnsAt.at(-1) ?? 0, POLICY);
    turnsAt.push(turn.at);
    left = turn.left;
  }
  expect(turnsAt).toEqual([0, 5_000, 10_000, 60_000, 120_000, 180_000, 240_000, 300_000]);
  // Ten quiet minutes earn the burst again, and no more.
  const later = nextTurn(left, 3, 900_000, POLICY);
  expect([later.at, nextTurn(later.left, 3, 900_000, POLICY).at]).toEqual([900_000, 905_000]);
});
