import { afterEach, expect, test, vi } from 'vitest';
import { requireTool } from './tools.js';

afterEach(() => vi.unstubAllEnvs());

test('a missing program fails its test by name, and says what to install', () => {
  vi.stubEnv('PATH', '/nowhere:');
  expect(() => requireTool('promtool')).toThrow(
    'promtool is not installed: run scripts/setup-tools, or install the package prometheus',
  );
});

test('a program is found under any of its names', () => {
  expect(requireTool('alertmanager')).toMatch(/\/(prometheus-)?alertmanager$/);
});
