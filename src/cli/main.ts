#!/usr/bin/env node
import { systemClock } from '../adapters/system-clock.js';
import { runCli } from './cli.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { Fault } from './face.js';

// A reader that went away is an error event; without a listener it would be an uncaught exception. The daemon's sink
// has a listener of its own that acts; on standard error there is nobody left to tell.
let lost: Error | null = null;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Who reads no further, as `head` does, has what he wanted. A disk that is full has not.
  if (error.code !== 'EPIPE') lost ??= error;
});
process.stderr.on('error', () => {});

const code = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  nodeVersion: process.versions.node,
  stdout: process.stdout,
  stderr: process.stderr,
  isTty: process.stderr.isTTY === true,
  clock: systemClock,
  startedAt: 0, // it is what performance.now() counts from
  onSignal(signal, listener) {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  onFault(listener) {
    const onException = (error: unknown): void => listener({ kind: 'uncaughtException', error } satisfies Fault);
    const onRejection = (error: unknown): void => listener({ kind: 'unhandledRejection', error } satisfies Fault);
    process.on('uncaughtException', onException);
    process.on('unhandledRejection', onRejection);
    return () => {
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
    };
  },
  exitNow: (exitCode) => process.exit(exitCode),
});

// What was written must get out first: exit() drops what a pipe has not taken yet. But a reader that has stalled for
// good must not keep us.
const flushed = Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
const overdue = new Promise((resolve) => setTimeout(resolve, 1_000));
await Promise.race([flushed, overdue]);
process.exit(code === EXIT.ok && lost !== null ? tellLoss(lost) : code);

/** A file of rules or of completions that is cut off must not pass for a whole one. */
function tellLoss({ message }: Error): ExitCode {
  process.stderr.write(`feishu-connector: standard output took not everything: ${message}\n`);
  return EXIT.failure;
}
