import { learnSecret } from '../ports/index.js';
import { looksLikeSecret } from './config-error.js';
import { SINK_SECRETS } from './config-sink.js';
/** Keys whose value is never repeated: a URL may hold a password. */
export const SECRET_KEYS = new Set(['appSecret', 'proxy', ...SINK_SECRETS]);
/** A shorter part of a path is a word: `/hooks`. */
const SHORTEST_SEGMENT = 16;
/**
 * Learns every secret of a configuration before anything is said about it: a secret that landed under the wrong key, in
 * the path of a file say, is as secret as elsewhere, and so is the one that a handler module throws when it is loaded.
 */
export function learnSecretsIn(value, key = '') {
    if (typeof value === 'object' && value !== null) {
        for (const [name, inner] of Object.entries(value)) {
            if (looksLikeSecret(name))
                learnSecret(name.trim());
            learnSecretsIn(inner, Array.isArray(value) ? key : name);
        }
        return;
    }
    if (typeof value !== 'string')
        return;
    if (looksLikeSecret(value))
        learnSecret(value.trim());
    if (!SECRET_KEYS.has(key))
        return;
    if (URL.canParse(value))
        learnUrl(new URL(value));
    else
        learnSecret(value);
}
/** Of a URL that may hold a secret, what may be it. Its host is none, and is needed in messages. */
function learnUrl({ username, password, pathname, searchParams }) {
    const segments = pathname.split('/').filter(({ length }) => length >= SHORTEST_SEGMENT);
    for (const part of [username, password, ...segments]) {
        learnSecret(part);
        learnSecret(decoded(part));
    }
    for (const text of searchParams.values())
        learnSecret(text);
}
function decoded(part) {
    try {
        return decodeURIComponent(part);
    }
    catch {
        return part; // a % that escapes nothing: it stands for itself
    }
}
