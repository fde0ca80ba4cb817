import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import * as tls from 'node:tls';
import { TransportError } from './network-error.js';
/**
 * Makes a {@link Trust}. A context costs milliseconds, so it is kept for as long as the certificates are the same.
 * @throws RangeError if `ca` holds no certificate.
 */
export function createTrust({ ca, caFile }) {
    const given = ca === undefined ? [] : checkCertificates(ca);
    let kept = null;
    return async (signal) => {
        if (ca === undefined && caFile === undefined)
            return undefined;
        const read = caFile === undefined ? [] : await readCertificates(caFile, signal);
        const text = read.join('\n');
        if (kept?.text !== text) {
            kept = {
                text,
                context: tls.createSecureContext({ ca: [...(await usualCertificates(signal)), ...given, ...read] }),
            };
        }
        return kept.context;
    };
}
/**
 * The certificates in PEM text, one by one.
 * @throws RangeError if there is none, or one that cannot be read.
 */
export function checkCertificates(ca) {
    const parts = Array.isArray(ca) ? ca : [ca];
    const found = parts.flatMap((part) => {
        if (typeof part !== 'string' && !Buffer.isBuffer(part))
            throw new RangeError('ca must be PEM text');
        return certificatesOf(part.toString('utf8'));
    });
    if (found.length === 0)
        throw new RangeError('ca must hold at least one PEM certificate');
    return found;
}
function certificatesOf(text) {
    const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    for (const certificate of found) {
        try {
            new X509Certificate(certificate);
        }
        catch {
            throw new RangeError('ca must be PEM certificates; one of them cannot be read');
        }
    }
    return found;
}
/**
 * The certificates in a PEM file. Rejects with a {@link TransportError} `tls` that names the file and what is wrong
 * with it, or with the signal's reason.
 */
export async function readCertificates(path, signal) {
    const unusable = (why) => new TransportError('tls', `the CA file ${path} can't be used: ${why}`);
    let text;
    try {
        const entry = await stat(path);
        // Opening a pipe would wait for its writer, in a thread that can't be interrupted.
        if (!entry.isFile())
            throw unusable('it is no regular file');
        if (entry.size > FILE_LIMIT_BYTES)
            throw unusable(`it has more than ${FILE_LIMIT_BYTES} bytes`);
        text = await readFile(path, { encoding: 'utf8', ...(signal && { signal }) });
    }
    catch (error) {
        signal?.throwIfAborted();
        if (error instanceof TransportError)
            throw error;
        throw unusable(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
    try {
        return checkCertificates(text);
    }
    catch {
        throw unusable('it must hold PEM certificates and nothing broken');
    }
}
// Eight times what all the usual authorities take together.
const FILE_LIMIT_BYTES = 2_097_152;
/** What Node would trust by itself: a `ca` of one's own takes the place of it all. */
async function usualCertificates(signal) {
    // Since Node 22.15; it knows of the system's store and of NODE_EXTRA_CA_CERTS.
    const { getCACertificates } = tls;
    if (getCACertificates !== undefined)
        return getCACertificates('default');
    const extra = process.env.NODE_EXTRA_CA_CERTS;
    if (!extra)
        return tls.rootCertificates;
    try {
        return [...tls.rootCertificates, ...(await readCertificates(extra, signal))];
    }
    catch {
        // Node warned of it when the process started, and goes on without it too.
        signal.throwIfAborted();
        return tls.rootCertificates;
    }
}
