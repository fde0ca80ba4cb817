import { expect, test } from 'vitest';
import { readinessOf } from '../../src/daemon/readiness.js';
import { statusWith } from '../support/app-connector.js';

const { receiving } = statusWith();
const viewOf = (changes: Partial<typeof receiving>) => ({
  app: 'support-bot',
  appId: 'cli_a1b2c3d4e5f60718',
  status: () => statusWith({ receiving: { ...receiving, ...changes } }),
});

test('a connection that is proven deaf is not ready, by evidence with an age', () => {
  const evidence = 'the history has 3 messages that never arrived';
  const { isReady, reason, apps } = readinessOf(
    [viewOf({ is: false, isDeaf: true, evidence, ageMs: 7_000 })],
    'running',
  );
  expect(isReady).toBe(false);
  expect(reason).toBe('1 of 1 apps not connected, or deaf');
  expect(apps).toMatchObject([{ isReady: false, isDeaf: true, state: 'connected', evidence, evidenceAgeMs: 7_000 }]);
  expect(apps[0]?.advice).toMatch(/FeishuEventsSilent/);
});

test('that somebody else has the messages makes nobody unready: the one that is to end may wait for us', () => {
  const { isReady, apps } = readinessOf([viewOf({ is: false, isDeaf: false, evidence: 'somebody else' })], 'running');
  expect(isReady).toBe(true);
  expect(apps).toMatchObject([{ isReady: true, isDeaf: false, advice: null }]);
});
