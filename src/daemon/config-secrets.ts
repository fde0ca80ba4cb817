import { learnSecret, learnUrlSecrets, looksLikeSecret } from '../ports/index.js';
import { SINK_SECRETS } from './config-sink.js';
import { SURFACE_SECRETS } from './config-surface.js';

/** Keys whose value is never repeated: a URL may hold a password. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['appSecret', 'proxy', ...SINK_SECRETS, ...SURFACE_SECRETS]);

/** Keys of URLs, which are told without what may be secret in them. Under every other key the text itself is the secret. */
export const URL_KEYS: ReadonlySet<string> = new Set(['proxy', 'url', 'servers', 'endpoint']);

/**
 * Learns every secret of a configuration before anything is said about it: a secret that landed under the wrong key, in
 * the path of a file say, is as secret as elsewhere, and so is the one that a handler module throws when it is loaded.
 */
export function learnSecretsIn(value: unknown, key = ''): void {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (looksLikeSecret(name)) learnSecret(name.trim());
      learnSecretsIn(inner, Array.isArray(value) ? key : name);
    }
    return;
  }
  if (typeof value !== 'string') return;
  if (looksLikeSecret(value)) learnSecret(value.trim());
  // A password such as `tok:abc` would pass for a URL as well.
  if (URL_KEYS.has(key) && URL.canParse(value)) learnUrlSecrets(new URL(value));
  else if (SECRET_KEYS.has(key)) learnSecret(value);
}
