import { STATUS_CODES } from 'node:http';
import { Socket as TcpSocket } from 'node:net';
/** A client that does not answer the platform's close frame keeps its socket this long. */
const CLOSE_TIMEOUT_MS = 2000;
const ABNORMAL_CLOSURE = 1006;
/** Joins an upgraded socket to the platform. */
export function attachSocket(webSocket, socket, accept, clock) {
    // Send errors come back as `close`.
    const ignore = () => { };
    const connection = accept({
        send: (bytes) => webSocket.send(bytes, { binary: true }, ignore),
        sendText: (text) => webSocket.send(text, ignore),
        pong: (payload) => webSocket.pong(payload, false, ignore),
        close: (code, reason) => {
            webSocket.close(code, reason);
            const timer = clock.timer(CLOSE_TIMEOUT_MS, () => webSocket.terminate());
            webSocket.once('close', () => timer.cancel());
        },
        // The library answers a close frame as soon as it reads one.
        answerClose: () => { },
        reset: () => resetSocket(socket),
        setReading: (isReading) => {
            if (isReading)
                webSocket.resume();
            else
                webSocket.pause();
        },
    });
    webSocket.on('message', (bytes, isBinary) => {
        if (isBinary)
            connection.received(bytes);
        else
            connection.receivedText(bytes.length);
    });
    webSocket.on('ping', (payload) => connection.pinged(payload));
    // A client that breaks the protocol: the library closes the socket, and `close` follows.
    webSocket.on('error', () => { });
    webSocket.on('close', (code, reason) => {
        if (code === ABNORMAL_CLOSURE)
            connection.ended({ how: 'reset' });
        else
            connection.ended({ how: 'closed', code, reason: reason.toString('utf8') });
    });
}
/** Answers an upgrade request with something else than 101. */
export function refuseUpgrade(socket, status, headers) {
    const lines = Object.entries({ ...headers, 'content-length': '0', connection: 'close' }).map(
    // As the platform writes them; HTTP itself does not care.
    ([name, value]) => `${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}: ${value.replace(/[\r\n]/g, ' ')}`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${lines.join('\r\n')}\r\n\r\n`);
}
/** TCP reset instead of an orderly end. */
export function resetSocket(socket) {
    // A handshake answer that is still held back goes out first: it was given.
    socket.uncork();
    if (socket instanceof TcpSocket)
        socket.resetAndDestroy();
    else
        socket.destroy();
}
