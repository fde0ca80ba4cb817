import { askDaemon, type DaemonAnswer } from '../../doctor/index.js';
import type { Clock } from '../../ports/index.js';
import type { DaemonClient } from '../daemon-client.js';
import type { ExitCode } from '../exit-code.js';
import { pause } from '../pause.js';
import type { CatchUpAnswer } from './ask.js';
import { type AppOutcome, outcomesOf } from './outcome.js';

const ASK_EVERY_MS = 1_000; // a gap is read some seconds after it was asked for, and in seconds mostly

/** What the watching needs. */
export interface Watching {
  readonly client: Pick<DaemonClient, 'http'>;
  readonly url: string;
  readonly clock: Clock;
  /** For each answer, in milliseconds. */
  readonly timeoutMs: number;
  /** For everything together, in milliseconds; 0: nothing is waited for. */
  readonly waitMs: number;
  /** Resolves with the exit code when nobody waits any more. */
  readonly asked: Promise<ExitCode>;
}

/** What was seen last, and the exit code if the waiting was ended by a signal. */
export interface Watched {
  readonly outcomes: readonly AppOutcome[];
  readonly interrupted: ExitCode | null;
}

/** Looks at the gaps that were asked for until each is closed, the time is over, or somebody ends it. */
export async function watchGaps(answer: CatchUpAnswer, watching: Watching): Promise<Watched> {
  const { client, url, clock, timeoutMs, waitMs, asked } = watching;
  const deadline = clock.now() + waitMs;
  let outcomes = outcomesOf(answer, null);
  while (clock.now() < deadline && outcomes.some(({ is }) => is === 'open')) {
    const ended = await pause(clock, Math.min(ASK_EVERY_MS, deadline - clock.now()), asked);
    const seen: DaemonAnswer | ExitCode =
      ended ?? (await Promise.race([askDaemon(client.http, clock, url, timeoutMs), asked]));
    if (typeof seen === 'number') return { outcomes, interrupted: seen };
    // One that does not answer for once, as while it restarts, may answer the next time.
    if (seen.is === 'ours') outcomes = outcomesOf(answer, seen.status.apps);
  }
  return { outcomes, interrupted: null };
}
