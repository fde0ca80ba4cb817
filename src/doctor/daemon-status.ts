import { z } from 'zod';
import { count, momentMs, spanMs, text } from './foreign.js';
import { printable } from './words.js';

const fact = { is: z.boolean(), evidence: text, ageMs: spanMs.nullable() };
const failure = { code: text, detail: text, at: momentMs };

const gap = z.object({ number: count, cause: text, from: momentMs, to: momentMs.nullable() });
const gapRecord = z.object({
  ...gap.shape,
  to: momentMs,
  found: count,
  alreadyKnown: count,
  recovered: text,
  unreachable: z
    .array(z.object({ what: text, count, why: text }))
    .max(100)
    .readonly(),
});

const appStatus = z.object({
  app: text,
  appId: text,
  at: momentMs,
  alive: z.object(fact),
  connected: z.object({ ...fact, state: text, connectionId: text.nullable(), silenceLimitMs: spanMs }),
  receiving: z.object({
    ...fact,
    lastEventAt: momentMs.nullable(),
    eventsReceived: count,
    // An older daemon says nothing of the four.
    isDeaf: z.boolean().optional(),
    console: z.object({ connectedForMs: spanMs, advice: z.array(text).max(20).readonly() }).nullish(),
  }),
  serverView: z
    .object({ verdict: text, seen: count.nullable(), expected: count.nullable(), ageMs: spanMs.nullable() })
    .nullish(),
  gaps: z
    .object({
      openCount: count,
      isCatchingUp: z.boolean(),
      // Shown, and not judged.
      open: z.array(gap).max(100).readonly().optional().catch(undefined),
      latest: z.array(gapRecord).max(100).readonly().optional().catch(undefined),
    })
    .nullish(),
  attempts: z.object({ count, nextAt: momentMs.nullable(), isUnderWay: z.boolean() }),
  lastFailure: z.object({ ...failure, verdict: z.enum(['retry', 'operator']), help: text }).nullable(),
  outage: z.object({ number: count, cause: text, startedAt: momentMs, attempts: count }).nullable(),
  token: z.object({
    isValid: z.boolean(),
    expiresAt: momentMs.nullable(),
    lastFailure: z.object(failure).nullable(),
  }),
  delivery: z.object({
    pending: count,
    capacity: count,
    oldestPendingAt: momentMs.nullable(),
    deadLetters: count.optional(),
    journal: z.object({ isOpen: z.boolean(), sizeBytes: count }).nullish(),
  }),
  // Shown, and not judged: an older daemon may say less.
  gateway: text.nullish(),
  connections: z.object({ wanted: count, proven: count }).optional(),
  sink: z.object({ kind: text, state: text, since: momentMs, evidence: text }).optional(),
  concerns: z
    .array(z.object({ tone: z.enum(['bad', 'warn']), says: text, runbook: text, url: text }))
    .max(100)
    .readonly()
    .optional()
    .catch(undefined),
});

/** An app whose own status could not be read. */
const brokenApp = z.object({
  app: text,
  appId: text,
  error: text,
  // An older daemon says nothing of it.
  hasStarted: z.boolean().optional(),
});

const daemonStatus = z.object({
  version: text,
  phase: z.enum(['starting', 'running', 'stopping']),
  uptimeMs: spanMs,
  // An older daemon says nothing of it.
  configuration: z
    .object({ loadedAt: momentMs, refused: z.object({ at: momentMs, problem: text }).nullable() })
    .optional()
    .catch(undefined),
  apps: z.array(z.union([appStatus, brokenApp])).max(10_000),
});

/** What `/status` says of one app, as far as it is judged. */
export type AppStatus = z.output<typeof appStatus>;
export type BrokenApp = z.output<typeof brokenApp>;
/** What `/status` says, as far as it is judged. */
export type DaemonStatus = z.output<typeof daemonStatus>;

/** Reads the body of `/status`. Further fields are ignored: a newer daemon may say more. @returns Why not, as a text. */
export function parseDaemonStatus(body: string): DaemonStatus | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return `${body.length} characters that are no JSON`;
  }
  const parsed = daemonStatus.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // The path alone: the message may quote what is there.
  return `JSON that is no status of feishu-connector (at ${printable(issue?.path.join('.') || 'its root')})`;
}
