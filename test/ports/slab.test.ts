import { expect, test } from 'vitest';
import { Slab } from '../../src/ports/index.js';

test('pieces of a slab keep apart, also where one slab ends and the next begins', () => {
  const slab = new Slab();
  const pieces = Array.from({ length: 1_000 }, (_, index) => slab.take(1 + (index % 700)).fill(index % 251));
  for (const [index, piece] of pieces.entries()) {
    expect(piece.length).toBe(1 + (index % 700));
    expect(piece.every((byte) => byte === index % 251)).toBe(true);
  }
});

test('small pieces share memory, and a large one has its own', () => {
  const slab = new Slab();
  const [first, second, large] = [slab.take(100), slab.take(0), slab.take(100_000)];
  expect(second.buffer).toBe(first.buffer);
  expect(large.length).toBe(100_000);
  expect(large.buffer.byteLength).toBe(100_000);
});
