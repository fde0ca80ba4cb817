import type { Reach, Timer } from '../ports/index.js';
import type { Link } from './in-memory-face.js';
import type { Platform } from './platform.js';

/** `Reach` without a network: there and back, and whether a connection would have opened then. */
export function inMemoryReach(platform: Platform, link: Link): Reach {
  return (url, { timeoutMs, signal }) =>
    new Promise((resolve) => {
      const { clock } = platform;
      const timers: Timer[] = [];
      const finish = (isReached: boolean): void => {
        for (const timer of timers) timer.cancel();
        signal.removeEventListener('abort', abort);
        resolve(isReached);
      };
      const abort = (): void => finish(false);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      timers.push(clock.timer(timeoutMs, () => finish(false)));
      const arrive = (): void => {
        const isOpen = platform.networkFailure(url.startsWith('ws') ? 'socket' : 'http') === null;
        timers.push(clock.timer(link.delayMs(), () => finish(isOpen)));
      };
      timers.push(clock.timer(link.delayMs(), arrive));
    });
}
