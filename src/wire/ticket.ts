import { excerptOf } from './excerpt.js';
import { type Pacing, type PacingRejection, parsePacing } from './pacing.js';

/** The answer of endpoint discovery: where to dial, once, and at what pace to ping. */
export interface Ticket {
  /** The socket URL as given. It holds secrets (`access_key`, `ticket`): never log, label or show it. */
  readonly url: string;
  /** `device_id` of the URL: the Connection's name in logs and spans. Empty if the URL has none. */
  readonly connectionId: string;
  /** `service_id` of the URL, int32, sent in every ping. 0 if the URL has none. */
  readonly service: number;
  readonly pacing: Pacing;
}

/** What the body of a discovery answer says. Every text in it is free of the ticket's secrets. */
export type Discovery =
  /** `rejected` are fields of `ClientConfig` that were not taken as they came. */
  | { readonly type: 'ticket'; readonly ticket: Ticket; readonly rejected: readonly PacingRejection[] }
  /** The platform refused: a code other than 0, with its own words. */
  | { readonly type: 'code'; readonly code: number; readonly message: string }
  /** No answer of the platform at all: HTML of a captive portal, half an answer, no usable URL. */
  | { readonly type: 'invalid'; readonly detail: string };

/** Characters of the platform's own message that are kept. */
const MESSAGE_LENGTH = 200;
/** Characters of a foreign body that are shown: enough to recognise a login page. */
const EXCERPT_LENGTH = 80;

/**
 * Reads the body of an HTTP 200 from the ticket endpoint. `code` is read before `data`, which is `{}`, null or absent
 * when the code is not 0. A missing `ClientConfig` is fine.
 * @param previous The pacing in force, kept where `ClientConfig` says nothing usable.
 */
export function parseDiscovery(body: string, previous: Pacing): Discovery {
  if (body.trim() === '') return invalid('the body is empty');
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // The parser's error is dropped: it quotes the body, and half an answer may hold a ticket.
    return invalid(`the body is not JSON: ${excerptOf(body, EXCERPT_LENGTH)}`);
  }
  if (!isObject(answer)) return invalid(`the body is JSON but no object: ${excerptOf(body, EXCERPT_LENGTH)}`);
  const { code, msg, data } = answer;
  if (code === undefined) return invalid('the answer has no code');
  if (!Number.isInteger(code)) return invalid(`the code is no integer but ${typeof code}`);
  if (code !== 0) {
    const message = typeof msg === 'string' ? excerptOf(msg, MESSAGE_LENGTH) : '';
    return { type: 'code', code: code as number, message };
  }
  if (!isObject(data)) return invalid('code 0 without an object data');
  return readTicket(data, previous);
}

function readTicket(data: Record<string, unknown>, previous: Pacing): Discovery {
  const { URL: url, ClientConfig: clientConfig } = data;
  if (url === undefined) return invalid('code 0 without URL');
  if (typeof url !== 'string') return invalid(`URL is no string but ${url === null ? 'null' : typeof url}`);
  if (url === '') return invalid('URL is empty');
  if (!URL.canParse(url)) return invalid(`URL cannot be parsed (${url.length} characters)`);
  const { protocol, hash, searchParams } = new URL(url);
  if (protocol !== 'ws:' && protocol !== 'wss:') return invalid(`URL is ${excerptOf(protocol, 20)} not ws: or wss:`);
  // RFC 6455 section 3: fragment identifiers must not be used.
  if (hash !== '') return invalid('URL has a fragment identifier');
  const service = serviceOf(searchParams);
  if (service === null) return invalid('service_id of the URL is no 32-bit integer');
  const { pacing, rejected } = parsePacing(clientConfig, previous);
  const connectionId = searchParams.get('device_id') ?? '';
  return { type: 'ticket', ticket: { url, connectionId, service, pacing }, rejected };
}

function serviceOf(query: URLSearchParams): number | null {
  const given = query.get('service_id');
  if (given === null) return 0;
  if (!/^-?\d{1,10}$/.test(given)) return null;
  const service = Number(given);
  return (service | 0) === service ? service : null;
}

/** Scheme, host and path of a URL, without user, query and fragment: what a report may show. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return '(unreadable URL)';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/**
 * Where a Ticket points, without its secrets. An IPv6 address has no brackets.
 * @throws TypeError for a URL that {@link parseDiscovery} would have refused: a bug of the caller.
 */
export function gatewayOf(ticket: Ticket): {
  /** Such as `wss://host`. */
  origin: string;
  address: string;
  port: number;
  path: string;
  connectionId: string;
} {
  // Asked first because the constructor's own error carries the whole URL.
  if (!URL.canParse(ticket.url)) throw new TypeError('the URL of the ticket cannot be parsed');
  const { origin, protocol, hostname, port, pathname } = new URL(ticket.url);
  const defaultPort = protocol === 'wss:' ? 443 : 80;
  return {
    origin,
    address: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? defaultPort : Number(port),
    path: pathname,
    connectionId: ticket.connectionId,
  };
}

function invalid(detail: string): Discovery {
  return { type: 'invalid', detail };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
