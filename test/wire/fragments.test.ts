import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fragment, type FragmentOutcome, Fragments, headerOf } from '../../src/wire/index.js';
import { vector } from './vectors.js';

const SEED = 20260703;

test('the three fragments of the vectors, cut inside a character, are the whole event in any order', () => {
  for (const order of [
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ]) {
    const fragments = new Fragments();
    const outcomes = order.map((number) => fragments.add(fragmentOf(`event_fragment_${number}_of_3`), 0));
    expect(outcomes.map(({ type }) => type)).toEqual(['partial', 'partial', 'whole']);
    expect(wholeOf(outcomes)).toEqual([vector('event_single').frame.payload]);
    expect(fragments).toMatchObject({ openCount: 0, openBytes: 0 });
  }
});

test('a message in one piece passes straight through, not copied', () => {
  const fragments = new Fragments();
  const payload = bytes('whole');
  expect(wholeOf([fragments.add({ messageId: '', sum: 1, seq: 0, payload }, 0)])[0]).toBe(payload);
  expect(fragments.openCount).toBe(0);
});

test('fragments outlive the buffer that the socket lent', () => {
  const fragments = new Fragments();
  const buffer = Buffer.from('he');
  fragments.add(piece('m', 2, 0, buffer), 0);
  buffer.fill('x');
  expect(wholeOf([fragments.add(piece('m', 2, 1, 'llo'), 0)])).toEqual([bytes('hello')]);
});

test('a repeated fragment counts once, an empty one counts', () => {
  const fragments = new Fragments();
  expect(fragments.add(piece('m', 3, 1, ''), 0)).toEqual({ type: 'partial', arrived: 1, sum: 3, evicted: [] });
  expect(fragments.add(piece('m', 3, 1, ''), 0)).toEqual({ type: 'partial', arrived: 1, sum: 3, evicted: [] });
  expect(fragments.add(piece('m', 3, 0, 'a'), 0)).toEqual({ type: 'partial', arrived: 2, sum: 3, evicted: [] });
  expect(fragments.add(piece('m', 3, 2, 'b'), 0)).toEqual({ type: 'whole', payload: bytes('ab'), evicted: [] });
});

test('a contradiction is rejected and does not spoil the message', () => {
  const fragments = new Fragments();
  fragments.add(piece('m', 2, 0, 'a'), 0);
  expect(fragments.add(piece('m', 2, 0, 'b'), 0)).toMatchObject({
    type: 'rejected',
    detail: 'seq 0 came again with other bytes',
  });
  expect(fragments.add(piece('m', 3, 1, 'b'), 0)).toMatchObject({
    type: 'rejected',
    detail: 'sum 3 contradicts the 2 of earlier fragments of the message',
  });
  expect(fragments.add(piece('m', 2, 1, 'c'), 0)).toMatchObject({ type: 'whole', payload: bytes('ac') });
});

test('a complete message is forgotten: the same id may come again', () => {
  const fragments = new Fragments();
  const both = [piece('m', 2, 0, 'a'), piece('m', 2, 1, 'b')];
  expect(wholeOf([...both, ...both].map((fragment) => fragments.add(fragment, 0)))).toEqual([bytes('ab'), bytes('ab')]);
});

test.each([
  ['m', 0, 0, 'sum must be in 1..1024, got 0'],
  ['m', -1, 0, 'sum must be in 1..1024, got -1'],
  ['m', 1025, 0, 'sum must be in 1..1024, got 1025'],
  ['m', 1e300, 0, 'sum must be in 1..1024, got 1e+300'],
  ['m', Number.NaN, 0, 'sum is no integer: NaN'],
  ['m', 1.5, 0, 'sum is no integer: 1.5'],
  ['m', Number.POSITIVE_INFINITY, 0, 'sum is no integer: Infinity'],
  ['m', 2, 0.5, 'seq is no integer: 0.5'],
  ['m', 2, Number.NaN, 'seq is no integer: NaN'],
  ['m', 2, -1, 'seq must be in 0..1, got -1'],
  ['m', 2, 2, 'seq must be in 0..1, got 2'],
  ['m', 1, 1, 'seq must be in 0..0, got 1'],
  ['', 2, 0, 'a fragment without message_id belongs to nothing'],
])('message %j, sum %d, seq %d is rejected', (messageId, sum, seq, detail) => {
  const fragments = new Fragments();
  expect(fragments.add(piece(messageId, sum, seq, 'x'), 0)).toEqual({ type: 'rejected', detail, evicted: [] });
  expect(fragments.openCount).toBe(0);
});

