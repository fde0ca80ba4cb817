import fastify, {} from 'fastify';
import { redact } from '../observe/index.js';
import { addDeadLetterRoutes } from './dead-letters.js';
import { formatListenAddress, isLoopback } from './listen-address.js';
import { addMetricsRoute } from './metrics-route.js';
import { addPageRoutes, MountedPanel, PANEL_PATH } from './page/index.js';
import { livenessOf, readinessOf } from './readiness.js';
import { reconnectionOf } from './reconnection.js';
/** The surface cannot listen where it should; nothing runs then. */
export class ListenError extends Error {
    name = 'ListenError';
}
/** What there is, with the methods of each. */
const ENDPOINTS = {
    '/': ['GET', 'HEAD'],
    '/metrics': ['GET', 'HEAD'],
    '/livez': ['GET', 'HEAD'],
    '/readyz': ['GET', 'HEAD'],
    '/status': ['GET', 'HEAD'],
    '/status/history': ['GET', 'HEAD'],
    '/reconnect': ['POST'],
    '/dead-letters': ['GET', 'HEAD'],
    '/dead-letters/:id': ['GET', 'HEAD'],
    '/dead-letters/:id/replay': ['POST'],
    '/dead-letters/:id/drop': ['POST'],
};
const READING = ['GET', 'HEAD'];
const MAX_HEADER_BYTES = 16_384;
/**
 * `/metrics`, `/livez`, `/readyz`, `/status` and the page at `/`, which only read, `POST /reconnect`, and the dead letters.
 * @throws ListenError naming address, cause and what to do.
 */
