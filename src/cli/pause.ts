import type { Clock } from '../ports/index.js';
import type { ExitCode } from './exit-code.js';

/** Waits, unless the command is asked to end. @returns The exit code, if that was asked for meanwhile. */
export async function pause(clock: Clock, ms: number, asked: Promise<ExitCode>): Promise<ExitCode | null> {
  let end = (): void => {};
  const over = new Promise<null>((resolve) => {
    const timer = clock.timer(ms, () => resolve(null));
    end = () => timer.cancel();
  });
  try {
    return await Promise.race([over, asked]);
  } finally {
    end();
  }
}
