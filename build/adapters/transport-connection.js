/** Connections of the {@link Transport}, for Node's own client. */
export function connectionOf(transport, url, signal) {
    return (_options, callback) => {
        transport(url, signal).then((socket) => callback(null, socket), 
        // Node looks at the error alone; its type has no room for a missing socket.
        (error) => callback(error));
    };
}
