import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PACING, PACING_LIMITS, type Pacing, parsePacing, parsePongPayload } from '../../src/wire/index.js';
import { vector } from './vectors.js';

const SEED = 20260704;
const PREVIOUS: Pacing = {
  pingIntervalMs: 90_000,
  reconnectCount: 7,
  reconnectIntervalMs: 5_000,
  reconnectNonceMs: 1_000,
};
const WIRE_NAMES = ['PingInterval', 'ReconnectCount', 'ReconnectInterval', 'ReconnectNonce'] as const;

test('before any answer the pacing is what all SDKs assume', () => {
  expect(DEFAULT_PACING).toEqual({
    pingIntervalMs: 120_000,
    reconnectCount: -1,
    reconnectIntervalMs: 120_000,
    reconnectNonceMs: 30_000,
  });
  expect(Object.isFrozen(DEFAULT_PACING)).toBe(true);
});

test('a pong with all four fields sets all four, in milliseconds', () => {
  const answer = parsePongPayload(vector('pong_with_config').frame.payload, PREVIOUS);
  expect(answer).toEqual({ pacing: DEFAULT_PACING, rejected: [] });
});

test.each([
  ['absent', undefined],
  ['empty', ''],
  ['{}', '{}'],
  ['the same again', '{"PingInterval":90,"ReconnectCount":7,"ReconnectInterval":5,"ReconnectNonce":1}'],
  ['of other things', '{"Other":1,"__proto__":{"PingInterval":1}}'],
])('a pong payload that is %s changes nothing: the very same pacing stays', (_, payload) => {
  const answer = parsePongPayload(payload === undefined ? undefined : bytes(payload), PREVIOUS);
  expect(answer.pacing).toBe(PREVIOUS);
  expect(answer.rejected).toEqual([]);
});

test('a field that is missing keeps its value while the others change', () => {
  expect(parsePacing({ ReconnectNonce: 30, PingInterval: 120 }, PREVIOUS)).toEqual({
    pacing: { ...PREVIOUS, pingIntervalMs: 120_000, reconnectNonceMs: 30_000 },
    rejected: [],
  });
});

test.each([
  ['<html>', 'not JSON: it breaks at character 0 of 6 characters'],
  ['{"PingInterval":', 'not JSON: it ends too early, after 16 characters'],
  ['[]', 'must be an object, got array'],
  ['null', 'must be an object, got null'],
  ['120', 'must be an object, got number'],
])('a pong payload %s is reported and changes nothing', (payload, detail) => {
  const answer = parsePongPayload(bytes(payload), PREVIOUS);
  expect(answer.pacing).toBe(PREVIOUS);
  expect(answer.rejected).toEqual([{ field: 'payload', detail }]);
});

test('a pong payload that is not UTF-8 is reported', () => {
  const { rejected } = parsePongPayload(Uint8Array.of(0x7b, 0xff, 0x7d), PREVIOUS);
  expect(rejected).toEqual([{ field: 'payload', detail: 'not UTF-8 (3 bytes)' }]);
});

test.each([
  ['PingInterval', 0, 'unusable (0), the previous value stays'],
  ['PingInterval', -1, 'unusable (-1), the previous value stays'],
  ['PingInterval', '120', 'unusable (string), the previous value stays'],
  ['PingInterval', null, 'unusable (null), the previous value stays'],
  ['PingInterval', Number.NaN, 'unusable (NaN), the previous value stays'],
  ['PingInterval', Number.POSITIVE_INFINITY, 'unusable (Infinity), the previous value stays'],
  ['ReconnectCount', 1.5, 'unusable (1.5), the previous value stays'],
  ['ReconnectCount', [], 'unusable (array), the previous value stays'],
  ['ReconnectInterval', -5, 'unusable (-5), the previous value stays'],
  ['ReconnectNonce', {}, 'unusable (object), the previous value stays'],
  ['ReconnectNonce', true, 'unusable (boolean), the previous value stays'],
])('%s %s is unusable and does not touch the others', (field, value, detail) => {
  const answer = parsePacing({ [field]: value }, PREVIOUS);
  expect(answer.pacing).toBe(PREVIOUS);
  expect(answer.rejected).toEqual([{ field, detail }]);
});

test.each([
  ['PingInterval', 1, { pingIntervalMs: 5_000 }, '1 clamped to 5'],
  ['PingInterval', 0.002, { pingIntervalMs: 5_000 }, '0.002 clamped to 5'],
  ['PingInterval', 86_400, { pingIntervalMs: 300_000 }, '86400 clamped to 300'],
  ['ReconnectCount', -9, { reconnectCount: -1 }, '-9 clamped to -1'],
  ['ReconnectInterval', 0, { reconnectIntervalMs: 1_000 }, '0 clamped to 1'],
  ['ReconnectInterval', 1e9, { reconnectIntervalMs: 600_000 }, '1000000000 clamped to 600'],
  ['ReconnectNonce', 301, { reconnectNonceMs: 300_000 }, '301 clamped to 300'],
])('%s %d is clamped, and that is told', (field, value, changed, detail) => {
  expect(parsePacing({ [field]: value }, PREVIOUS)).toEqual({
    pacing: { ...PREVIOUS, ...changed },
    rejected: [{ field, detail }],
  });
});

test.each([['120'], [[]], [7], [true]])('a ClientConfig that is no object is reported: %j', (value) => {
  const answer = parsePacing(value, PREVIOUS);
  expect(answer.pacing).toBe(PREVIOUS);
  expect(answer.rejected).toMatchObject([{ field: 'ClientConfig' }]);
});

test('whatever the platform sends, the pacing stays within its limits', () => {
  const field = fc.oneof(fc.double(), fc.integer(), fc.anything());
  const config = fc.record(Object.fromEntries(WIRE_NAMES.map((name) => [name, field])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(config, fc.anything()), (value) => {
      const { pacing } = parsePacing(value, DEFAULT_PACING);
      for (const name of Object.keys(PACING_LIMITS) as (keyof Pacing)[]) {
        expect(Number.isInteger(pacing[name])).toBe(true);
        expect(pacing[name]).toBeGreaterThanOrEqual(PACING_LIMITS[name].min);
        expect(pacing[name]).toBeLessThanOrEqual(PACING_LIMITS[name].max);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('no bytes in a pong throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (payload) => {
      parsePongPayload(payload, DEFAULT_PACING);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
