import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  LETTER_PROBLEMS,
  LETTERS_DEFAULT,
  type LetterApp,
  LetterProblem,
  listLetters,
  type Settling,
  settleLetter,
  showLetter,
} from '../connector-dead-letters.js';
import { redact } from '../observe/index.js';
import type { Clock } from '../ports/index.js';
import { letterIdOf } from './letter-id.js';

export interface DeadLetterRoutes {
  apps(): readonly LetterApp[];
  readonly clock: Clock;
}

interface ById {
  Params: { id: string };
}

/** What a disk may take for one note. A client that hears nothing for longer gives up, and knows less. */
const SETTLE_DEADLINE_MS = 5_000;

/**
 * `GET /dead-letters`, which lists them without any content, to whoever may read the status; and, to whoever has control,
 * `GET /dead-letters/<id>` with the event, and `POST` to its `/replay` and `/drop`.
 */
export function addDeadLetterRoutes(server: FastifyInstance, routes: DeadLetterRoutes): void {
  server.get('/dead-letters', async (request, reply) => {
    return answer(reply, () => {
      const { app, after, limit } = queryOf(request, ['app', 'after', 'limit']);
      const letterCount = limit === null ? LETTERS_DEFAULT : numberOf(limit);
      return listLetters(routes.apps(), { app, after, limit: letterCount });
    });
  });
  server.get<ById>('/dead-letters/:id', async (request, reply) => {
    return answer(reply, () => {
      const { app } = queryOf(request, ['app']);
      return showLetter(routes.apps(), app, letterIdOf(request.params.id));
    });
  });
  const settle = (how: Settling) => async (request: FastifyRequest<ById>, reply: FastifyReply) => {
    return answer(reply, () => {
      const { app } = queryOf(request, ['app']);
      return inTime(routes.clock, settleLetter(routes.apps(), app, letterIdOf(request.params.id), how));
    });
  };
  server.post<ById>('/dead-letters/:id/replay', settle('replayed'));
  server.post<ById>('/dead-letters/:id/drop', settle('dropped'));
}

async function answer(reply: FastifyReply, find: () => object | Promise<object>): Promise<object> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof LetterProblem)) throw error;
    const { reason, message, hint } = error;
    return reply.code(LETTER_PROBLEMS[reason]).send({ error: redact(message), hint: redact(hint), reason });
  }
}

/** The values of these keys, each at most once. Any other key is refused: a misspelt `app` would mean all of them. */
function queryOf<Key extends string>(request: FastifyRequest, known: readonly Key[]): Record<Key, string | null> {
  const { searchParams } = new URL(request.url, 'http://127.0.0.1');
  const wrong = [...searchParams.keys()].find(
    (key) => !known.some((each) => each === key) || searchParams.getAll(key).length > 1,
  );
  if (wrong !== undefined)
    throw new LetterProblem('bad_query', 'unknown query', `There is ${known.join(', ')}, each once.`);
  return Object.fromEntries(known.map((key) => [key, searchParams.get(key)])) as Record<Key, string | null>;
}

function numberOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function inTime<Result>(clock: Clock, settling: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = clock.timer(SETTLE_DEADLINE_MS, () => {
      const message = `the journal took no note of it within ${SETTLE_DEADLINE_MS} ms`;
      reject(new LetterProblem('not_in_time', message, 'It may still do. The list tells, and the log has the cause.'));
    });
    settling.then(resolve, reject).finally(() => late.cancel());
  });
}
