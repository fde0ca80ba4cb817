import { BlockList, isIP } from 'node:net';
import { learnSecret } from '../ports/index.js';

/**
 * Which way connections take: `environment` asks the usual variables, `none` never uses a proxy, and a URL such as
 * `http://user:password@proxy.example:3128` is used for every connection.
 */
export type ProxySetting = 'environment' | 'none' | (string & {});

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that is asked for tunnels with CONNECT. */
export interface ProxyServer {
  /** How the proxy itself is spoken to. */
  readonly protocol: 'http:' | 'https:';
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The `Proxy-Authorization` header. A secret; null if the URL has no user. */
  readonly authorization: string | null;
  /** What messages call it: the URL without the credentials. */
  readonly label: string;
}

/** The way to one target. */
export type ProxyChoice =
  | { readonly via: 'direct' }
  | { readonly via: 'proxy'; readonly proxy: ProxyServer }
  /** A proxy is wanted that cannot be used. Going direct instead would leave the way that the operator chose. */
  | { readonly via: 'nowhere'; readonly reason: string };

/**
 * The way to a target; HTTP calls and the socket both ask here. `ws:` counts as `http:`, `wss:` as `https:`.
 *
 * With the setting `environment` the conventions are curl's: `https_proxy` or `http_proxy` by the target's scheme, then
 * `all_proxy`; lower case first, and an empty variable is none. `no_proxy` is a list of hosts (with their subdomains),
 * `.suffixes`, `*.suffixes`, addresses and CIDR blocks, each but the last with an optional `:port`, or `*`. As in Go, a
 * loopback target is never sent to an environment's proxy: the proxy's loopback is another machine's.
 *
 * An explicit proxy is used for every target, loopback too; `no_proxy` is not asked.
 */
export function proxyFor(target: URL, setting: ProxySetting, environment: Environment): ProxyChoice {
  return explainedProxyFor(target, setting, environment).choice;
}

/** {@link proxyFor}, and in words which setting decided. The words hold no URL of a proxy. */
export function explainedProxyFor(
  target: URL,
  setting: ProxySetting,
  environment: Environment,
): { readonly choice: ProxyChoice; readonly why: string } {
  const direct = { via: 'direct' } as const;
  if (setting === 'none') return { choice: direct, why: 'the option proxy is none' };
  if (setting !== 'environment') return { choice: choiceOf(setting, 'the option proxy'), why: 'by the option proxy' };
  const isSecure = target.protocol === 'https:' || target.protocol === 'wss:';
  const names = [isSecure ? 'https_proxy' : 'http_proxy', 'all_proxy'];
  const found = firstSet(environment, names);
  if (found === null)
    return { choice: direct, why: `neither ${names.map((name) => name.toUpperCase()).join(' nor ')} is set` };
  if (isLoopback(hostOf(target))) return { choice: direct, why: `${found.name} is not for loopback` };
  const exempt = firstSet(environment, ['no_proxy']);
  if (exempt !== null && isExempt(hostOf(target), portOf(target), exempt.value))
    return { choice: direct, why: `${exempt.name} exempts it from ${found.name}` };
  return { choice: choiceOf(found.value, found.name), why: `by ${found.name}` };
}

/**
 * Refuses a setting that could never work, without repeating it: it may hold a password.
 * @throws RangeError
 */
export function checkProxySetting(setting: unknown): void {
  if (setting === undefined || setting === 'environment' || setting === 'none') return;
  if (typeof setting !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(setting) || choiceOf(setting, '').via !== 'proxy')
    throw new RangeError('proxy must be environment, none or the http: or https: URL of a proxy');
}

/** A target's host without the brackets of an IPv6 address. */
export function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '');
}

/** A target's port, or the one that its scheme implies. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
}

function firstSet(environment: Environment, names: readonly string[]): { name: string; value: string } | null {
  for (const name of names.flatMap((each) => [each, each.toUpperCase()])) {
    const value = environment[name]?.trim() ?? '';
    if (value !== '') return { name, value };
  }
  return null;
}

function choiceOf(text: string, source: string): ProxyChoice {
  // `proxy.example:3128` is how many write it.
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || url.hostname === '') return { via: 'nowhere', reason: `${source} is not the URL of a proxy` };
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    const reason = `${source} names a proxy of the scheme ${protocol.slice(0, -1)}; only http and https are supported`;
    return { via: 'nowhere', reason };
  }
  const port = portOf(url);
  const label = `${protocol}//${url.hostname}:${port}`;
  return { via: 'proxy', proxy: { protocol, host: hostOf(url), port, authorization: authorizationOf(url), label } };
}

function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  // One that stands alone is a token.
  learnSecret(unescaped(password === '' ? username : password));
  return `Basic ${Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64')}`;
}

/** A `%` that escapes nothing stands for itself: passwords get pasted as they are. */
function unescaped(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

function isLoopback(host: string): boolean {
  if (/^(.+\.)?localhost\.?$/.test(host)) return true;
  return isInBlock(host, '127.0.0.0/8') || isInBlock(host, '::1/128');
}

function isExempt(host: string, port: number, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => isMatch(host, port, entry.toLowerCase()));
}

function isMatch(host: string, port: number, entry: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInBlock(host, entry);
  // An IPv6 address has colons of its own; its port needs brackets.
  const [, bracketed, name = entry, entryPort] =
    isIP(entry) === 6 ? [] : (/^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? []);
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  const wanted = bracketed ?? name;
  const version = isIP(wanted);
  if (version !== 0) return isInBlock(host, `${wanted}/${version === 4 ? 32 : 128}`);
  const suffix = wanted.replace(/^\*?\./, '').replace(/\.$/, '');
  const bare = host.replace(/\.$/, '');
  return suffix !== '' && (bare === suffix || bare.endsWith(`.${suffix}`));
}

function isInBlock(host: string, block: string): boolean {
  const [address = '', length = ''] = block.split('/');
  const [hostVersion, blockVersion] = [isIP(host), isIP(address)];
  if (hostVersion === 0 || blockVersion === 0 || !/^\d{1,3}$/.test(length)) return false;
  if (Number(length) > (blockVersion === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(length), blockVersion === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, hostVersion === 4 ? 'ipv4' : 'ipv6');
}
