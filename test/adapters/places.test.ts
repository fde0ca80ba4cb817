import { expect, test } from 'vitest';
import { Places } from '../../src/adapters/places.js';

const never = new AbortController().signal;

test('places are taken in the order in which they were asked for', async () => {
  const places = new Places(1);
  const order: string[] = [];
  await places.take(never);
  const rest = ['first', 'second'].map((name) => places.take(never).then(() => order.push(name)));
  places.give();
  await rest[0];
  expect(order).toEqual(['first']);
  places.give();
  await Promise.all(rest);
  expect(order).toEqual(['first', 'second']);
});

test('who gives up waiting takes no place away from the next', async () => {
  const places = new Places(1);
  await places.take(never);
  const leaving = new AbortController();
  const left = places.take(leaving.signal);
  const next = places.take(never);
  leaving.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  places.give();
  await next;
  await expect(places.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});

test('no place is lost or doubled by taking and giving', async () => {
  const places = new Places(2);
  await places.take(never);
  await places.take(never);
  places.give();
  places.give();
  await places.take(never);
  await places.take(never);
  const gone = new AbortController();
  const third = places.take(gone.signal);
  gone.abort(new Error('full'));
  await expect(third).rejects.toThrow('full');
});
