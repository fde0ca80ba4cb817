import { seededRandom } from '../ports/index.js';
import { inMemoryHttp } from './in-memory-http.js';
import { inMemoryReach } from './in-memory-reach.js';
import { InMemorySocket } from './in-memory-socket.js';
/**
 * The ports `Http`, `Dial` and `Reach`, wired to a Platform without any I/O, on the platform's clock. Any base URL will do, such as
 * `http://platform.invalid`. Any number of clients may share one face.
 */
export function inMemoryFace(platform, options = {}) {
    const { latencyMs = 5, jitterMs = 0, random = seededRandom(2), maxMessageBytes = 8 * 1024 * 1024 } = options;
    const link = {
        delayMs: () => latencyMs + (jitterMs === 0 ? 0 : jitterMs * random()),
        maxMessageBytes,
    };
    return {
        http: inMemoryHttp(platform, link),
        dial: (url, listener) => new InMemorySocket(platform, link, url, listener),
        reach: inMemoryReach(platform, link),
    };
}
