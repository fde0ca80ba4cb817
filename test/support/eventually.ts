import { setTimeout as pause } from 'node:timers/promises';

/** How patient {@link eventually} is, in milliseconds. */
export interface Patience {
  /** Far above what it takes, below the limit of a test; default 30,000. */
  readonly deadlineMs?: number;
  /** Between two questions; default 4. */
  readonly pauseMs?: number;
}

/**
 * Waits for what real sockets and other processes bring about: asks again and again, and fails only long after it should
 * have happened. How long it took is never an assertion.
 * @throws Error naming `what` was waited for.
 */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  what: string,
  { deadlineMs = 30_000, pauseMs = 4 }: Patience = {},
): Promise<void> {
  const deadlineAt = performance.now() + deadlineMs;
  while (!(await check())) {
    if (performance.now() > deadlineAt) throw new Error(`it never happened: ${what}`);
    await pause(pauseMs);
  }
}
