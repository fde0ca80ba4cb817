import { type Credentials, type Http, HttpError, learnPassingSecret, type Reach } from '../ports/index.js';
import { DEFAULT_PACING, gatewayOf, parseDiscovery } from '../wire/index.js';
import { failureOfCode, failureOfDiscovery } from './classify.js';
import type { LookAt } from './look.js';
import type { Discover } from './ports.js';

/** Credentials are asked anew at every attempt: a secret that was rotated is picked up without a restart. */
export type DiscoveryOptions = DiscoveryGround & Credentials;

interface DiscoveryGround {
  readonly http: Http;
  /** What probes go through instead: they are no calls of the app, and count nowhere as such. Default: `http`. */
  readonly probeHttp?: Http;
  /** Opens connections to see whether that works. Left out: hosts count as reachable, and probes ask instead. */
  readonly reach?: Reach;
  /** Scheme and host of the platform, without a trailing slash. */
  readonly baseUrl: string;
  readonly appId: string;
}

/** A Ticket is a kilobyte of JSON; more than this is something else. */
const MAX_ANSWER_BYTES = 64 * 1024;
const ROUTE = '/callback/ws/endpoint';
/** A relay must be told whom to pass the request on to. */
const RELAYED_FOR = 'x-target-service';
const HEADERS = { 'content-type': 'application/json', locale: 'zh' };

/** Discovery, and the looks that tell whether it is worth asking again. */
export interface Discovery {
  readonly discover: Discover;
  readonly lookAt: LookAt;
}

/**
 * Endpoint discovery over HTTP. It needs no tenant token: a failing token never keeps a Connection from coming up.
 * @see larksuite/node-sdk 1.74.0 `WSClient.pullConnectConfig`, whose request this matches
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { http, probeHttp = http, reach, baseUrl, appId } = options;
  let latestSecret: string | null = null;

  /** Where the question goes, and what proves who asks. */
  const signedQuestion = async () => {
    if ('assertion' in options) {
      const audience = new URL(baseUrl).host;
      const { value, relayUrl } = await options.assertion(audience);
      return {
        url: (relayUrl ?? baseUrl) + ROUTE,
        headers: relayUrl === null ? HEADERS : { ...HEADERS, [RELAYED_FOR]: audience },
        body: JSON.stringify({ AppID: appId, AppSecret: '', ClientAssertion: value }),
      };
    }
    const secret = await options.secret().catch((error: unknown) => {
      latestSecret = null;
      throw error;
    });
    latestSecret = secret;
    return { url: baseUrl + ROUTE, headers: HEADERS, body: JSON.stringify({ AppID: appId, AppSecret: secret }) };
  };

  const discover: Discover = async ({ attempt, pacing, timeoutMs, signal }) => {
    let question: Awaited<ReturnType<typeof signedQuestion>>;
    try {
      question = await signedQuestion();
    } catch (error) {
      return {
        failure: { code: 'secret_unavailable', detail: error instanceof Error ? error.message : String(error) },
      };
    }
    try {
      const { status, body } = await http({
        method: 'POST',
        ...question,
        route: ROUTE,
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        signal,
        attempt,
      });
      const answer = parseDiscovery(body, pacing);
      // A code says more than a status: unconfigured apps get HTTP 400 with the reason in the body.
      if (answer.type === 'code') return { failure: failureOfCode(answer.code, answer.message) };
      if (status !== 200) return { failure: { code: 'discovery_http_status', detail: `HTTP ${status}` } };
      if (answer.type === 'invalid') return { failure: { code: 'discovery_bad_answer', detail: answer.detail } };
      learnTicket(answer.ticket.url);
      return { ticket: answer.ticket, gateway: gatewayOf(answer.ticket), rejected: answer.rejected };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return { failure: failureOfDiscovery(error.kind, error.message) };
    }
  };

  /** Whether the endpoint answers as itself: a code, which here is that there are no credentials. */
  const isPlatformThere = async (timeoutMs: number, signal: AbortSignal): Promise<boolean> => {
    const request = {
      method: 'POST',
      url: baseUrl + ROUTE,
      route: ROUTE,
      headers: HEADERS,
      body: '{}',
      timeoutMs,
      signal,
    } as const;
    const { body } = await probeHttp({ ...request, maxBytes: MAX_ANSWER_BYTES });
    return parseDiscovery(body, DEFAULT_PACING).type === 'code';
  };

  return {
    discover,
    lookAt: async (look, { timeoutMs, signal, gateway }) => {
      switch (look) {
        case 'reach':
          return reach === undefined || reach(gateway ?? baseUrl, { timeoutMs, signal });
        case 'platform':
          return isPlatformThere(timeoutMs, signal);
        case 'secret':
          // Assertions differ each time: that they do says nothing.
          return 'secret' in options && (await options.secret()) !== latestSecret;
      }
    },
  };
}

/** What of a ticket's URL lets somebody in. */
function learnTicket(url: string): void {
  const { searchParams } = new URL(url);
  for (const name of ['ticket', 'access_key']) learnPassingSecret(searchParams.get(name) ?? '');
}
