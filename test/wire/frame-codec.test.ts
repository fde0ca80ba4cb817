import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ackBytes, decodeFrame, encodeFrame, type Frame, FrameError } from '../../src/wire/index.js';
import { unhex, VECTORS, vector } from './vectors.js';

const SEED = 20260701;
const REQUIRED = '0800 1000 1800 2000';

describe.each(VECTORS)('vector $name', ({ bytes, frame }) => {
  test('decodes to what the official protobuf says', () => {
    expect(fieldsOf(bytes)).toEqual(frame);
  });

  test('comes back byte for byte', () => {
    expect(hex(encodeFrame(decodeFrame(bytes)))).toBe(hex(bytes));
    expect(hex(encodeFrame(frame))).toBe(hex(bytes));
  });

  test('is refused wherever it is cut off, or reads as a shorter frame between two fields', () => {
    for (let end = 0; end < bytes.length; end++) {
      const cut = bytes.subarray(0, end);
      const outcome = outcomeOf(cut);
      if (outcome instanceof FrameError) continue;
      // Protobuf has no end mark: a cut after the required fields that hits a boundary is a frame of its own.
      expect(hex(encodeFrame(outcome))).toBe(hex(cut));
    }
  });
});

test('an absent optional field stays absent and an empty one stays present', () => {
  const absent = decodeFrame(vector('ping').bytes);
  const { payloadEncoding, payloadType, payload, logIdNew } = absent;
  expect([payloadEncoding, payloadType, payload, logIdNew]).toEqual([undefined, undefined, undefined, undefined]);
  const present = decodeFrame(vector('ping_captured_go').bytes);
  expect(present).toMatchObject({ payloadEncoding: '', payloadType: '', logIdNew: '' });
  expect(present.payload).toBeUndefined();
});

test('ids beyond 2^53 survive where a double would not', () => {
  const { seqId, logId } = decodeFrame(vector('event_uint64_ids').bytes);
  expect(seqId).toBe(2n ** 53n + 1n);
  expect(logId).toBe(2n ** 64n - 1n);
});

test('the payload is a view of the input, and a plain Uint8Array even for a Buffer', () => {
  const input = Buffer.from(vector('event_single').bytes);
  const { payload } = decodeFrame(input);
  expect(payload?.buffer).toBe(input.buffer);
  expect(payload?.constructor).toBe(Uint8Array);
});

test('input that lies in the middle of a larger buffer is read at its own offset', () => {
  const { bytes, frame } = vector('event_single');
  const larger = new Uint8Array(bytes.length + 20).fill(0xff);
  larger.set(bytes, 10);
  expect(fieldsOf(larger.subarray(10, 10 + bytes.length))).toEqual(frame);
});

test('a negative int32 takes ten bytes, and the five-byte form of careless writers is understood', () => {
  const frame: Frame = { seqId: 0n, logId: 0n, service: -1, method: -2_147_483_648, headers: [] };
  expect(hex(encodeFrame(frame))).toBe('0800100018ffffffffffffffffff012080808080f8ffffffff01');
  expect(fieldsOf(encodeFrame(frame))).toEqual(frame);
  expect(decodeFrame(unhex('0800 1000 18ffffffff0f 2000')).service).toBe(-1);
});

test('a byte order mark at the start of a header is kept: the ack repeats it', () => {
  const frame: Frame = { seqId: 0n, logId: 0n, service: 0, method: 0, headers: [{ key: '\ufeffk', value: '\ufeff' }] };
  expect(fieldsOf(encodeFrame(frame))).toEqual(frame);
});

test('a repeated single field counts as its last occurrence', () => {
  expect(decodeFrame(unhex(`${REQUIRED} 0805 320161 320162`))).toMatchObject({ seqId: 5n, payloadEncoding: 'b' });
});

