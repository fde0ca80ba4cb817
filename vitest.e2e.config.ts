import { defineConfig } from 'vitest/config';

/**
 * End to end, with a real Prometheus and a real Alertmanager. By itself and one file after the other: alerts are a matter
 * of seconds here, and tests that keep every core busy would make them one of patience.
 */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    fileParallelism: false,
    // The scenarios of a file run side by side, all of them: each has an app of its own.
    maxConcurrency: 50,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
