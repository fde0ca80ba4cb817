import { createApiAgents, dropIdleSockets } from './api-agents.js';
import { createNodeHttp } from './node-http.js';
import { checkProxySetting } from './proxy.js';
import { createReach } from './reach.js';
import { createScout } from './scout.js';
import { createTransport } from './transport.js';
import { checkCertificates } from './trust.js';
import { createWsDial } from './ws-dial.js';
/** @throws RangeError for an option that could never work, see {@link checkNetworkOptions}. */
export function createNetwork(options = {}) {
    checkNetworkOptions(options);
    const { freshTransport = () => createTransport(options) } = options;
    let parts = freshTransport();
    const transport = (url, signal) => parts(url, signal);
    const { http, close } = createNodeHttp(transport);
    const agents = createApiAgents(transport);
    return {
        http,
        dial: createWsDial(transport),
        reach: createReach(transport),
        scout: createScout(options),
        agents,
        refresh() {
            parts = freshTransport();
            dropIdleSockets(agents);
        },
        async close() {
            dropIdleSockets(agents);
            await close();
        },
    };
}
/**
 * Refuses options that could never work. A CA file that cannot be read is none of those: it may appear later.
 * @throws RangeError naming the option. Its message never holds the proxy's URL.
 */
export function checkNetworkOptions(options) {
    checkProxySetting(options.proxy);
    if (options.ca !== undefined)
        checkCertificates(options.ca);
    const { caFile } = options;
    if (caFile !== undefined && (typeof caFile !== 'string' || caFile === '')) {
        throw new RangeError('caFile must be the path of a file');
    }
}
