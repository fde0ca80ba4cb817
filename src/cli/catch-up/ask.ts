import { z } from 'zod';
import { count, jsonOf, text } from '../../doctor/index.js';
import { CommandLineError } from '../command-line-error.js';
import type { DaemonLine } from '../daemon-line.js';

const answerShape = z.object({
  apps: z
    .array(z.object({ app: text, appId: text, gap: count.nullable(), isNew: z.boolean(), says: text }))
    .max(10_000),
});
const problemShape = z.object({ error: text, hint: text });

/** What a daemon says that it reads. */
export type CatchUpAnswer = z.infer<typeof answerShape>['apps'];

/** What is to be read; left out, the daemon decides. Epoch milliseconds. */
export interface WantedSpan {
  readonly from?: number;
  readonly to?: number;
}

/**
 * Has the daemon read the history of one app, or of all for null.
 * @throws DaemonSilent, or CommandLineError for an app that it does not run and for times that are no span.
 */
export async function askCatchUp(line: DaemonLine, app: string | null, span: WantedSpan): Promise<CatchUpAnswer> {
  const query = new URLSearchParams();
  if (app !== null) query.set('app', app);
  for (const [name, at] of Object.entries(span)) query.set(name, String(at));
  const { status, body } = await line.ask('POST', '/catch-up', `/catch-up${query.size === 0 ? '' : `?${query}`}`);
  const json = jsonOf(body);
  if (status === 200) {
    const parsed = answerShape.safeParse(json);
    if (parsed.success) return parsed.data.apps;
    throw line.misshapen(parsed.error.issues[0]?.path);
  }
  const problem = problemShape.safeParse(json);
  if (!problem.success) throw line.foreign(`HTTP ${status}`);
  const { error, hint } = problem.data;
  if (status === 404 && app !== null && error === 'no such app') throw new CommandLineError(`--app: ${error}. ${hint}`);
  if (status === 400) throw new CommandLineError(`${error}. ${hint}`);
  throw line.refusal(status, error, hint);
}
