import type { FastifyInstance } from 'fastify';
import type { ConnectorStatus } from '../../connector-status.js';
import type { Clock } from '../../ports/index.js';
import type { Phase } from '../readiness.js';
import { PAGE_HEADERS, page } from './page.js';
import type { RecordedApp } from './record.js';

/** What the page and the history are made from. */
export interface PageRoutes {
  apps(): readonly ShownApp[];
  phase(): Phase;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly clock: Clock;
}

export interface ShownApp extends RecordedApp {
  readonly app: string;
  readonly appId: string;
  /** The status, or why it cannot be read. */
  readStatus(): ConnectorStatus | { readonly error: string };
}

/** `GET /`, the status page, and `GET /status/history`, what it knows of the past. Both only read. */
export function addPageRoutes(server: FastifyInstance, routes: PageRoutes): void {
  server.get('/', async (request, reply) => {
    const { searchParams } = new URL(request.url, 'http://127.0.0.1');
    const apps = routes.apps().map((shown) => ({ ...shown, status: shown.readStatus() }));
    return reply.headers(PAGE_HEADERS).send(
      page({
        version: routes.version,
        phase: routes.phase(),
        at: routes.clock.wallNow(),
        startedAt: routes.startedAt,
        apps,
        wanted: searchParams.get('app'),
      }),
    );
  });
  server.get('/status/history', async (request, reply) => {
    const { searchParams } = new URL(request.url, 'http://127.0.0.1');
    const keys = [...searchParams.keys()];
    if (keys.some((key) => key !== 'app') || keys.length > 1)
      return reply.code(400).send({ error: 'unknown query', hint: 'There is app=<name>, once.' });
    const wanted = searchParams.get('app');
    const apps = routes.apps();
    const names = apps.map(({ app }) => app).join(', ') || 'none';
    // One at a time: together they have no bound.
    if (wanted === null && apps.length > 1)
      return reply.code(400).send({ error: 'which app?', hint: `Name one with app=<name>: there are ${names}.` });
    const found = wanted === null ? apps[0] : apps.find(({ app, appId }) => app === wanted || appId === wanted);
    if (found === undefined) return reply.code(404).send({ error: 'no such app', hint: `There are ${names}.` });
    return { app: found.app, appId: found.appId, ...found.history() };
  });
}
