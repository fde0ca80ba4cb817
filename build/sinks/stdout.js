/** The reader is gone: what comes now is not acked, and the platform keeps it for its redeliveries. */
export class SinkClosedError extends Error {
    name = 'SinkClosedError';
}
/**
 * Writes one JSON line per event, and has handled it when the stream took the line: so the ack waits for the reader.
 * A reader that stalls holds the deliveries back, up to their bound, and not the process; whoever gave up waiting has
 * written nothing.
 * @param onClosed Told once when the stream failed or closed, with why.
 */
export function createStdoutSink(stream, onClosed) {
    let closed = null;
    // One promise for all that wait: a listener each would be thousands.
    let room = null;
    const settleRoom = () => {
        const settled = room;
        room = null;
        settled?.settle();
    };
    const end = (reason) => {
        if (closed)
            return;
        closed = new SinkClosedError(reason);
        settleRoom();
        onClosed(reason);
    };
    const onError = (error) => {
        end(error.code === 'EPIPE' ? 'the reader of standard output is gone' : `standard output failed: ${error.message}`);
    };
    const onClose = () => end('standard output was closed');
    stream.on('drain', settleRoom);
    stream.on('error', onError);
    stream.on('close', onClose);
    const roomMade = () => {
        room ??= newRoom();
        return room.promise;
    };
    const write = async (event, { signal }) => {
        // Again after each wake-up: one line of those that waited may have filled the stream already.
        while (stream.writableNeedDrain && closed === null) {
            await untilAborted(roomMade(), signal);
        }
        if (closed)
            throw closed;
        signal.throwIfAborted();
        await new Promise((resolve, reject) => {
            stream.write(lineOf(event), (error) => (error ? reject(error) : resolve()));
        });
    };
    return {
        handlers: { '*': write },
        close() {
            stream.off('drain', settleRoom);
            stream.off('error', onError);
            stream.off('close', onClose);
            closed ??= new SinkClosedError('the daemon stopped');
            settleRoom();
        },
    };
}
/** The line of one event: what a reader in another language needs, and no more. */
export function lineOf(event) {
    const { id, type, createTime, appId, tenantKey, source, ageMs, data } = event;
    return `${JSON.stringify({ id, type, createTime, appId, tenantKey, source, ageMs, data })}\n`;
}
function newRoom() {
    let settle = () => { };
    const promise = new Promise((resolve) => {
        settle = resolve;
    });
    return { promise, settle };
}
/** Resolves with the promise, or rejects with the signal's reason if that comes first; leaves no listener behind. */
function untilAborted(promise, signal) {
    return new Promise((resolve, reject) => {
        const abandon = () => reject(signal.reason);
        if (signal.aborted)
            return abandon();
        signal.addEventListener('abort', abandon, { once: true });
        promise.then(() => {
            signal.removeEventListener('abort', abandon);
            resolve();
        });
    });
}
