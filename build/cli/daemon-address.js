import { InvalidArgumentError } from 'commander';
import { ConfigError } from '../daemon/config-error.js';
import { formatListenAddress } from '../daemon/listen-address.js';
/**
 * Null where a daemon is named and nothing else is known: its own word is enough then.
 * @throws ConfigError
 */
export async function configurationOf({ config, url }, face) {
    const { loadConfig } = await import('../daemon/config.js');
    try {
        return await loadConfig({ file: config, env: face.env, cwd: face.cwd });
    }
    catch (error) {
        const isNone = error instanceof ConfigError && error.problems.every(({ isMissing }) => isMissing);
        if (url !== undefined && isNone)
            return null;
        throw error;
    }
}
/** The base URL of its HTTP surface; null for port 0, which only the daemon itself knows. */
export function daemonUrlOf({ listen }) {
    if (listen.port === 0)
        return null;
    // Whoever listens everywhere listens on loopback too.
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.host] ?? listen.host;
    return `http://${formatListenAddress({ ...listen, host })}`;
}
/** A parser of `--url`. */
export function surfaceUrl(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
        throw new InvalidArgumentError('It must be a base URL such as http://127.0.0.1:9464.');
    }
    // It would end up in the output.
    if (url.username !== '' || url.password !== '')
        throw new InvalidArgumentError('It must not hold a user or password.');
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
/** A parser of `--timeout`. */
export function seconds(text) {
    const value = Number(text);
    if (text.trim() !== '' && value >= 1 && value <= 300)
        return value;
    throw new InvalidArgumentError('It must be a number of seconds from 1 to 300.');
}
