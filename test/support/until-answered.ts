import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not null, and returns it. For processes of others, which can be asked and
 * do not tell.
 * @throws Error naming what was waited for, if no answer came before the deadline.
 */
export async function untilAnswered<T>(what: string, ask: () => Promise<T | null>, deadlineMs = 15_000): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`);
    await pause(20);
  }
}
