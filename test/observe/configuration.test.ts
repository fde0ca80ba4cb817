import { expect, test } from 'vitest';
import { configurationMetrics, createRegistry } from '../../src/observe/index.js';
import { samplesOf } from '../support/exposition.js';

test.each([false, true])('a refusal keeps the moment of the latest success (OpenMetrics: %s)', async (isOpen) => {
  const registry = createRegistry(isOpen);
  const report = configurationMetrics(registry);
  const shown = async () =>
    Object.fromEntries([...(await samplesOf(registry))].filter(([series]) => series.includes('_config_')));
  const told = (isSuccessful: number, at: number) => ({
    feishu_connector_config_last_reload_successful: isSuccessful,
    feishu_connector_config_last_reload_success_timestamp_seconds: at,
  });
  expect(await shown()).toEqual(told(0, 0));
  report({ type: 'taken_over' }, { now: 0, wallNow: 1_800_000_000_500 });
  expect(await shown()).toEqual(told(1, 1_800_000_000.5));
  report({ type: 'refused' }, { now: 1, wallNow: 1_800_000_001_500 });
  expect(await shown()).toEqual(told(0, 1_800_000_000.5));
  report({ type: 'taken_over' }, { now: 2, wallNow: 1_800_000_002_500 });
  expect(await shown()).toEqual(told(1, 1_800_000_002.5));
});
