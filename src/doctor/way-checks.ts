import type { CertificateSeen, Exploration, NetworkError, TlsSeen } from '../ports/index.js';
import { type Check, type Finding, fail, ok, skip, warn } from './check.js';
import { foundBefore, type Visit } from './visit.js';
import { printable, span } from './words.js';

/** A host of the platform, and the walk towards it. */
export interface Way {
  /** Scheme, host and port: what people are told. */
  readonly url: string;
  readonly who: 'the platform' | 'the gateway';
  readonly walk: Exploration;
  /** Epoch milliseconds: certificates are judged by it. */
  wallNow(): number;
}

/** One step of a way. Each needs those before it. */
interface WayStep {
  readonly name: 'proxy' | 'DNS' | 'TCP' | 'tunnel' | 'TLS';
  take(way: Way, limitMs: number): Finding | Promise<Finding>;
}

/** Every step, in order. Nothing is said to the host that an app could be told by. */
export const WAY_STEPS: readonly WayStep[] = [
  { name: 'proxy', take: proxy },
  { name: 'DNS', take: dns },
  { name: 'TCP', take: tcp },
  { name: 'tunnel', take: tunnel },
  { name: 'TLS', take: tls },
];

/** The way to the platform, a check for each step. */
export const WAY_CHECKS: readonly Check<Visit>[] = WAY_STEPS.map(({ name, take }, index) => ({
  name,
  look: (visit, limitMs) => {
    if (index === 0) visit.way = wayTo(visit, visit.app.baseUrl, 'the platform');
    return take(foundBefore(visit.way), limitMs);
  },
}));

/** Nothing is opened yet. */
export function wayTo({ wayOut, clock }: Visit, url: string, who: Way['who']): Way {
  return { url, who, walk: wayOut.scout.explore(url), wallNow: () => clock.wallNow() };
}

function proxy({ url, walk: { route } }: Way): Finding {
  if (route.via === 'direct') return ok(`${url} is gone to directly: ${route.why}`);
  if (route.via === 'proxy') return ok(`${url} is gone to by the proxy ${route.proxy}: ${route.why}`);
  return fail(
    `there is no way to ${url}: ${printable(route.why)}`,
    'Write it as http://user:password@host:port, or take it out of the option proxy and the environment.',
  );
}

async function dns({ walk, who }: Way, limitMs: number): Promise<Finding> {
  const step = await walk.resolve(limitMs);
  const { tookMs } = step;
  if (!step.ok) {
    const advice = `Nothing reaches ${who} until the name resolves; a connector retries for ever. Check /etc/resolv.conf and the resolver it names (getent hosts ${walk.host}).${later(step.detail)}`;
    return fail(`dns_failed after ${span(tookMs)}: ${printable(step.detail)}`, advice, { tookMs });
  }
  const shown = step.seen.slice(0, 4).join(', ');
  const more = step.seen.length > 4 ? ` and ${step.seen.length - 4} more` : '';
  const told = `${walk.host} is ${shown}${more}, by the resolver in ${span(tookMs)}`;
  if (step.seen.length === 0)
    return fail(`${walk.host} has no address`, 'Check its spelling, and the resolver.', { tookMs });
  if (step.seen.every((address) => address === walk.host)) return ok(`${walk.host} is an address: nothing to resolve`);
  return tookMs > SLOW_DNS_MS
    ? warn(told, 'A slow resolver delays every reconnect: ask one that is nearer.', { tookMs })
    : ok(told, { tookMs });
}

/** Each attempt asks anew: half a second of it is a delay that users see. */
const SLOW_DNS_MS = 500;

async function tcp({ walk, who: host }: Way, limitMs: number): Promise<Finding> {
  const step = await walk.connect(limitMs);
  const { tookMs } = step;
  if (step.ok) return ok(`connected to ${step.seen.address}:${step.seen.port} in ${span(tookMs)}`, { tookMs });
  const who = walk.route.via === 'proxy' ? 'the proxy' : host;
  const words = `${step.error} after ${span(tookMs)}: ${printable(step.detail)}`;
  return fail(words, `${TCP_ADVICE[step.error]?.(who) ?? `No connection to ${who}.`}${later(step.detail)}`, { tookMs });
}

const TCP_ADVICE: Partial<Record<NetworkError, (who: string) => string>> = {
  refused: (who) =>
    who === 'the gateway'
      ? 'A firewall answers in its place, or nobody listens there: ask again, as the next ticket may name another one.'
      : `Nobody listens there: check the address of ${who}; a firewall may answer in its place.`,
  timeout: (who) => `Packets to ${who} get lost: most often a firewall. Let this machine out, or set the proxy.`,
  unreachable: () => 'This machine has no route there: check its network, and IPv6 if the address is one.',
  reset: () => 'Something in between cuts the connection: a firewall or a proxy that is not configured here.',
};

