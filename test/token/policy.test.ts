import { expect, test } from 'vitest';
import { resolveTokenPolicy, TOKEN_DEFAULTS, type TokenOptions } from '../../src/token/index.js';

test('without options the defaults hold, and an undefined option is none', () => {
  expect(resolveTokenPolicy()).toEqual(TOKEN_DEFAULTS);
  // As JavaScript callers write it; the types forbid it.
  const blank = { refreshMarginMs: undefined } as unknown as TokenOptions;
  expect(resolveTokenPolicy(blank)).toEqual(TOKEN_DEFAULTS);
});

test.each<[TokenOptions, string]>([
  [{ refreshMarginMs: 30 * 60_000 }, 'refreshMarginMs must be from 0 to 1680000, got 1800000'],
  [{ fetchIntervalMs: 999 }, 'fetchIntervalMs must be from 1000 to 86400000, got 999'],
  [{ fetchTimeoutMs: Number.NaN }, 'fetchTimeoutMs must be from 1 to 86400000, got NaN'],
  [{ wantedIntervalMs: 500 }, 'wantedIntervalMs must be from 1000 to 86400000, got 500'],
  [{ waitingLimit: 0 }, 'waitingLimit must be from 1 to 1000000, got 0'],
  [{ retry: { ...TOKEN_DEFAULTS.retry, factor: 0 } }, 'retry.factor must be from 1 to 100, got 0'],
])('%o is refused with option, bound and value', (options, message) => {
  expect(() => resolveTokenPolicy(options)).toThrow(new RangeError(message));
});
