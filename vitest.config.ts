import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'], // their own configuration, vitest.e2e.config.ts
    // By itself vitest leaves a core idle, of two: here one file after the other would be half of the speed.
    maxWorkers: '100%',
    // A test that needs longer than this hangs: nothing here waits for real time.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    passWithNoTests: false,
  },
});
