import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'], // their own configuration, vitest.e2e.config.ts
    // By itself vitest leaves a core idle, of two: here one file after the other would be half of the speed.
    maxWorkers: '100%',
    // A test that needs longer than this hangs. Nothing here waits for real time, and most need milliseconds; but a machine
    // with ten times as much to do as it has cores makes seconds of work a matter of half a minute.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
  },
});
