import { expect, test } from 'vitest';
import { SingleFlight } from '../../src/daemon/single-flight.js';
import { HandClock, settled } from '../support/hand-clock.js';

test('all who ask at the same time share one run, and later ones get their own', async () => {
  let runs = 0;
  const flight = new SingleFlight(async () => ++runs, new HandClock(), 5_000);
  expect(await Promise.all([flight.run(), flight.run(), flight.run()])).toEqual([1, 1, 1]);
  expect(await flight.run()).toBe(2);
});

test('a failure is everybody’s, and the next run is tried anew', async () => {
  const answers = [Promise.reject(new Error('no')), Promise.resolve('yes')];
  const flight = new SingleFlight(() => answers.shift() ?? Promise.resolve('more'), new HandClock(), 5_000);
  const outcomes = await Promise.allSettled([flight.run(), flight.run()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await flight.run()).toBe('yes');
});

test('a run that hangs ends at its deadline for all, leaves no timer and blocks nobody after it', async () => {
  const clock = new HandClock();
  const answers = [new Promise<string>(() => {}), Promise.resolve('again')];
  const flight = new SingleFlight(() => answers.shift() ?? Promise.resolve('more'), clock, 5_000);
  const first = flight.run();
  await clock.advanceBy(4_999);
  const late = flight.run();
  const outcomes = Promise.allSettled([first, late]);
  await clock.advanceBy(1);
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(first).rejects.toThrow('not finished within 5000 ms');
  expect(await flight.run()).toBe('again');
  await settled();
  expect(clock.pending).toBe(0);
});