test('a message that never becomes whole is given up a minute after its last new fragment', () => {
  const fragments = new Fragments();
  expect(fragments.nextExpiryAt()).toBeNull();
  fragments.add(piece('slow', 3, 0, 'a'), 1_000);
  fragments.add(piece('quiet', 2, 0, 'b'), 2_000);
  fragments.add(piece('slow', 3, 1, 'c'), 50_000);
  expect(fragments.nextExpiryAt()).toBe(62_000);
  expect(fragments.expire(61_999)).toEqual([]);
  expect(fragments.expire(62_000)).toEqual([{ messageId: 'quiet', arrived: 1, sum: 2 }]);
  expect(fragments.nextExpiryAt()).toBe(110_000);
  expect(fragments.expire(200_000)).toEqual([{ messageId: 'slow', arrived: 2, sum: 3 }]);
  expect(fragments).toMatchObject({ openCount: 0, openBytes: 0 });
});

test('a peer that repeats itself keeps nothing alive', () => {
  const fragments = new Fragments();
  fragments.add(piece('m', 2, 0, 'a'), 0);
  fragments.add(piece('m', 2, 0, 'a'), 59_999);
  expect(fragments.nextExpiryAt()).toBe(60_000);
});

test('an outdated beginning is not joined to a late end, even if nobody called expire', () => {
  const fragments = new Fragments();
  fragments.add(piece('m', 2, 0, 'old'), 0);
  expect(fragments.add(piece('m', 2, 1, 'new'), 60_000)).toEqual({
    type: 'partial',
    arrived: 1,
    sum: 2,
    evicted: [{ messageId: 'm', arrived: 1, sum: 2 }],
  });
});

test('one message too many evicts the one that was quiet for longest, and says so', () => {
  const fragments = new Fragments({ openCount: 2 });
  fragments.add(piece('a', 3, 0, '1'), 0);
  fragments.add(piece('b', 3, 0, '1'), 1);
  fragments.add(piece('a', 3, 1, '2'), 2);
  expect(fragments.add(piece('c', 2, 0, '1'), 3).evicted).toEqual([{ messageId: 'b', arrived: 1, sum: 3 }]);
  expect(fragments.openCount).toBe(2);
  expect(fragments.add(piece('a', 3, 2, '3'), 4)).toMatchObject({ type: 'whole', payload: bytes('123') });
});

test('too many bytes together evict others, never the message that just grew', () => {
  const fragments = new Fragments({ messageBytes: 10, openBytes: 10 });
  fragments.add(piece('a', 3, 0, 'aaaa'), 0);
  fragments.add(piece('b', 3, 0, 'bbbb'), 0);
  expect(fragments.add(piece('a', 3, 1, 'AAAA'), 0).evicted).toEqual([{ messageId: 'b', arrived: 1, sum: 3 }]);
  expect(fragments).toMatchObject({ openCount: 1, openBytes: 8 });
  expect(fragments.add(piece('c', 2, 0, 'cccccccccc'), 0).evicted).toEqual([{ messageId: 'a', arrived: 2, sum: 3 }]);
  expect(fragments).toMatchObject({ openCount: 1, openBytes: 10 });
});

test('a message over its bound is rejected and what was held for it is freed, and reported', () => {
  const fragments = new Fragments({ messageBytes: 5 });
  expect(fragments.add(piece('big', 2, 0, '123456'), 0)).toEqual({
    type: 'rejected',
    detail: 'the message exceeds 5 bytes at seq 0',
    evicted: [],
  });
  fragments.add(piece('m', 2, 0, '1234'), 0);
  expect(fragments.add(piece('m', 2, 1, '56'), 0)).toEqual({
    type: 'rejected',
    detail: 'the message exceeds 5 bytes at seq 1',
    evicted: [{ messageId: 'm', arrived: 1, sum: 2 }],
  });
  expect(fragments).toMatchObject({ openCount: 0, openBytes: 0 });
});

