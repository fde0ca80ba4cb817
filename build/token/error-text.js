import { Readable } from 'node:stream';
// Far more than any error answer of the platform.
const LENGTH_LIMIT = 65_536;
const LONGEST_WAIT_MS = 5_000;
/**
 * The text of an error answer that came as a stream or as bytes, null for any other kind. Reading stops, and the stream
 * is destroyed, at a size no error answer has, when it breaks, or when it takes too long: what came by then is the text.
 */
export async function errorTextOf(body, timeoutMs) {
    if (body instanceof ArrayBuffer)
        return textOf(Buffer.from(body));
    if (Buffer.isBuffer(body))
        return textOf(body);
    if (!(body instanceof Readable))
        return null;
    const limit = setTimeout(() => body.destroy(new Error('too slow')), Math.min(timeoutMs, LONGEST_WAIT_MS));
    const chunks = [];
    let length = 0;
    try {
        for await (const chunk of body) {
            const bytes = Buffer.from(chunk);
            chunks.push(bytes);
            length += bytes.length;
            if (length >= LENGTH_LIMIT)
                break;
        }
    }
    catch {
        // The call has failed already; this text only says why, as far as it came.
    }
    finally {
        clearTimeout(limit);
        body.destroy();
    }
    return textOf(Buffer.concat(chunks));
}
function textOf(bytes) {
    return bytes.toString('utf8', 0, LENGTH_LIMIT);
}
