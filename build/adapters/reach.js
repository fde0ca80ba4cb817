/** {@link Reach} over the one way out: it fails where a request would fail before it is sent. */
export function createReach(transport) {
    return async (url, { timeoutMs, signal }) => {
        try {
            const socket = await transport(new URL(url), AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
            socket.destroySoon();
            return true;
        }
        catch {
            // Why is told by the attempt that failed, and by the next one that fails: here it only matters whether it works.
            return false;
        }
    };
}
