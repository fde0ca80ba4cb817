const MAX_BODY_BYTES = 1024 * 1024;
/** Reads a request whole. `broken_off`: the client left in the middle, and nobody waits for an answer. */
export function readRequest(incoming) {
    return new Promise((resolve) => {
        const chunks = [];
        let size = 0;
        incoming.on('data', (chunk) => {
            size += chunk.length;
            // The rest is read and thrown away: a client that is still sending would not see the answer.
            if (size > MAX_BODY_BYTES)
                resolve('too_large');
            else
                chunks.push(chunk);
        });
        incoming.on('end', () => resolve(requestOf(incoming, Buffer.concat(chunks).toString('utf8'))));
        incoming.on('error', () => resolve('broken_off'));
        incoming.on('close', () => resolve('broken_off'));
    });
}
function requestOf(incoming, body) {
    const { localAddress = '127.0.0.1', localPort = 80 } = incoming.socket;
    const authority = incoming.headers.host ?? `${localAddress}:${localPort}`;
    const url = pathAndQuery(incoming.url ?? '/');
    const headers = {};
    for (const [name, value] of Object.entries(incoming.headers))
        headers[name] = String(value);
    return { method: incoming.method ?? 'GET', origin: `http://${authority}`, ...url, headers, body };
}
/** Taken apart by hand: a path that begins with two slashes would be read as a host. */
export function pathAndQuery(target) {
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    return { path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}
