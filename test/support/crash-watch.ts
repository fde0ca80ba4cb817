import { onTestFinished } from 'vitest';

/**
 * Everything that would have ended a process of its own until the test is over: uncaught exceptions and unhandled
 * rejections, as texts. The test runner's own listeners stay, so that such a thing fails the run as well.
 */
export function watchForCrashes(): readonly string[] {
  const crashes: string[] = [];
  const onException = (error: unknown): void => void crashes.push(`uncaught exception: ${error}`);
  const onRejection = (reason: unknown): void => void crashes.push(`unhandled rejection: ${reason}`);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  onTestFinished(() => {
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  });
  return crashes;
}