export async function openHttpSurface(listen, view) {
    const server = createServer(view, isLoopback(listen.host) ? listen.host : null);
    try {
        await server.listen({ host: listen.host, port: listen.port });
    }
    catch (error) {
        await server.close();
        throw new ListenError(listenMessage(listen, error), { cause: error });
    }
    const bound = server.server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
    const address = { host: listen.host, port };
    return {
        address,
        url: `http://${formatListenAddress(address)}`,
        close: () => server.close(),
    };
}
function createServer(view, loopbackHost) {
    const panel = view.panel === undefined ? null : new MountedPanel(view.panel);
    const endpoints = panel === null ? ENDPOINTS : { ...ENDPOINTS, [PANEL_PATH]: ['POST'] };
    const server = fastify({
        logger: false,
        bodyLimit: 1_024, // nothing here needs a body
        requestTimeout: 10_000, // for a client to send its request: slow ones must not pile up
        connectionTimeout: 30_000, // for a client that does not read its answer
        keepAliveTimeout: 75_000, // above usual scrape intervals, so that a scraper keeps its connection
        maxRequestsPerSocket: 10_000,
        forceCloseConnections: true, // an idle scraper must not hold up a stop
        routerOptions: { maxParamLength: MAX_HEADER_BYTES }, // an event id is whatever the platform says; its line is bounded
        http: { headersTimeout: 5_000, connectionsCheckingInterval: 5_000, maxHeaderSize: MAX_HEADER_BYTES },
    });
    server.server.maxConnections = 100; // a few scrapers and probes; more is a leak or an attack
    server.addHook('onRequest', async (request, reply) => {
        reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
        return refusalOf(request, reply, loopbackHost, endpoints);
    });
    server.setErrorHandler((error, request, reply) => {
        const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
        if (status >= 500)
            view.logger.error({ err: error, path: pathOf(request) }, '[feishu] a request to the HTTP surface failed');
        return reply
            .code(status)
            .send(problem(status >= 500 ? 'internal error' : redact(error.message), 'The log has the cause.'));
    });
    // Whatever type a body has, it is read up to the limit and thrown away.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, null));
    addMetricsRoute(server, view);
    server.get('/livez', async (_request, reply) => {
        const liveness = livenessOf(view.apps());
        return reply.code(liveness.isAlive ? 200 : 503).send(liveness);
    });
    server.get('/readyz', async (_request, reply) => {
        const readiness = readinessOf(view.apps(), view.phase());
        return reply.code(readiness.isReady ? 200 : 503).send(readiness);
    });
    server.get('/status', async () => ({
        version: view.version,
        phase: view.phase(),
        startedAt: view.startedAt,
        uptimeMs: Math.max(0, view.clock.wallNow() - view.startedAt),
        apps: view.apps().map(statusOf),
    }));
    panel?.addRoute(server);
    addPageRoutes(server, {
        ...view,
        panel,
        apps: () => view.apps().map((app) => ({ ...app, readStatus: () => statusOf(app) })),
    });
    server.post('/reconnect', async (request, reply) => {
        const refusal = outsiderRefusalOf(request, loopbackHost, 'Send the process a SIGHUP instead, or listen on 127.0.0.1.');
        if (refusal)
            return reply.code(403).send(refusal);
        const { searchParams } = new URL(request.url, 'http://127.0.0.1');
        const unknown = [...searchParams.keys()].find((key) => key !== 'app');
        // Taken for no query at all, a misspelt one would reach every app.
        if (unknown !== undefined)
            return reply.code(400).send(problem('unknown query', 'There is app=<name>; without it, all apps are meant.'));
        const running = view.apps();
        const names = running.map(({ app }) => app);
        const wanted = searchParams.getAll('app');
        if (wanted.some((name) => !names.includes(name)))
            return reply.code(404).send(problem('no such app', `There are ${names.join(', ') || 'none'}.`));
        const meant = wanted.length === 0 ? running : running.filter(({ app }) => wanted.includes(app));
        const apps = meant.map(reconnectionOf);
        view.logger.info({ apps: apps.map(({ app }) => app) }, '[feishu] an operator asked for attempts now');
        return { apps };
    });
    addDeadLetterRoutes(server, {
        apps: () => view.apps(),
        clock: view.clock,
        refusalOf: (request) => outsiderRefusalOf(request, loopbackHost, 'Listen on 127.0.0.1, or stop the process: without one, feishu-connector dead-letters opens the journal itself.'),
    });
    return server;
}
/** Why neither an operator's word nor a look at events is granted to this request; null if it is. */
function outsiderRefusalOf({ headers }, loopbackHost, otherwise) {
    if (loopbackHost === null) {
        return problem('not from everywhere: this surface has no authentication, and listens on more than loopback', otherwise);
    }
    // Browsers say where a request comes from: they add Origin to every POST, and no page has business here.
    const site = headers['sec-fetch-site'];
    if (headers.origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')) {
        return problem('not from a web page', 'Use curl -X POST, or another program that is no browser.');
    }
    return null;
}
/** Answers what is none of our endpoints before anything of the request's body is read. */
function refusalOf(request, reply, loopbackHost, endpoints) {
    const path = pathOf(request);
    // A web page can make a browser resolve its own name to 127.0.0.1 and read us; such a request names that host.
    if (loopbackHost !== null && path !== '/metrics' && !isOwnHost(request.headers.host, loopbackHost)) {
        return reply
            .code(421)
            .send(problem('this host name is not ours', 'Use 127.0.0.1 or localhost, or listen on another address.'));
    }
    const methods = methodsOf(endpoints, path);
    if (!methods.includes(request.method)) {
        return reply
            .code(405)
            .header('allow', methods.join(', '))
            .send(problem('method not allowed', `Use ${methods.join(' or ')}.`));
    }
    if (request.is404)
        return reply.code(404).send(problem('no such endpoint', `There are ${endpointWords(endpoints)}.`));
    return undefined;
}
/** What may be asked of a path; of one that does not exist, what most do. */
function methodsOf(endpoints, path) {
    return Object.entries(endpoints).find(([known]) => isAt(known, path))?.[1] ?? READING;
}
/** Whether the path is this endpoint's; a segment with a colon stands for anything. */
function isAt(endpoint, path) {
    const parts = path.split('/');
    const known = endpoint.split('/');
    return known.length === parts.length && known.every((part, index) => part === parts[index] || part.startsWith(':'));
}
/** `/metrics, …, POST /reconnect`: GET goes without saying. */
function endpointWords(endpoints) {
    return Object.entries(endpoints)
        .map(([path, [method]]) => (method === 'GET' ? path : `${method} ${path}`).replace(/:(\w+)/, '<$1>'))
        .join(', ');
}
function isOwnHost(header, loopbackHost) {
    const name = (header ?? '')
        .replace(/:\d+$/, '')
        .replace(/^\[|\]$/g, '')
        .toLowerCase();
    return name === loopbackHost.toLowerCase() || isLoopback(name);
}
function statusOf({ app, appId, status }) {
    try {
        return status();
    }
    catch (error) {
        return { app, appId, error: redact(error instanceof Error ? error.message : String(error)) };
    }
}
function problem(error, hint) {
    return { error, hint };
}
function pathOf(request) {
    return request.url.split('?', 1)[0] ?? '';
}
function listenMessage(listen, error) {
    const where = formatListenAddress(listen);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    switch (code) {
        case 'EADDRINUSE':
            return `cannot listen on ${where}: another process does. Stop it, or choose another port with --listen or FEISHU_LISTEN.`;
        case 'EACCES':
            return `cannot listen on ${where}: not permitted. Choose a port from 1024 on with --listen or FEISHU_LISTEN.`;
        case 'EADDRNOTAVAIL':
        case 'ENOTFOUND':
            return `cannot listen on ${where}: this machine does not have that address. Use 127.0.0.1, or 0.0.0.0 for all.`;
        default:
            return `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
    }
}
