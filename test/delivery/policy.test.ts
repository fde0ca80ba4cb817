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
])('%o is refused, naming option, bound and value', (options, message) => {
  expect(() => resolveDeliveryPolicy(options)).toThrow(message);
});
