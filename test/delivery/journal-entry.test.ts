import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntry, EntryError, type EntryHeader, encodeEntry } from '../../src/delivery/journal-entry.js';
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

test.each([
  [[], '0 bytes are no entry'],
  [[2, 0, 0, 0, 0], 'version 2 is not known here'],
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
