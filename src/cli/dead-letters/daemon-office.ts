import { z } from 'zod';
import {
  LETTER_PROBLEMS,
  type LetterPage,
  LetterProblem,
  type LetterProblemReason,
  type LetterQuery,
  type SettledLetter,
  type Settling,
  type ShownLetter,
} from '../../connector-dead-letters.js';
import { letterSegment } from '../../daemon/index.js';
import { count, jsonOf, momentMs, text } from '../../doctor/index.js';
import type { DaemonLine } from '../daemon-line.js';
import { DaemonSilent } from '../daemon-silent.js';
import type { LetterOffice } from './office.js';

// Ids stay as they are, for they are sent back.
const letter = {
  app: z.string(),
  appId: text,
  eventId: z.string(),
  eventType: text,
  reason: z.enum(['attempts', 'undeliverable', 'held']),
  attempts: count,
  detail: text,
  source: z.enum(['push', 'redelivery', 'catchup']),
  arrivedAt: momentMs,
  diedAt: momentMs,
  payloadBytes: count,
};
const app = z.object({ app: z.string(), appId: text, count: count.nullable(), problem: text.nullable() });

const pageAnswer = z.object({
  apps: z.array(app).max(10_000),
  letters: z.array(z.object(letter)).max(1_000),
  next: z.string().max(10_000).nullable(),
});
const shownAnswer = z.object({ ...letter, envelope: z.record(z.string(), z.unknown()) });
const settledAnswer = z.object({
  app: z.string(),
  appId: text,
  eventId: z.string(),
  how: z.enum(['replayed', 'dropped']),
});
const problemAnswer = z.object({ error: text, hint: text, reason: z.string().optional() });

/** A daemon, asked over HTTP; calls may throw DaemonSilent too. */
export class DaemonOffice implements LetterOffice {
  readonly by = 'daemon';
  readonly where: string;
  readonly #line: DaemonLine;

  constructor(line: DaemonLine) {
    this.#line = line;
    this.where = line.where;
  }

  list({ app, after, limit }: LetterQuery): Promise<LetterPage> {
    const query = { app, after, limit: String(limit) };
    return this.#ask('GET', '/dead-letters', `/dead-letters${queryOf(query)}`, pageAnswer);
  }

  show(app: string | null, eventId: string): Promise<ShownLetter> {
    const path = `/dead-letters/${letterSegment(eventId)}`;
    return this.#ask('GET', '/dead-letters/:id', path + queryOf({ app }), shownAnswer);
  }

  settle(how: Settling, app: string | null, eventId: string): Promise<SettledLetter> {
    const verb = how === 'replayed' ? 'replay' : 'drop';
    const path = `/dead-letters/${letterSegment(eventId)}/${verb}`;
    return this.#ask('POST', `/dead-letters/:id/${verb}`, path + queryOf({ app }), settledAnswer);
  }

  /** The way to the daemon is not its own to close. */
  async close(): Promise<void> {}

  async #ask<Answer>(method: 'GET' | 'POST', route: string, path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const { status, body } = await this.#line.ask(method, route, path);
    const json = jsonOf(body);
    if (status === 200) {
      const parsed = shape.safeParse(json);
      if (parsed.success) return parsed.data;
      throw this.#line.misshapen(parsed.error.issues[0]?.path);
    }
    const problem = problemAnswer.safeParse(json);
    if (!problem.success) throw this.#line.foreign(`HTTP ${status}`);
    const { error, hint, reason } = problem.data;
    if (reason === 'no_such_app') throw new LetterProblem(reason, `${this.where} runs no such app`, hint);
    if (isReason(reason)) throw new LetterProblem(reason, error, hint);
    if (status === 404) {
      const advice = 'Restart it with the version of this command.';
      throw new DaemonSilent('foreign', `${this.where} knows of no dead letters: it is older. ${advice}`);
    }
    throw this.#line.refusal(status, error, hint);
  }
}

function queryOf(values: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function isReason(reason: string | undefined): reason is LetterProblemReason {
  return reason !== undefined && Object.hasOwn(LETTER_PROBLEMS, reason);
}
