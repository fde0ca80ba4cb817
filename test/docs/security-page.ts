import { SURFACE_LIMITS, type SurfaceLimits } from '../../src/daemon/surface-limits.js';
import { ROUTES } from '../../src/daemon/surface-routes.js';
import { table } from './support/root.js';

/** The parts of docs/security.md that stand in the code. */
export function securityParts(): Readonly<Record<string, string>> {
  const routes = ROUTES.map(({ path, methods, audience, says }) => [
    `\`${path.replace(/:(\w+)/, '<$1>')}\``,
    methods.join(', '),
    audience,
    says,
  ]);
  const limits = Object.entries(WORDS).map(([key, says]) => [says, limitOf(key as keyof SurfaceLimits)]);
  return {
    routes: table(['path', 'methods', 'audience', 'what it is'], routes),
    limits: table(['limit', 'at most'], limits),
  };
}

const WORDS: Readonly<Record<keyof SurfaceLimits, string>> = {
  connections: 'connections at once',
  connectionsPerAddress: 'of these from one address',
  answers: 'answers under way at once, probes not counted; 503 and `Retry-After` beyond',
  answersPerAddress: 'of these for one address',
  wrongCredentials: 'wrong credentials from one address in a minute; 429 and `Retry-After` beyond',
  requestsPerConnection: 'requests over one connection',
  headerBytes: "a request's line and headers; 431 beyond",
  targetBytes: "a request's path and query; 414 beyond",
  bodyBytes: 'a body, which nothing here needs; 413 beyond',
  headersMs: 'for the headers of a request to arrive, and for a TLS handshake; 408 beyond',
  requestMs: 'for a whole request to arrive; 408 beyond',
  answerMs: 'for a whole answer to be made and taken; the connection ends then',
  silenceMs: 'without a byte in the middle of an exchange',
  keepAliveMs: 'idle between two requests',
  lookEveryMs: 'between two looks for requests that are late',
};

function limitOf(key: keyof SurfaceLimits): string {
  const value = SURFACE_LIMITS[key];
  if (key.endsWith('Ms')) return `${value / 1_000} s`;
  return `${value.toLocaleString('en-US')}${key.endsWith('Bytes') ? ' bytes' : ''}`;
}
