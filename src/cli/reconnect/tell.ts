import { z } from 'zod';
import { jsonOf, text } from '../../doctor/index.js';
import { CommandLineError } from '../command-line-error.js';
import type { DaemonClient } from '../daemon-client.js';
import { DaemonLine } from '../daemon-line.js';

const moment = z.string().nullable();
const answerShape = z.object({
  apps: z
    .array(
      z.object({
        app: text,
        appId: text,
        found: z.object({ state: text, nextAttemptAt: moment }),
        isWaitCut: z.boolean(),
        nextAttemptAt: moment,
        says: text,
      }),
    )
    .max(10_000),
});
const problemShape = z.object({ error: text, hint: text });

/** What a daemon says that it did. */
export type ReconnectAnswer = z.infer<typeof answerShape>;

/**
 * Has the daemon try one app, or all for null, at once.
 * @throws DaemonSilent, or CommandLineError for an app that it does not run.
 */
export async function tellReconnect(
  client: DaemonClient,
  app: string | null,
  timeoutMs: number,
): Promise<ReconnectAnswer> {
  if (client.url === null)
    throw new CommandLineError('with port 0 only the daemon itself knows its address: name it with --url');
  const line = new DaemonLine(client, client.url, timeoutMs);
  const query = app === null ? '' : `?${new URLSearchParams({ app })}`;
  const { status, body } = await line.ask('POST', '/reconnect', `/reconnect${query}`);
  const json = jsonOf(body);
  if (status === 200) {
    const parsed = answerShape.safeParse(json);
    if (parsed.success) return parsed.data;
    throw line.misshapen(parsed.error.issues[0]?.path);
  }
  const problem = problemShape.safeParse(json);
  if (!problem.success) throw line.foreign(`HTTP ${status}`);
  const { error, hint } = problem.data;
  if (status === 404 && app !== null) throw new CommandLineError(`--app: ${error}. ${hint}`);
  throw line.refusal(status, error, hint);
}
