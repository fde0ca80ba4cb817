import type { FastifyInstance } from 'fastify';
import type { LetterApp } from '../../connector-dead-letters.js';
import { ConnectorError } from '../../connector-error.js';
import type { ConnectorStatus } from '../../connector-status.js';
import { type Clock, StoreError } from '../../ports/index.js';
import type { ConfigurationStanding } from '../configuration-in-force.js';
import type { Phase, Unread } from '../readiness.js';
import { runbookUrlOf } from '../runbook-url.js';
import { type Concern, concernsOf } from './concerns.js';
import { page, pageHeaders } from './page.js';
import type { MountedPanel } from './panel.js';
import type { RecordedApp } from './record.js';
import type { ShownLetters } from './tables.js';

/** What the page and the history are made from. */
export interface PageRoutes {
  apps(): readonly ShownApp[];
  phase(): Phase;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  configuration(): ConfigurationStanding;
  readonly clock: Clock;
  /** Where the site has its runbooks; null, as by default, for those of the surface itself. */
  runbookUrl?(): string | null;
  /** The demo's buttons. */
  readonly panel: MountedPanel | null;
}

export interface ShownApp extends RecordedApp, LetterApp {
  /** The status, or why it cannot be read. */
  readStatus(): ConnectorStatus | Unread;
}

const LETTERS_SHOWN = 5;

/** `GET /`, the status page, and `GET /status/history`, what it knows of the past. Both only read. */
export function addPageRoutes(server: FastifyInstance, routes: PageRoutes): void {
  const { panel } = routes;
  const headers = pageHeaders(panel !== null);
  const runbookUrl = () => routes.runbookUrl?.() ?? null;
  server.get('/', async (request, reply) => {
    const { searchParams } = new URL(request.url, 'http://127.0.0.1');
    const apps = routes.apps().map((shown) => ({ ...shown, ...standingOf(shown), letters: () => lettersOf(shown) }));
    return reply.headers(headers).send(
      page({
        version: routes.version,
        phase: routes.phase(),
        at: routes.clock.wallNow(),
        startedAt: routes.startedAt,
        refused: routes.configuration().refused,
        apps,
        wanted: searchParams.get('app'),
        find: searchParams.get('find'),
        runbookUrl: runbookUrl(),
        panel,
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
    return {
      app: found.app,
      appId: found.appId,
      ...found.history(),
      concerns: toldConcerns(standingOf(found).concerns, runbookUrl()),
    };
  });
}

/** How it is now, and what is wrong with that. */
export function standingOf({
  readStatus,
  history,
  lately = history,
}: Pick<ShownApp, 'readStatus' | keyof RecordedApp>) {
  const status = readStatus();
  return { status, concerns: 'error' in status ? [] : concernsOf(status, lately()) };
}

/** For programs: each with the address of its runbook, which is a path where the surface itself has it. */
export function toldConcerns(concerns: readonly Concern[], runbookUrl: string | null) {
  return concerns.map(({ tone, says, runbook }) => ({ tone, says, runbook, url: runbookUrlOf(runbook, runbookUrl) }));
}

/** Null where there are none to be had: without a journal, and while it is not open. */
function lettersOf({ deadLetters }: ShownApp): ShownLetters | null {
  if (deadLetters === null) return null;
  try {
    const letters = deadLetters();
    return { count: letters.count, latest: letters.count === 0 ? [] : letters.latest(LETTERS_SHOWN) };
  } catch (error) {
    // The status says what is wrong with the journal.
    if (error instanceof ConnectorError || error instanceof StoreError) return null;
    throw error;
  }
}