async function tunnel({ walk, url }: Way, limitMs: number): Promise<Finding> {
  if (walk.route.via !== 'proxy') return skip('no proxy is on the way');
  const step = await walk.tunnel(limitMs);
  const { tookMs } = step;
  if (step.ok) return ok(`${walk.route.proxy} opened a tunnel to ${url} in ${span(tookMs)}`, { tookMs });
  const advice = `${tunnelAdvice(step)}${later(step.detail)}`;
  return fail(`proxy_failed after ${span(tookMs)}: ${printable(step.detail)}`, advice, { tookMs });
}

function tunnelAdvice({ error, detail }: { readonly error: NetworkError; readonly detail: string }): string {
  if (error === 'tls')
    return 'It is the proxy that is not trusted: put the certificate of its authority into caFile (FEISHU_CA_FILE).';
  if (detail.includes('HTTP 407'))
    return 'Put a user and a password that the proxy takes into its URL: http://user:password@host:port.';
  if (detail.includes('does not speak HTTP'))
    return 'What listens there is no HTTP proxy: check address and port, and whether its URL must begin with https://.';
  return 'The proxy must allow CONNECT to the platform and to its gateway, for as long as a connection lives. Where it need not be used, NO_PROXY exempts the host.';
}

async function tls({ walk, url, who, wallNow }: Way, limitMs: number): Promise<Finding> {
  if (!walk.isSecure) {
    walk.close();
    if (isOwnMachine(url)) return skip(`${url} speaks no TLS`);
    return who === 'the platform'
      ? warn(`${url} speaks no TLS: the app secret and every event travel in clear text`, 'Write https:// in domain.')
      : warn(
          `${url} speaks no TLS: every event travels in clear text`,
          'The platform named that address: whoever runs it must name one with wss://. Feishu and Lark do.',
        );
  }
  const step = await walk.secure(limitMs);
  // Its work is done: the checks behind it open connections of their own.
  walk.close();
  const { tookMs } = step;
  if (step.ok) return judgeTls(step.seen, { url, tookMs, now: wallNow() });
  const advice =
    step.error === 'tls'
      ? 'Name a file of PEM certificates in caFile that this process may read.'
      : `Something in between may not let TLS through: a firewall, a captive portal, a proxy.${later(step.detail)}`;
  return fail(`${step.error} after ${span(tookMs)}: ${printable(step.detail)}`, advice, { tookMs });
}

const DAY_MS = 86_400_000;
/** Whoever renews by hand needs this long to hear of it. */
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** What the certificates say. Pure. */
export function judgeTls(
  { protocol, chain, names, distrust, isPublic }: TlsSeen,
  { url, tookMs, now }: { readonly url: string; readonly tookMs: number; readonly now: number },
): Finding {
  const links = chain.map((link) => chainWords(link, now)).join(' ← ');
  const issuer = printable(chain.at(-1)?.issuer ?? 'nobody');
  const told = `${protocol} in ${span(tookMs)}; ${links || 'no certificate'}`;
  if (distrust !== null) {
    const evidence = `${printable(distrust.detail)}; ${told}`;
    return fail(evidence, distrustAdvice(distrust.code, issuer, names, url), { tookMs });
  }
  const soonest = [...chain].sort((a, b) => a.validTo - b.validTo)[0];
  if (soonest !== undefined && soonest.validTo - now < EXPIRES_SOON_MS) {
    const evidence = `${told}; ${printable(soonest.subject)} expires in ${span(soonest.validTo - now)}`;
    const whose = isPublic === true ? 'It is its owner who renews it' : `Whoever runs ${issuer} must renew it`;
    return warn(evidence, `${whose}: after that nothing connects.`, { tookMs });
  }
  // Not wrong by itself; and worth knowing when sockets are cut or mangled.
  const between =
    isPublic === false
      ? `; its authority ${issuer} is not a public one: something in between opens TLS, or the platform is private`
      : '';
  return ok(`${told}${between}`, { tookMs });
}

function chainWords({ subject, validFrom, validTo }: CertificateSeen, now: number): string {
  const name = printable(subject);
  if (now > validTo) return `${name} (expired ${span(now - validTo)} ago)`;
  return now < validFrom ? `${name} (valid only in ${span(validFrom - now)})` : `${name} (${days(validTo - now)} left)`;
}

function days(ms: number): string {
  const count = Math.floor(ms / DAY_MS);
  return `${count} ${count === 1 ? 'day' : 'days'}`;
}

function distrustAdvice(code: string, issuer: string, names: readonly string[], url: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const shown = names.slice(0, 5).map(printable).join(', ') || 'no host';
    return `It is for ${shown}: something in between answers in the place of ${url}, or domain is wrong.`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return "Look at this machine's clock first (date -u); if that is right, its owner must renew the certificate.";
  if (code === 'CERT_REVOKED' || code === 'CERT_SIGNATURE_FAILURE')
    return 'Do not go on: something in between may have forged it.';
  return `Nobody here knows the authority ${issuer}. If that is your TLS-inspecting proxy or your own authority, put its certificate into a PEM file and name it in caFile (FEISHU_CA_FILE).`;
}

/** Whether what is sent there leaves this machine at all. */
export function isOwnMachine(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

/** Running connectors have longer deadlines: what is slow here need not fail there. */
function later(detail: string): string {
  return / within \d+ ms$/.test(detail) ? ' --timeout gives it longer.' : '';
}
