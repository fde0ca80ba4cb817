import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { CatchUpOptions } from '../connector.js';
import type { Clock } from '../ports/index.js';
import { type CatchableApp, catchUpOf } from './catching-up.js';
import { type ReconnectableApp, reconnectionOf } from './reconnection.js';

/** One app that an operator has a word for. */
export interface OperatedApp extends ReconnectableApp, CatchableApp {}

export interface OperatorRoutes {
  apps(): readonly OperatedApp[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `POST /reconnect` and `POST /catch-up`: an operator's word to all apps, or to those that are named. For who has control. */
export function addOperatorRoutes(server: FastifyInstance, view: OperatorRoutes): void {
  server.post('/reconnect', async (request, reply) => {
    const meant = meantBy(request.url, [], view.apps());
    if ('code' in meant) return reply.code(meant.code).send(meant.problem);
    const apps = meant.apps.map(reconnectionOf);
    view.logger.info({ apps: apps.map(({ app }) => app) }, '[feishu] an operator asked for attempts now');
    return { apps };
  });
  server.post('/catch-up', async (request, reply) => {
    const meant = meantBy(request.url, ['from', 'to'], view.apps());
    if ('code' in meant) return reply.code(meant.code).send(meant.problem);
    const span = spanIn(meant.query, view.clock.wallNow());
    if (span === null) return reply.code(400).send(SPAN_PROBLEM);
    const apps = meant.apps.map((app) => catchUpOf(app, span));
    view.logger.info({ apps: apps.map(({ app }) => app), ...span }, '[feishu] an operator asked for a catch-up');
    return { apps };
  });
}

/** The apps that an operator's word is for, with what else the query says of it; or why it is none. */
type Meant =
  | { readonly query: URLSearchParams; readonly apps: readonly OperatedApp[] }
  | { readonly code: number; readonly problem: ReturnType<typeof problem> };

/** @param others What the query may hold besides apps, each once. */
function meantBy(url: string, others: readonly string[], running: readonly OperatedApp[]): Meant {
  const { searchParams: query } = new URL(url, 'http://127.0.0.1');
  const isStrange = [...query.keys()].some((key) => key !== 'app' && !others.includes(key));
  // Taken for no query at all, a misspelt one would reach every app.
  if (isStrange || others.some((other) => query.getAll(other).length > 1)) {
    const rest = others.map((other) => `${other}=<time>, `).join('');
    const hint = `There is ${rest}app=<name>; without it, all apps are meant.`;
    return { code: 400, problem: problem('unknown query', hint) };
  }
  const wanted = query.getAll('app');
  const isNamed = ({ app, appId }: OperatedApp, name: string): boolean => app === name || appId === name;
  if (!wanted.every((name) => running.some((app) => isNamed(app, name)))) {
    const names = running.map(({ app }) => app).join(', ') || 'none';
    return { code: 404, problem: problem('no such app', `There are ${names}.`) };
  }
  return { query, apps: running.filter((app) => wanted.length === 0 || wanted.some((name) => isNamed(app, name))) };
}

const SPAN_PROBLEM = problem(
  'no span of time',
  'from and to are times as 2026-11-23T08:00:00Z, or epoch milliseconds; from is before to, and to is over.',
);

/** Null if it is none that is over. */
function spanIn(query: URLSearchParams, now: number): CatchUpOptions | null {
  const [from, to] = ['from', 'to'].map((name) => momentIn(query.get(name)));
  if (Number.isNaN(from ?? 0) || Number.isNaN(to ?? 0)) return null;
  const end = to ?? now;
  if (end > now || (from !== undefined && from >= end)) return null;
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** NaN for what is no time. */
function momentIn(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  // With its zone: this machine's own is nobody's business.
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** What a refused request is told. */
export function problem(error: string, hint: string): { error: string; hint: string } {
  return { error, hint };
}
