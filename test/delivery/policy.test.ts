import { expect, test } from 'vitest';
import { DELIVERY_DEFAULTS, type DeliveryPolicy, resolveDeliveryPolicy } from '../../src/delivery/index.js';

test('options go over the defaults, which stay as they are', () => {
  expect(resolveDeliveryPolicy({ maxPending: 5 })).toEqual({ ...DELIVERY_DEFAULTS, maxPending: 5 });
  expect(Object.isFrozen(DELIVERY_DEFAULTS)).toBe(true);
});

test.each<[Partial<DeliveryPolicy>, string]>([
  [{ handlerDeadlineMs: 0 }, 'handlerDeadlineMs must be a whole number from 1 to 2147483647, got 0'],
  [{ callbackDeadlineMs: 3_001 }, 'callbackDeadlineMs must be a whole number from 1 to 3000, got 3001'],
  [{ maxPending: 1.5 }, 'maxPending must be a whole number from 1 to 1000000, got 1.5'],
  [{ deduplicationMaxCount: Number.NaN }, 'deduplicationMaxCount must be a whole number from 1 to 10000000, got NaN'],
  [{ deduplicationMaxAgeMs: Number.POSITIVE_INFINITY }, 'deduplicationMaxAgeMs must be'],
  [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 10000, got 0'],
  [{ maxAttempts: 1_001 }, 'maxAttempts must be a whole number from 1 to 1000, got 1001'],
  [{ maxAgeMs: 0 }, 'maxAgeMs must be a whole number from 1'],
  [{ retry: { ...DELIVERY_DEFAULTS.retry, factor: 0 } }, 'retry.factor must be from 1 to 100, got 0'],
  [{ orderBy: 'user' as 'chat' }, 'orderBy must be one of chat, none or a function, got user'],
  [{ staleEvents: 'keep' as 'tag' }, 'staleEvents must be one of tag, hold, drop, got keep'],
  [{ staleEvents: 'hold' }, 'staleEvents must be tag or drop without a journal'],
  [{ callbackFallback: 1n }, 'callbackFallback must be something that JSON can hold, got bigint'],
  [{ callbackFallback: () => {} }, 'callbackFallback must be something that JSON can hold, got function'],
])('%o is refused, naming option, bound and value', (options, message) => {
  expect(() => resolveDeliveryPolicy(options)).toThrow(message);
});

test('with a journal more may wait, and stale events may be held', () => {
  const policy = resolveDeliveryPolicy({ staleEvents: 'hold', orderBy: () => null, maxAgeMs: 1 }, true);
  expect(policy).toMatchObject({ maxPending: 50_000, staleEvents: 'hold', maxAgeMs: 1 });
  expect(resolveDeliveryPolicy({ maxPending: 7 }, true).maxPending).toBe(7);
});
