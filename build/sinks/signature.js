import { createHmac, timingSafeEqual } from 'node:crypto';
const PREFIX = 'whsec_';
/**
 * The bytes of a signing secret: `whsec_` and base64, as the specification writes it; anything else is taken as it is.
 * @throws RangeError if they are too few to protect anything. The message does not hold them.
 */
export function signingKeyOf(secret) {
    const key = secret.startsWith(PREFIX) ? decoded(secret.slice(PREFIX.length)) : Buffer.from(secret, 'utf8');
    if (key.length < KEY_MIN_BYTES) {
        throw new RangeError(`the webhook secret has ${key.length} bytes; ${KEY_MIN_BYTES} are the least, 32 are good: whsec_ and the output of "openssl rand -base64 32"`);
    }
    return key;
}
const KEY_MIN_BYTES = 24; // what the specification asks for
function decoded(base64) {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
        throw new RangeError('the webhook secret begins with whsec_, but what follows is no base64');
    }
    return Buffer.from(base64, 'base64');
}
/**
 * Signs one try.
 * @param timestamp Seconds since the epoch, a whole number.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(key, id, timestamp, body) {
    return {
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${hmacOf(key, id, String(timestamp), body).toString('base64')}`,
    };
}
/**
 * Whether a webhook is the sender's, and recent: for receivers. Compares in constant time.
 * @throws RangeError if a secret cannot be one.
 */
export function verifyWebhook(webhook) {
    const { secrets, headers, nowMs = Date.now(), toleranceSeconds = 300 } = webhook;
    const body = typeof webhook.body === 'string' ? webhook.body : Buffer.from(webhook.body).toString('utf8');
    const id = textOf(headers['webhook-id']);
    const timestamp = textOf(headers['webhook-timestamp']);
    const signatures = textOf(headers['webhook-signature']);
    if (id === null || timestamp === null || signatures === null || !/^\d{1,12}$/.test(timestamp))
        return false;
    if (Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) > toleranceSeconds)
        return false;
    const given = signatures
        .split(' ')
        .slice(0, SIGNATURES_MAX_COUNT)
        .filter((signature) => signature.startsWith('v1,'))
        .map((signature) => Buffer.from(signature.slice(3), 'base64'));
    return secrets.map(signingKeyOf).some((key) => {
        const wanted = hmacOf(key, id, timestamp, body);
        return given.some((signature) => signature.length === wanted.length && timingSafeEqual(signature, wanted));
    });
}
const SIGNATURES_MAX_COUNT = 10;
function hmacOf(key, id, timestamp, body) {
    return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest();
}
function textOf(header) {
    const text = typeof header === 'string' ? header : header?.[0];
    return text === undefined || text === '' ? null : text;
}
