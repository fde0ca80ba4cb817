import type { Verdict } from '../ports/index.js';

/** The steps of an Attempt, in order. */
export const STEPS = ['discovery', 'dial', 'proof'] as const;
export type Step = (typeof STEPS)[number];

/**
 * Every way an Attempt fails or a Connection is lost. The key is at once log field, metric label, span `error.type`,
 * anchor in docs/failures.md and in the index of the runbooks.
 */
export const FAILURES = {
  // Discovery: the request for a Ticket.
  secret_unavailable: {
    verdict: 'operator',
    help: 'The app secret could not be read from its file or function, or no assertion was signed. Fix that source; it is asked again at every attempt.',
  },
  discovery_timeout: {
    verdict: 'retry',
    help: 'The ticket endpoint did not answer within the deadline. Ask that host with curl -v from this machine: if that hangs too it is the network, a proxy, or an outage of the platform.',
  },
  discovery_unreachable: {
    verdict: 'retry',
    help: 'No connection to the ticket endpoint, or it broke before the answer was whole. Check the network of this machine, its firewall, and the option `proxy`: curl -v to that host must get an answer.',
  },
  discovery_http_status: {
    verdict: 'retry',
    help: 'The ticket endpoint answered with an HTTP status other than 200. HTTP 400 was seen for apps without a published version: publish one. With 5xx the platform has an outage: wait. With any other a proxy or a firewall may answer in its place.',
  },
  discovery_bad_answer: {
    verdict: 'retry',
    help: 'The ticket endpoint answered something that is no ticket: HTML, truncated JSON, no URL. A captive portal, a proxy or a maintenance page may answer in its place: open that address from this machine, and check `domain`.',
  },
  platform_busy: {
    verdict: 'retry',
    help: 'The platform says it is busy or failed internally (codes 1, 1000040343). Wait: it passes. If it stays for an hour, tell its support the app id, the code and the time.',
  },
  ticket_code_unknown: {
    verdict: 'retry',
    help: 'The platform refused a ticket with a code that is not documented; the log line has it. Ask its support what the code means, with the app id and the time.',
  },
  credentials_rejected: {
    verdict: 'operator',
    help: 'The platform rejects the app id or secret (codes 514, 10003, 10014, 10015, 1000040344, 1000040345). Check both in the developer console.',
  },
  app_forbidden: {
    verdict: 'operator',
    help: 'The platform forbids this app (code 403): disabled, not published, or banned. Enable it in the developer console, and publish a version.',
  },
  wrong_domain: {
    verdict: 'operator',
    help: 'A Lark app on the Feishu domain or the reverse (code 1000040351). Set the other domain.',
  },
  connection_limit: {
    verdict: 'operator',
    help: 'Too many connections for this app (code 1000040350). At most 50 may be online: stop other hosts, old containers and developers at home that are connected as this app, or give them an app of their own.',
  },
  // Dial: the WebSocket handshake.
  dial_timeout: {
    verdict: 'retry',
    help: 'The WebSocket handshake was not finished within the deadline. A firewall or a proxy that lets HTTPS through and holds WebSockets back does that: let the gateway through, which is another host than the platform.',
  },
  dial_unreachable: {
    verdict: 'retry',
    help: 'No connection to the gateway, or it broke during the handshake. The gateway is another host than the platform: let it through the firewall and the proxy too.',
  },
  dial_refused: {
    verdict: 'retry',
    help: 'The gateway answered the handshake with an HTTP status other than 101. Each attempt has a new ticket, so one that was stale is no reason for a second refusal: a proxy without WebSockets may answer in its place, or the platform refuses the app, as its message says.',
  },
  dial_bad_answer: {
    verdict: 'retry',
    help: 'The gateway does not speak WebSocket, or the socket URL cannot be dialled. A proxy or a captive portal may answer in its place: let the gateway bypass it (NO_PROXY), or allow WebSockets there.',
  },
  // Either network step.
  dns_failed: {
    verdict: 'retry',
    help: 'The host name did not resolve. Check /etc/resolv.conf and the resolver it names with getent hosts; a misspelt `domain` does not resolve either.',
  },
  tls_untrusted: {
    verdict: 'operator',
    help: 'The TLS certificate is not trusted, expired, or for another host. Check the clock of this machine (date -u) first. The authority of a TLS-inspecting proxy goes into the option `caFile`.',
  },
  proxy_failed: {
    verdict: 'retry',
    help: 'The proxy cannot be reached, refused the tunnel or died. Check the option `proxy` and the variables HTTPS_PROXY and NO_PROXY.',
  },
  // Proof: the first pong.
  proof_timeout: {
    verdict: 'retry',
    help: 'The socket opened but no pong came within the deadline: not connected. If it comes again and again, something in between accepts sockets and swallows what flows: let the gateway bypass the proxy or the inspecting firewall.',
  },
  // A living Connection.
  closed_by_peer: {
    verdict: 'retry',
    help: 'The gateway sent a close frame, as it does when it restarts; the next connection opens by itself. If it comes again and again, the runbook is FeishuWsFlapping.',
  },
  connection_reset: {
    verdict: 'retry',
    help: 'The transport broke without a close frame; the next connection opens by itself. If it comes again and again, something in between cuts long connections: a NAT, a firewall, a proxy with a time limit. The runbook is FeishuWsFlapping.',
  },
  heartbeat_timeout: {
    verdict: 'retry',
    help: 'Pings went unanswered, and so did the ping that asked again: half-open; the next connection opens by itself. If it comes again and again, something in between forgets idle connections, or this process is starved. The runbook is FeishuWsHalfOpen.',
  },
  protocol_error: {
    verdict: 'retry',
    help: 'The peer broke the WebSocket protocol, or sent a frame over the size limit; the next connection opens by itself. If it comes again and again, let the gateway bypass the proxy, and report it with the log.',
  },
  internal_error: {
    verdict: 'retry',
    help: 'A bug in this connector; the detail says where. Please report it. It is retried like any other failure.',
  },
  replaced: {
    verdict: 'retry',
    help: 'A new connection was proven and took over from this one, which had become suspect; nothing was interrupted. Nothing is to be done.',
  },
  local_stop: { verdict: 'retry', help: 'stop() was called.' },
} as const satisfies Record<string, { verdict: Verdict; help: string }>;

export type FailureCode = keyof typeof FAILURES;

/** A Failure with what was seen: `detail` is for people, free of secrets, and never a metric label. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
}

export function verdictOf(code: FailureCode): Verdict {
  return FAILURES[code].verdict;
}
