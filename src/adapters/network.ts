import type { Dial, Http, Reach, Scout } from '../ports/index.js';
import { type ApiAgents, createApiAgents, dropIdleSockets } from './api-agents.js';
import { createNodeHttp } from './node-http.js';
import { checkProxySetting } from './proxy.js';
import { createReach } from './reach.js';
import { createScout } from './scout.js';
import { createTransport, type Transport, type TransportOptions } from './transport.js';
import { checkCertificates } from './trust.js';
import { createWsDial } from './ws-dial.js';

export interface NetworkOptions extends TransportOptions {
  /** Makes the parts that {@link Network.refresh} replaces. Default: {@link createTransport} with these options. */
  readonly freshTransport?: () => Transport;
}

/** One way to the outside: HTTP calls, the socket and the SDK's client take the same proxy and trust the same peers. */
export interface Network {
  readonly http: Http;
  readonly dial: Dial;
  readonly reach: Reach;
  readonly scout: Scout;
  /** For the official SDK's client. */
  readonly agents: ApiAgents;
  /**
   * Throws away everything that connections are made with and that could have gone bad: whatever opens from now on is
   * made of new parts, asks the resolver again and reads the CA file again. Sockets and requests that live go on.
   */
  refresh(): void;
  /** Ends the HTTP exchanges under way and closes idle connections. Sockets end themselves; it can be used again. */
  close(): Promise<void>;
}

/** @throws RangeError for an option that could never work, see {@link checkNetworkOptions}. */
export function createNetwork(options: NetworkOptions = {}): Network {
  checkNetworkOptions(options);
  const { freshTransport = () => createTransport(options) } = options;
  let parts = freshTransport();
  const transport: Transport = (url, signal) => parts(url, signal);
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
export function checkNetworkOptions(options: {
  readonly proxy?: unknown;
  readonly ca?: unknown;
  readonly caFile?: unknown;
}): void {
  checkProxySetting(options.proxy);
  if (options.ca !== undefined) checkCertificates(options.ca);
  const { caFile } = options;
  if (caFile !== undefined && (typeof caFile !== 'string' || caFile === '')) {
    throw new RangeError('caFile must be the path of a file');
  }
}
