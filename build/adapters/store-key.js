import { StoreError } from '../ports/index.js';
/** The port's limit; LMDB itself would take 1,978 bytes. */
export const MAX_STORE_KEY_BYTES = 500;
/**
 * A key as it is stored. Plain UTF-8 sorts bytewise as the port promises, and by code point.
 * @returns null for text that cannot be a key: empty, too long, or with half a surrogate pair, which UTF-8 cannot
 *   tell from others.
 */
export function storeKeyOf(key) {
    const bytes = Buffer.from(key, 'utf8');
    if (bytes.length === 0 || bytes.length > MAX_STORE_KEY_BYTES)
        return null;
    return bytes.length === key.length || bytes.toString('utf8') === key ? bytes : null;
}
/** What a commit with such a key is refused with: a mistake of the caller, told without the whole key. */
export function badKey(table, key) {
    const shown = JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
    return new StoreError('failed', `A key of the table ${table} must be 1 to ${MAX_STORE_KEY_BYTES} bytes of well-formed UTF-8, got ${shown} of ${Buffer.byteLength(key)} bytes`);
}
