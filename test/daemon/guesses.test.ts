import { expect, test } from 'vitest';
import { GUESSES_WITHIN_MS, Guesses } from '../../src/daemon/guesses.js';
import { OPEN_SURFACE } from '../../src/daemon/surface-settings.js';
import { HandClock } from '../support/hand-clock.js';
import { BASIC, BEARER, GUARDED, openStage, sendRaw, TOKEN } from './surface-stage.js';

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

test('a scraper and an operator behind one proxy do not keep each other out while somebody guesses there', async () => {
  const { ask } = await openStage(GUARDED, {}, { wrongCredentials: 2 });
  for (const authorization of [BASIC, BEARER])
    expect((await ask('GET', '/status', { authorization })).status).toBe(200);
  for (let index = 0; index < 3; index++) await ask('GET', '/metrics', wrong(index));
  for (let round = 0; round < 2; round++)
    for (const authorization of [BASIC, BEARER])
      expect((await ask('GET', '/status', { authorization })).status).toBe(200);
  expect((await ask('GET', '/status', wrong(9))).status).toBe(429);
});

test('guesses that come all at once are no more than those that come one after the other', async () => {
  const { port, refusals } = await openStage(GUARDED, {}, { wrongCredentials: 3 });
  const guess = (index: number) =>
    `GET /status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a-guess-of-the-test-${index}\r\n`;
  const pipelined = Array.from({ length: 50 }, (_, index) => `${guess(index)}\r\n`).join('');
  const answers = await sendRaw(port, `${pipelined}${guess(50)}Connection: close\r\n\r\n`);
  expect(answers.match(/HTTP\/1\.1 401 /g)).toHaveLength(3);
  expect(answers.match(/HTTP\/1\.1 429 /g)).toHaveLength(48);
  expect(refusals).toHaveLength(51);
});

test('many right ones at once are no guesses, and what could not be compared is none', () => {
  const guesses = new Guesses(2, new HandClock());
  const begun = ['Basic eDp5', 'Basic eDp5'].map((authorization) => guesses.begin('192.0.2.1', authorization));
  for (const settle of begun) if (typeof settle === 'function') settle(true);
  const unreadable = guesses.begin('192.0.2.1', 'Basic eDp6');
  if (typeof unreadable === 'function') unreadable(null);
  expect(guesses.begin('192.0.2.1', 'Basic eDp6')).toBeTypeOf('function');
  expect(guesses.begin('192.0.2.1', 'Basic eDp7')).toBeTypeOf('function');
  expect(guesses.begin('192.0.2.1', 'Basic eDp8')).toBe(GUESSES_WITHIN_MS);
  expect(guesses.begin('192.0.2.2', 'Basic eDp8')).toBeTypeOf('function');
});

test('what is settled after the minute takes nothing from the next one', async () => {
  const clock = new HandClock();
  const guesses = new Guesses(1, clock);
  const late = guesses.begin('192.0.2.1', 'Basic eDp5');
  await clock.advanceBy(GUESSES_WITHIN_MS);
  expect(guesses.begin('192.0.2.1', 'Basic eDp6')).toBeTypeOf('function');
  if (typeof late === 'function') late(true);
  expect(guesses.begin('192.0.2.1', 'Basic eDp7')).toBe(GUESSES_WITHIN_MS);
});