test.each([
  ['varint', '5001'],
  ['long varint', '50ffffffffffffffffff01'],
  ['64 bits', '510102030405060708'],
  ['bytes', '5203010203'],
  ['32 bits', '5501020304'],
  ['empty group', '5354'],
  ['nested groups with fields', '53 5801 5b 620161 5c 54'],
  ['field number 2^29-1', 'f8ffffff0f01'],
])('an unknown field is skipped: %s', (_, field) => {
  const { bytes, frame } = vector('pong_with_config');
  expect(fieldsOf(unhex(field + hex(bytes)))).toEqual(frame);
  expect(fieldsOf(unhex(hex(bytes) + field))).toEqual(frame);
});

test('an unknown field inside a header is skipped', () => {
  expect(decodeFrame(unhex(`${REQUIRED} 2a08 0a016b 120176 1801`)).headers).toEqual([{ key: 'k', value: 'v' }]);
});

test.each([
  ['nothing at all', '', 'required field SeqID is missing up to the end at byte 0'],
  ['no LogID', '0800 1800 2000', 'required field LogID is missing up to the end at byte 6'],
  ['no service', '0800 1000 2000', 'required field service is missing up to the end at byte 6'],
  ['no method', '0800 1000 1800', 'required field method is missing up to the end at byte 6'],
  ['a varint cut off', '08ff', 'SeqID is cut off at byte 2'],
  ['a tag without its value', '08', 'SeqID is cut off at byte 1'],
  ['a varint of 11 bytes', '08ffffffffffffffffffff01', 'SeqID at byte 1 has more than 10 bytes'],
  ['a varint over 64 bits', '08ffffffffffffffffff02', 'SeqID at byte 1 is over 64 bits'],
  ['a tag over 32 bits', 'f8ffffff1f01', 'tag over 32 bits at byte 0'],
  ['field number 0', '0001', 'field number 0 at byte 0'],
  ['a payload longer than the rest', `${REQUIRED} 420561`, 'payload at byte 9 claims 5 bytes, 1 are left'],
  ['a payload of 2^63 bytes', `${REQUIRED} 42808080808080808080 01`, 'claims 9223372036854776000 bytes, 0 are left'],
  ['a header longer than the rest', `${REQUIRED} 2a09`, 'header at byte 9 claims 9 bytes, 0 are left'],
  ['a key longer than its header', `${REQUIRED} 2a030a056b 120176`, 'header key at byte 11 claims 5 bytes, 1 are left'],
  ['a header without key', `${REQUIRED} 2a03120176`, 'the header at byte 8 has no key'],
  ['a header without value', `${REQUIRED} 2a030a016b`, 'the header at byte 8 has no value'],
  ['SeqID as bytes', '0a0161', 'field 1 has wire type 2 at byte 0'],
  ['a header as varint', `${REQUIRED} 2801`, 'field 5 has wire type 0 at byte 8'],
  ['a payload as group', `${REQUIRED} 4344`, 'field 8 has wire type 3 at byte 8'],
  ['a key as varint', `${REQUIRED} 2a020801`, 'field 1 has wire type 0 at byte 10'],
  [
    'a header value that is not UTF-8',
    `${REQUIRED} 2a070a016b1202c328`,
    'header value is not UTF-8 in the 2 bytes from byte 15',
  ],
  ['a type that is not UTF-8', `${REQUIRED} 3a01ff`, 'payload_type is not UTF-8 in the 1 bytes from byte 10'],
  ['wire type 6', '5600', 'wire type 6 of field 10 does not exist, before byte 1'],
  ['wire type 7', '5700', 'wire type 7 of field 10 does not exist, before byte 1'],
  ['an unknown 64-bit field cut off', '51010203', 'field 10 is cut off at byte 4'],
  ['an unknown 32-bit field cut off', '550102', 'field 10 is cut off at byte 3'],
  ['unknown bytes cut off', '520501', 'field 10 at byte 1 claims 5 bytes, 1 are left'],
  ['a group without end', '535801', 'group 10 has no end before byte 3'],
  ['a group ended by another', '535c', 'stray end of group 11 before byte 2'],
  ['an end without group', '54', 'stray end of group 10 before byte 1'],
  ['groups without bottom', '53'.repeat(200), 'groups nested deeper than 100 at byte 101'],
])('malformed and said so: %s', (_, bytes, message) => {
  const error = outcomeOf(unhex(bytes));
  expect(error).toBeInstanceOf(FrameError);
  expect(error).toMatchObject({ name: 'FrameError', reason: 'malformed', message: expect.stringContaining(message) });
});

