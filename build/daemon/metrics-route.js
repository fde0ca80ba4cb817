import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { redact } from '../observe/index.js';
import { SingleFlight } from './single-flight.js';
/** Half of Prometheus's default scrape timeout, so that the reason arrives. In milliseconds. */
export const SCRAPE_DEADLINE_MS = 5_000;
// The lines of a scrape repeat each other: the cheapest level makes a thirtieth of it, and the dearest little less.
const GZIP_LEVEL = 1;
/** What fits into one packet is not worth it. In bytes. */
const GZIP_FROM_BYTES = 1_024;
/**
 * `GET /metrics`: one scrape for all who ask while it runs, plain or compressed as they accept it. It is whole before the
 * first byte goes out, so that one that fails or takes too long is a 503 with its reason.
 */
export function addMetricsRoute(server, { scrape, clock, logger }) {
    const plain = new SingleFlight(async (signal) => ({ ...(await scrape(signal)), isGzipped: false }), clock, SCRAPE_DEADLINE_MS);
    const gzipped = new SingleFlight(async (signal) => compressed(await plain.run(), signal), clock, SCRAPE_DEADLINE_MS);
    server.get('/metrics', async (request, reply) => {
        try {
            const flight = acceptsGzip(request.headers['accept-encoding']) ? gzipped : plain;
            const { contentType, body, isGzipped } = await flight.run();
            reply.headers({
                'content-type': contentType,
                'content-length': bytesOf(body),
                vary: 'accept-encoding',
                ...(isGzipped && { 'content-encoding': 'gzip' }),
            });
            return reply.send(Readable.from(body, { objectMode: false }));
        }
        catch (error) {
            const reason = redact(error instanceof Error ? error.message : String(error));
            logger.error({ err: error }, '[feishu] metrics could not be collected');
            return reply
                .code(503)
                .send({ error: `metrics could not be collected: ${reason}`, hint: 'The log has the cause.' });
        }
    });
}
/** Whether a scraper takes gzip, as all of Prometheus's do. @see https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
export function acceptsGzip(header) {
    return `${header ?? ''}`.split(',').some((coding) => {
        const [name, ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
        return name === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    });
}
/** Part by part in zlib's own threads: the event loop hands over, and takes what comes. */
async function compressed(answer, signal) {
    if (bytesOf(answer.body) < GZIP_FROM_BYTES)
        return answer;
    const gzip = Readable.from(answer.body, { objectMode: false }).compose(createGzip({ level: GZIP_LEVEL }), { signal });
    const body = [];
    for await (const part of gzip)
        body.push(part);
    return { ...answer, body, isGzipped: true };
}
function bytesOf(body) {
    return body.reduce((sum, { length }) => sum + length, 0);
}
