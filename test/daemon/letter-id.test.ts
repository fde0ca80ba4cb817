import fc from 'fast-check';
import { expect, test } from 'vitest';
import { letterIdOf, letterSegment } from '../../src/daemon/letter-id.js';

/** What a URL makes of a segment, and a server of what comes. */
function carried(segment: string): string {
  const { pathname } = new URL(`http://127.0.0.1/dead-letters/${segment}/replay`);
  const [, room, id, verb, ...rest] = pathname.split('/');
  expect([room, verb, rest]).toEqual(['dead-letters', 'replay', []]);
  return letterIdOf(decodeURIComponent(id ?? ''));
}

test('ids of the platform stay as they are', () => {
  expect(letterSegment('5e3702a84e847582be8db7fb73283c02')).toBe('5e3702a84e847582be8db7fb73283c02');
});

test.each(['.', '..', '', '~', '~Lg', 'a/b', '../../status', '%2e%2e', 'a?b#c', 'ü 😀', '\ud800', 'x\udc00y', '\0\n'])(
  'the id %j arrives as it is',
  (id) => {
    expect(carried(letterSegment(id))).toBe(id);
  },
);

test('any id arrives as it is (seed 7)', () => {
  const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string(), fc.string({ unit: fc.constantFrom('.', '~', '/', '%') })), (id) => {
      expect(carried(letterSegment(id))).toBe(id);
    }),
    { seed: 7, numRuns: 1_000 },
  );
});
