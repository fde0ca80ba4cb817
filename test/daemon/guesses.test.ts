import { expect, test } from 'vitest';
import { GUESSES_WITHIN_MS, Guesses } from '../../src/daemon/guesses.js';
import { OPEN_SURFACE } from '../../src/daemon/surface-settings.js';
import { HandClock } from '../support/hand-clock.js';
import { BASIC, BEARER, GUARDED, openStage, TOKEN } from './surface-stage.js';

const wrong = (index: number) => ({ authorization: `Bearer a-guess-of-the-test-${index}` });

test('after so many wrong credentials nothing from an address is compared until the minute is over, probes aside', async () => {
  const clock = new HandClock();
  const { ask, refusals, done } = await openStage(GUARDED, { clock }, { wrongCredentials: 3 });
  for (let index = 0; index < 3; index++) expect((await ask('POST', '/reconnect', wrong(index))).status).toBe(401);
  await clock.advanceBy(15_000);
  for (const headers of [wrong(3), { authorization: BEARER }, { authorization: BASIC }]) {
    const { status, headers: told, body } = await ask('POST', '/reconnect', headers);
    expect([status, told['retry-after'], JSON.parse(body).error]).toEqual([429, '45', 'too many wrong credentials']);
    expect((await ask('GET', '/livez', headers)).status).toBe(200);
  }
  // Whoever names nothing guesses nothing.
  expect((await ask('GET', '/status')).status).toBe(401);
  expect([refusals, done]).toEqual([Array(6).fill('credentials'), []]);
  await clock.advanceBy(45_000);
  expect((await ask('POST', '/reconnect', { authorization: BEARER })).status).toBe(200);
  expect(done).toEqual(['reconnect']);
});

test('whoever was let in before is not kept out by a neighbour who guesses', async () => {
  const { ask } = await openStage(GUARDED, {}, { wrongCredentials: 2 });
  expect((await ask('GET', '/metrics', { authorization: BASIC })).status).toBe(200);
  for (let index = 0; index < 4; index++) await ask('GET', '/metrics', wrong(index));
  expect((await ask('GET', '/metrics', wrong(9))).status).toBe(429);
  expect((await ask('GET', '/metrics', { authorization: BASIC })).status).toBe(200);
  expect((await ask('GET', '/metrics', { authorization: `Bearer ${TOKEN}` })).status).toBe(429);
});

test('where there is nothing to guess, credentials that nobody asked for are no guesses', async () => {
  const { ask } = await openStage(OPEN_SURFACE, {}, { wrongCredentials: 2 });
  for (let index = 0; index < 5; index++) {
    expect((await ask('GET', '/metrics', { authorization: BASIC })).status).toBe(200);
    expect((await ask('GET', '/metrics', wrong(index))).status).toBe(200);
  }
});

test.each([
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:1:2:3', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db8::2', true],
  ['fe80::1', 'fe80::2', true],
  ['::1', '::1', true],
])('%s guesses for %s: %s', (one, other, isShared) => {
  const clock = new HandClock();
  const guesses = new Guesses(1, clock);
  guesses.compared(one, 'Basic eDp5', false);
  expect(guesses.waitMs(other, 'Basic eDp6')).toBe(isShared ? GUESSES_WITHIN_MS : 0);
});
