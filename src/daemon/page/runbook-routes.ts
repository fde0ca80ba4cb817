import { readdir, readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { packageFolder } from '../../observe/index.js';
import { nearMiss } from '../../ports/index.js';
import { RUNBOOK_HEADERS, runbookPage } from './runbook-page.js';

/** Where the build puts them, relative to the package. */
const FOLDER = 'dist/runbooks/';
/** The list of all of them. */
const INDEX = 'README';

/**
 * `GET /runbooks` and `GET /runbooks/<AlertName>`, which may end in `.md` so that links to the files lead there too. They are
 * those of the package, as of this version: whoever is paged by an outage may be able to reach nothing else.
 */
export function addRunbookRoutes(server: FastifyInstance): void {
  server.get('/runbooks', async (_request, reply) =>
    reply.headers(RUNBOOK_HEADERS).send(runbookPage({ name: null, body: await bodyOf(INDEX) })),
  );
  server.get<{ Params: { name: string } }>('/runbooks/:name', async ({ params }, reply) => {
    const wanted = params.name.replace(/\.md$/, '');
    // Its links are meant for that one place.
    if (wanted === '' || wanted === INDEX) return reply.redirect('../runbooks');
    const names = await namesOfAll();
    // What is read is named by the list, and never by a request.
    const name = names.find((known) => known === wanted);
    if (name === undefined) {
      const meant = nearMiss(wanted, names);
      const hint = `${meant === null ? '' : `Did you mean ${meant}? `}All of them are at /runbooks.`;
      return reply.code(404).send({ error: 'no such runbook', hint });
    }
    return reply.headers(RUNBOOK_HEADERS).send(runbookPage({ name, body: await bodyOf(name) }));
  });
}

/** Read for each request: they are few and small, and an upgrade in place brings others. */
async function namesOfAll(): Promise<readonly string[]> {
  const files = await readdir(new URL(FOLDER, packageFolder()));
  return files.map((file) => file.replace(/\.html$/, ''));
}

function bodyOf(name: string): Promise<string> {
  return readFile(new URL(`${FOLDER}${name}.html`, packageFolder()), 'utf8');
}