test('limits that cannot be kept are a bug of the caller', () => {
  expect(() => new Fragments({ openCount: 0 })).toThrow(new RangeError('openCount must be at least 1, got 0'));
  expect(() => new Fragments({ quietMs: Number.NaN })).toThrow(new RangeError('quietMs must be at least 1, got NaN'));
  expect(() => new Fragments({ openBytes: 9, messageBytes: 10 })).toThrow(
    new RangeError('messageBytes must be <= openBytes (9), got 10'),
  );
});

test('however messages are cut, shuffled, interleaved and repeated, each is whole once its last fragment is there', () => {
  const message = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 2, maxLength: 6 });
  const shuffled = fc.array(message, { minLength: 1, maxLength: 5 }).chain((messages) => {
    const pieces = messages.flatMap((parts, number) =>
      parts.map((part, seq) => piece(`m${number}`, parts.length, seq, part)),
    );
    return fc.tuple(fc.constant(messages), fc.shuffledSubarray(pieces, { minLength: pieces.length }));
  });
  fc.assert(
    fc.property(shuffled, ([messages, pieces]) => {
      const fragments = new Fragments();
      const whole = new Map<string, Uint8Array>();
      pieces.forEach((fragment, now) => {
        const outcome = fragments.add(fragment, now);
        if (outcome.type === 'whole') whole.set(fragment.messageId, outcome.payload);
        else expect(fragments.add(fragment, now)).toEqual(outcome);
      });
      expect([...whole].sort()).toEqual(
        messages.map((parts, number) => [`m${number}`, new Uint8Array(parts.flatMap((part) => [...part]))]),
      );
      expect(fragments).toMatchObject({ openCount: 0, openBytes: 0 });
    }),
    { seed: SEED },
  );
});

test('no input breaks a bound, and no message vanishes unreported', () => {
  const limits = { openCount: 3, sum: 4, messageBytes: 30, openBytes: 40, quietMs: 50 };
  const step = fc.record({
    messageId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    sum: fc.integer({ min: 2, max: 5 }),
    seq: fc.integer({ min: 0, max: 4 }),
    payload: fc.uint8Array({ maxLength: 20 }),
    laterMs: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const fragments = new Fragments(limits);
      const open = new Set<string>();
      let now = 0;
      for (const { laterMs, ...fragment } of steps) {
        now += laterMs;
        const outcome = fragments.add(fragment, now);
        for (const { messageId } of outcome.evicted) expect(open.delete(messageId)).toBe(true);
        if (outcome.type === 'partial') open.add(fragment.messageId);
        if (outcome.type === 'whole') expect(open.delete(fragment.messageId)).toBe(true);
        expect(fragments.openCount).toBe(open.size);
        expect(fragments.openCount).toBeLessThanOrEqual(limits.openCount);
        expect(fragments.openBytes).toBeLessThanOrEqual(limits.openBytes);
        if (outcome.type !== 'rejected') expect(fragments.nextExpiryAt() ?? now + 1).toBeGreaterThan(now);
      }
      expect(new Set(fragments.expire(now + 50).map(({ messageId }) => messageId))).toEqual(open);
      expect(fragments).toMatchObject({ openCount: 0, openBytes: 0 });
    }),
    { seed: SEED, numRuns: 500 },
  );
});

function piece(messageId: string, sum: number, seq: number, payload: string | Uint8Array): Fragment {
  return { messageId, sum, seq, payload: typeof payload === 'string' ? bytes(payload) : payload };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function wholeOf(outcomes: readonly FragmentOutcome[]): Uint8Array[] {
  return outcomes.flatMap((outcome) => (outcome.type === 'whole' ? [outcome.payload] : []));
}

function fragmentOf(name: string): Fragment {
  const { frame } = vector(name);
  return {
    messageId: headerOf(frame, 'message_id') ?? '',
    sum: Number(headerOf(frame, 'sum')),
    seq: Number(headerOf(frame, 'seq')),
    payload: frame.payload ?? new Uint8Array(),
  };
}
