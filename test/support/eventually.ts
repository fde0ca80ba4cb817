import { setTimeout as pause } from 'node:timers/promises';

/** Far above what anything here takes, below the limit of a test. */
const DEADLINE_MS = 12_000;
const PAUSE_MS = 4;

/**
 * Waits for what real sockets bring about: asks again and again, and fails only long after it should have happened. How
 * long it took is never an assertion.
 * @throws Error naming `what` was waited for.
 */
export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineAt = performance.now() + DEADLINE_MS;
  while (!(await check())) {
    if (performance.now() > deadlineAt) throw new Error(`it never happened: ${what}`);
    await pause(PAUSE_MS);
  }
}
