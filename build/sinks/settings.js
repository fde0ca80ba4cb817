import { JETSTREAM_DEFAULTS } from './jetstream.js';
import { STREAM_DEFAULTS } from './nats.js';
import { WEBHOOK_DEFAULTS, WEBHOOK_MODES } from './webhook.js';
/**
 * Checks the settings of a webhook.
 * @throws RangeError naming setting, bound and value; never the URL, which may hold a secret.
 */
export function checkWebhookSettings(settings) {
    const { url, mode, timeoutMs, maxInFlight } = { ...WEBHOOK_DEFAULTS, ...settings };
    if (!isWebhookUrl(url)) {
        refuse('url', 'an http: or https: URL without user and fragment', `text of ${String(url).length} characters`);
    }
    if (!WEBHOOK_MODES.includes(mode))
        refuse('mode', `one of ${WEBHOOK_MODES.join(', ')}`, JSON.stringify(mode));
    wholeNumber('timeoutMs', timeoutMs, 100, 60_000);
    wholeNumber('maxInFlight', maxInFlight, 1, 1_000);
}
/**
 * Checks the settings of a JetStream sink.
 * @throws RangeError naming setting, bound and value.
 */
export function checkJetStreamSettings(settings) {
    const { servers, subject, partitions, timeoutMs, maxInFlight, stream } = { ...JETSTREAM_DEFAULTS, ...settings };
    if (servers.length < 1 || servers.length > 50)
        refuse('servers.length', 'from 1 to 50', String(servers.length));
    for (const [index, server] of servers.entries()) {
        // Credentials have files of their own: what stands in an address ends up in lists and messages.
        if (!SERVER.test(server))
            refuse(`servers[${index}]`, 'nats://host:port or tls://host:port', 'another text');
    }
    if (!SUBJECT.test(subject))
        refuse('subject', 'tokens of letters, digits, _ and - between full stops', JSON.stringify(subject));
    wholeNumber('partitions', partitions, 1, 1_024);
    wholeNumber('timeoutMs', timeoutMs, 100, 60_000);
    wholeNumber('maxInFlight', maxInFlight, 1, 10_000);
    if (stream !== undefined)
        checkStreamSettings(stream);
}
function checkStreamSettings(stream) {
    const { name, subjects, maxAgeMs, maxBytes, replicas, duplicateWindowMs } = { ...STREAM_DEFAULTS, ...stream };
    if (!/^[\w-]{1,64}$/.test(name))
        refuse('stream.name', '1 to 64 letters, digits, _ and -', JSON.stringify(name));
    for (const [index, subject] of (subjects ?? []).entries()) {
        if (!WILD_SUBJECT.test(subject))
            refuse(`stream.subjects[${index}]`, 'a subject', JSON.stringify(subject));
    }
    wholeNumber('stream.maxAgeMs', maxAgeMs, 60_000, YEAR_MS);
    if (maxBytes !== undefined)
        wholeNumber('stream.maxBytes', maxBytes, 1_048_576, Number.MAX_SAFE_INTEGER);
    wholeNumber('stream.replicas', replicas, 1, 5);
    wholeNumber('stream.duplicateWindowMs', duplicateWindowMs, 100, Math.min(maxAgeMs, DAY_MS));
}
// A stream takes nanoseconds, which a double holds exactly for a hundred days and well enough for a year.
const YEAR_MS = 31_536_000_000;
const DAY_MS = 86_400_000;
const SERVER = /^(nats|tls):\/\/(\[[0-9a-f:]+\]|[a-z0-9._-]+)(:\d{1,5})?\/?$/i;
const SUBJECT = /^[\w-]{1,100}(\.[\w-]{1,100}){0,9}$/;
const WILD_SUBJECT = /^([\w-]+|\*)(\.([\w-]+|\*))*(\.>)?$|^>$/;
function isWebhookUrl(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    return (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '');
}
function wholeNumber(name, value, min, max) {
    if (Number.isInteger(value) && value >= min && value <= max)
        return;
    refuse(name, `a whole number from ${min} to ${max}`, String(value));
}
function refuse(name, bound, given) {
    throw new RangeError(`${name} must be ${bound}, got ${given}`);
}
