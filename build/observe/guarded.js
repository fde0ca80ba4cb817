/** A subscriber that never throws: instrumentation must not hurt what it watches. Its failures are counted instead. */
export function guarded(subscriber, reason, onError) {
    return (...args) => {
        try {
            subscriber(...args);
        }
        catch {
            onError(reason);
        }
    };
}
