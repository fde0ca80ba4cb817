import { z } from 'zod';
import { printable } from './words.js';
// What listens on a port is not known before it is asked: whatever is shown or reckoned with passes here.
const text = z.string().transform(printable);
const momentMs = z.number().min(0).max(8_640_000_000_000_000); // what a Date can hold
const spanMs = z.number().min(0);
const count = z.number().int().min(0);
const fact = { is: z.boolean(), evidence: text, ageMs: spanMs.nullable() };
const failure = { code: text, detail: text, at: momentMs };
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
    gaps: z.object({ openCount: count, isCatchingUp: z.boolean() }).nullish(),
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
    connections: z.object({ wanted: count, proven: count }).optional(),
    sink: z.object({ kind: text, state: text, since: momentMs, evidence: text }).optional(),
});
/** An app whose own status could not be read. */
const brokenApp = z.object({ app: text, appId: text, error: text });
const daemonStatus = z.object({
    version: text,
    phase: z.enum(['starting', 'running', 'stopping']),
    uptimeMs: spanMs,
    apps: z.array(z.union([appStatus, brokenApp])).max(10_000),
});
/** Reads the body of `/status`. Further fields are ignored: a newer daemon may say more. @returns Why not, as a text. */
export function parseDaemonStatus(body) {
    let value;
    try {
        value = JSON.parse(body);
    }
    catch {
        return `${body.length} characters that are no JSON`;
    }
    const parsed = daemonStatus.safeParse(value);
    if (parsed.success)
        return parsed.data;
    const [issue] = parsed.error.issues;
    // The path alone: the message may quote what is there.
    return `JSON that is no status of feishu-connector (at ${printable(issue?.path.join('.') || 'its root')})`;
}
