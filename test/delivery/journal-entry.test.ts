import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntry, EntryError, type EntryHeader, encodeEntry, piecesOf } from '../../src/delivery/journal-entry.js';
import { DEAD_LETTER_REASONS, SOURCES } from '../../src/delivery/report.js';

const text = fc.string({ minLength: 1, unit: 'grapheme' });
const header: fc.Arbitrary<EntryHeader> = fc.record(
  {
    eventId: text,
    eventType: text,
    source: fc.constantFrom(...SOURCES),
    arrivedWallAt: fc.nat(),
    laneKey: fc.option(text),
    contentKeys: fc.array(text),
    traceparent: fc.option(text),
    isReplayed: fc.boolean(),
    death: fc.record({
      reason: fc.constantFrom(...DEAD_LETTER_REASONS),
      attempts: fc.nat(),
      detail: fc.string(),
      wallAt: fc.nat(),
    }),
  },
  {
    requiredKeys: [
      'eventId',
      'eventType',
      'source',
      'arrivedWallAt',
      'laneKey',
      'contentKeys',
      'traceparent',
      'isReplayed',
    ],
  },
);

test('what is written is read, byte for byte (seed 20261123)', () => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 300 }), (header, payload) => {
      const entry = decodeEntry(encodeEntry({ header, payload }));
      expect(entry.header).toEqual(header);
      expect(new Uint8Array(entry.payload)).toEqual(payload);
    }),
    { seed: 20261123, numRuns: 300 },
  );
});

test('the payload is copied: the buffer it came in may be reused', () => {
  const payload = new Uint8Array([1, 2, 3]);
  const bytes = encodeEntry({ header: { ...MINIMAL }, payload });
  payload.fill(9);
  expect([...decodeEntry(bytes).payload]).toEqual([1, 2, 3]);
});

test('damage is an EntryError and nothing else, wherever it is (seed 20261123)', () => {
  const sound = encodeEntry({ header: MINIMAL, payload: new Uint8Array([1, 2, 3]) });
  fc.assert(
    fc.property(fc.nat({ max: sound.length - 4 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const damaged = new Uint8Array(sound);
      damaged[at] = value;
      try {
        decodeEntry(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(EntryError);
      }
    }),
    { seed: 20261123, numRuns: 500 },
  );
});

test('an entry as version 1 wrote it is read', () => {
  const [, ...rest] = encodeEntry({ header: MINIMAL, payload: new Uint8Array([1, 2, 3]) });
  const entry = decodeEntry(new Uint8Array([1, ...rest.slice(4)]));
  expect([entry.header, [...entry.payload]]).toEqual([MINIMAL, [1, 2, 3]]);
});

test('a row gives its entries back, and where it was cut those before the cut (seed 20261123)', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(payloads, fc.nat(), (payloads, at) => {
      const entries = payloads.map((payload) => encodeEntry({ header: MINIMAL, payload }));
      const row = Buffer.concat(entries);
      const cut = row.subarray(0, at % row.length);
      expect(piecesOf(row, 8)).toEqual(entries);
      const [last, ...before] = [...piecesOf(cut, 8)].reverse();
      expect(before.reverse()).toEqual(entries.slice(0, before.length));
      const isWhole = entries.slice(0, before.length + 1).reduce((sum, { length }) => sum + length, 0) === cut.length;
      const decode = () => decodeEntry(last ?? new Uint8Array());
      if (isWhole) expect(decode().header).toEqual(MINIMAL);
      else expect(decode).toThrow(EntryError);
    }),
    { seed: 20261123, numRuns: 300 },
  );
});

test('a row of whatever bytes falls into pieces that are all of it, not more than wanted (seed 20261123)', () => {
  const sound = encodeEntry({ header: MINIMAL, payload: new Uint8Array([1, 2, 3]) });
  const part = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array([2])), fc.constant(sound));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), (parts, countMax) => {
      const row = Buffer.concat(parts);
      const pieces = piecesOf(row, countMax);
      expect(pieces.length).toBeGreaterThan(0);
      expect(pieces.length).toBeLessThanOrEqual(countMax);
      expect(Buffer.concat(pieces)).toEqual(row);
    }),
    { seed: 20261123, numRuns: 500 },
  );
});

test.each([
  [[], '0 bytes are no entry'],
  [[3, 0, 0, 0, 0], 'version 3 is not known here'],
  [[2, 0, 0, 0, 4], '5 bytes are no entry'],
  [[2, 0, 0, 0, 6, 0, 0, 0, 2, 0x7b], '10 bytes are not those of one entry'],
  [[2, 0, 0, 0, 5, 0, 0, 0, 2, 0x7b], '10 bytes are too few for its header'],
  [[1, 0, 0, 0, 9, 1], '6 bytes are too few for its header'],
  [[1, 0, 0, 0, 1, 0x7b], 'its header is no JSON (1 characters)'],
  [[1, 0, 0, 0, 2, 0x7b, 0x7d], 'id of the header is missing'],
])('%o is no entry', (bytes, message) => {
  expect(() => decodeEntry(new Uint8Array(bytes))).toThrow(message);
});

const MINIMAL: EntryHeader = {
  eventId: 'e1',
  eventType: 't',
  source: 'push',
  arrivedWallAt: 1,
  laneKey: null,
  contentKeys: [],
  traceparent: null,
  isReplayed: false,
};
