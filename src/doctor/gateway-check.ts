import { gatewayOf } from '../wire/index.js';
import { type Check, type Finding, fail, ok, skip, warn } from './check.js';
import type { Visit } from './visit.js';
import { WAY_STEPS, wayTo } from './way-checks.js';
import { printable } from './words.js';

/**
 * The way to the gateway: another host than the one that is asked for tickets, which a firewall or a proxy may treat
 * otherwise (F17). No WebSocket is opened and no ticket is shown, so the platform counts no connection.
 */
export const GATEWAY_CHECK: Check<Visit> = { name: 'gateway', look: gateway };

/** Beside a daemon, which tells where its latest ticket led: none is asked for. */
export const GATEWAY_BESIDE_DAEMON: Check<Visit> = { ...GATEWAY_CHECK, needs: [] };

async function gateway(visit: Visit, limitMs: number): Promise<Finding> {
  const { status, ticket, clock } = visit;
  const origin = ticket === null ? status?.gateway : gatewayOf(ticket).origin;
  if (origin === undefined) return skip('the daemon does not tell which gateway it goes to');
  if (origin === null) return skip('the daemon has had no ticket yet, which would name it');
  // What answers as a daemon is not known to be one.
  if (!isGateway(origin)) return skip(`what the daemon names as its gateway is none: ${printable(origin)}`);
  const startedAt = clock.now();
  const way = wayTo(visit, origin, 'the gateway');
  visit.gatewayWay = way;
  const taken: Finding[] = [];
  for (const { name, take } of WAY_STEPS) {
    const finding = await take(way, Math.max(1, Math.floor(limitMs - (clock.now() - startedAt))));
    const tookMs = clock.now() - startedAt;
    if (finding.result === 'fail')
      return fail(
        `${origin}, ${name}: ${finding.evidence}`,
        `${finding.advice}${BLOCKED.includes(name) ? otherHost(visit, origin) : ''}`,
        {
          tookMs,
        },
      );
    if (finding.result !== 'skip') taken.push(finding);
  }
  const tookMs = clock.now() - startedAt;
  const told = taken.map(({ evidence }) => evidence).join('; ');
  const advice = taken.flatMap((finding) => finding.advice ?? []).join(' ');
  return advice === '' ? ok(told, { tookMs }) : warn(told, advice, { tookMs });
}

function isGateway(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin && /^wss?:/.test(origin);
}

/** Where a rule for one host may be missing for the other. */
const BLOCKED: readonly string[] = ['DNS', 'TCP', 'tunnel'];

/** The one thing that people do not know, and most firewalls are set up without. */
function otherHost({ app: { baseUrl } }: Visit, origin: string): string {
  const [platform, { host }] = [new URL(baseUrl).host, new URL(origin)];
  return host === platform
    ? ''
    : ` It is another host than ${platform}: what lets that through must let ${host} through.`;
}
