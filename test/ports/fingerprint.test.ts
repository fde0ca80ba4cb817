import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Fingerprint } from '../../src/ports/fingerprint.js';

const COUNT = 200_000;

function halvesOf(text: string): { low: number; high: number } {
  const fingerprint = new Fingerprint();
  fingerprint.of(text);
  return { low: fingerprint.low, high: fingerprint.high };
}

/** How many of all pairs of these texts have the same half, for either half and for both. */
function likenesses(textOf: (index: number) => string) {
  const seen = { low: new Set<number>(), high: new Set<number>(), both: new Set<string>() };
  for (let index = 0; index < COUNT; index += 1) {
    const { low, high } = halvesOf(textOf(index));
    seen.low.add(low);
    seen.high.add(high);
    seen.both.add(`${low} ${high}`);
  }
  return { low: COUNT - seen.low.size, high: COUNT - seen.high.size, both: COUNT - seen.both.size };
}

const random = (index: number) => createHash('md5').update(String(index)).digest('hex');
const FAMILIES: Readonly<Record<string, (index: number) => string>> = {
  'ids as the platform makes them': (index) => `om_${random(index)}`,
  'ids that count': (index) => `5e3702a84e847582be8db7fb${String(index).padStart(8, '0')}`,
  'ids that count at the front': (index) => `${index.toString(16).padStart(6, '0')}5e3702a84e847582be8db7fb`,
  'ids that differ in one place': (index) => `message:${'x'.repeat(index % 40)}${String.fromCharCode(index / 40)}`,
};

for (const [name, textOf] of Object.entries(FAMILIES)) {
  test(`${name} are told apart, and either half alone does it as well as 32 bits can`, () => {
    const { low, high, both } = likenesses(textOf);
    expect(both).toBe(0);
    // Of 200,000 draws from 2^32, 4.7 pairs are alike by chance; 15 once in 10,000 such tests. These are always the same.
    expect(Math.max(low, high)).toBeLessThan(15);
  });
}

test('whichever character changes, about half of the bits do', () => {
  const text = 'om_dc13264520392913993dd051dba21dcf';
  const { low, high } = halvesOf(text);
  let changed = 0;
  for (let index = 0; index < text.length; index += 1) {
    const other = halvesOf(`${text.slice(0, index)}~${text.slice(index + 1)}`);
    const bits = bitsOf(low ^ other.low) + bitsOf(high ^ other.high);
    expect(bits).toBeGreaterThan(12);
    changed += bits;
  }
  expect(Math.abs(changed / text.length - 32)).toBeLessThan(3);
});

function bitsOf(int: number): number {
  return (int >>> 0).toString(2).replaceAll('0', '').length;
}

test('what stands on disks stays what it is: of these, or every journal would forget what it knows', () => {
  const known = ['', 'id:5e3702a84e847582be8db7fb73281234', 'message:om_dc13264520392913993dd051dba21dcf', '飞书'].map(
    halvesOf,
  );
  expect(known).toEqual([
    { low: 1149183699, high: 323257031 },
    { low: 122607333, high: -1296844380 },
    { low: -896562272, high: -833328511 },
    { low: 447782435, high: 237439821 },
  ]);
});