test.each([
  [{ seqId: -1n }, 'seqId must be in 0..2^64-1, got -1'],
  [{ logId: 2n ** 64n }, 'logId must be in 0..2^64-1, got 18446744073709551616'],
  [{ service: 2 ** 31 }, 'service must be a 32-bit integer, got 2147483648'],
  [{ method: 0.5 }, 'method must be a 32-bit integer, got 0.5'],
])('a frame that no field can hold is a bug of the caller: %o', (wrong, message) => {
  const frame: Frame = { seqId: 0n, logId: 0n, service: 0, method: 0, headers: [], ...wrong };
  expect(() => encodeFrame(frame)).toThrow(new RangeError(message));
});

test('a lone surrogate is written as U+FFFD, as UTF-8 has no place for it', () => {
  const frame: Frame = { seqId: 0n, logId: 0n, service: 0, method: 0, headers: [{ key: 'k', value: 'a\ud800b' }] };
  expect(decodeFrame(encodeFrame(frame)).headers).toEqual([{ key: 'k', value: 'a\ufffdb' }]);
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom('type', '中文', 'é'.repeat(64), '\ufeff'),
);
const bytes = fc.uint8Array({ maxLength: 400 });
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 300n }), powerOfTwo());
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const frames = fc.record<Frame>(
  {
    seqId: uint64,
    logId: uint64,
    service: int32,
    method: int32,
    headers: fc.array(fc.record({ key: text, value: text }), { maxLength: 8 }),
    payloadEncoding: text,
    payloadType: text,
    payload: bytes,
    logIdNew: text,
  },
  { requiredKeys: ['seqId', 'logId', 'service', 'method', 'headers'], noNullPrototype: true },
);

test('any frame survives the wire', () => {
  fc.assert(
    fc.property(frames, (frame) => {
      expect(fieldsOf(encodeFrame(frame))).toEqual(frame);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('any unknown field may stand between the known ones', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 10, max: 2 ** 29 - 1 }), bytes, (frame, field, content) => {
      const unknown = encodeFrame({ ...EMPTY, payload: content });
      const foreign = [...varint(field * 8 + 2), ...varint(unknown.length), ...unknown];
      expect(fieldsOf(Uint8Array.of(...foreign, ...encodeFrame(frame), ...foreign))).toEqual(frame);
    }),
    { seed: SEED },
  );
});

test('no bytes make the decoder throw anything but FrameError', () => {
  fc.assert(
    fc.property(bytes, (noise) => {
      outcomeOf(noise);
    }),
    { seed: SEED, numRuns: 3_000 },
  );
});

test('no damage to a true frame makes the decoder throw anything but FrameError', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...VECTORS), damage, (original, flips) => {
      const damaged = original.bytes.slice();
      for (const [at, byte] of flips) damaged[at % damaged.length] = byte;
      const outcome = outcomeOf(damaged);
      // What still reads as a frame can be acked: it must be writable.
      if (outcome instanceof FrameError) return;
      encodeFrame(outcome);
      ackBytes(outcome, { code: 200, handlingMs: 1 });
    }),
    { seed: SEED, numRuns: 3_000 },
  );
});

const EMPTY: Frame = { seqId: 0n, logId: 0n, service: 0, method: 0, headers: [] };

/** What a frame says, without how its bytes lay. */
function fieldsOf(bytes: Uint8Array): Frame {
  const { shell: _, ...fields } = decodeFrame(bytes);
  return fields;
}

/** The frame or the FrameError; any other error is thrown on. */
function outcomeOf(input: Uint8Array): Frame | FrameError {
  try {
    return decodeFrame(input);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
}

function powerOfTwo(): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.constantFrom(-1n, 0n))
    .map(([bit, step]) => 2n ** BigInt(bit) + step);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function hex(input: Uint8Array): string {
  return Buffer.from(input).toString('hex');
}
