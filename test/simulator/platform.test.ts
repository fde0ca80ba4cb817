import { expect, test } from 'vitest';
import { DEFAULT_APP, Platform, type PlatformOptions, VirtualClock } from '../../src/simulator/index.js';

test.each([
  [{ apps: [] }, 'apps must hold at least one app'],
  [{ apps: [{ appId: 'cli_short', appSecret: 'x' }] }, 'appId must be cli_ and 16 hexadecimal digits, got "cli_short"'],
  [{ apps: [{ ...DEFAULT_APP, appSecret: '' }] }, 'must not be empty'],
  [{ apps: [DEFAULT_APP, DEFAULT_APP] }, 'is given twice'],
  [{ missedPingLimit: 1 }, 'missedPingLimit must be >= 2, got 1'],
  [{ redeliveryScale: 0 }, 'redeliveryScale must be above 0, got 0'],
  [{ connectionLimit: 0 }, 'connectionLimit must be >= 1, got 0'],
  [{ tokenLifetimeMs: Number.NaN }, 'tokenLifetimeMs must be >= 1, got NaN'],
  [{ clientConfig: { PingInterval: 0 } }, 'clientConfig.PingInterval must be >= 1, got 0'],
  [{ clientConfig: { ReconnectNonce: 0.5 } }, 'clientConfig.ReconnectNonce must be an integer, got 0.5'],
] as [Partial<PlatformOptions>, string][])('an option out of bounds is named: %j', (options, message) => {
  expect(() => new Platform({ clock: new VirtualClock(), ...options })).toThrow(message);
});

test('options left undefined are left out', () => {
  const options = { clock: new VirtualClock(), redeliveryScale: undefined } as unknown as PlatformOptions;
  expect(new Platform(options).settings.redeliveryScale).toBe(1);
});
