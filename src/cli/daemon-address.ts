import { InvalidArgumentError } from 'commander';
import type { DaemonConfig } from '../daemon/index.js';
import { formatListenAddress } from '../daemon/listen-address.js';

/** How a command line names the daemon that it asks. */
export interface DaemonAddress {
  /** The configuration file of the daemon. */
  readonly config?: string;
  /** Base URL of its HTTP surface. */
  readonly url?: string;
  /**
   * Whether a configuration that is wrong, and not merely absent, is an error. Default true. False for who asks whether it
   * runs at all: it does so with the configuration that it started with.
   */
  readonly needsSoundConfig?: boolean;
}

/** The base URL of its HTTP surface; null for port 0, which only the daemon itself knows. */
export function daemonUrlOf({ listen, surface }: Pick<DaemonConfig, 'listen' | 'surface'>): string | null {
  if (listen.port === 0) return null;
  // Whoever listens everywhere listens on loopback too.
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.host] ?? listen.host;
  return `${surface?.tls ? 'https' : 'http'}://${formatListenAddress({ ...listen, host })}`;
}

/** A parser of `--url`: the base URL of a daemon's surface, or `unix:` and the path of its control socket. */
export function surfaceUrl(text: string): string {
  return /^unix:\/./.test(text) ? text : webUrl(text, 'FEISHU_HTTP_USER and FEISHU_HTTP_PASSWORD_FILE');
}

/** A parser of `--prometheus`. */
export function prometheusUrl(text: string): string {
  return webUrl(text, '--prometheus-user and --prometheus-password-file');
}

/** @param credentials Where a user and a password belong. */
function webUrl(text: string, credentials: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError('It must be a base URL such as http://127.0.0.1:9464.');
  }
  // It would end up in the output.
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError(`It must not hold a user or password: those go into ${credentials}.`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** A parser of `--timeout`. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 1 && value <= 300) return value;
  throw new InvalidArgumentError('It must be a number of seconds from 1 to 300.');
}
