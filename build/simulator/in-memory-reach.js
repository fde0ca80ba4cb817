/** `Reach` without a network: there and back, and whether a connection would have opened then. */
export function inMemoryReach(platform, link) {
    return (url, { timeoutMs, signal }) => new Promise((resolve) => {
        const { clock } = platform;
        const timers = [];
        const finish = (isReached) => {
            for (const timer of timers)
                timer.cancel();
            signal.removeEventListener('abort', abort);
            resolve(isReached);
        };
        const abort = () => finish(false);
        if (signal.aborted)
            return abort();
        signal.addEventListener('abort', abort);
        timers.push(clock.timer(timeoutMs, () => finish(false)));
        const arrive = () => {
            const isOpen = platform.networkFailure(url.startsWith('ws') ? 'socket' : 'http') === null;
            timers.push(clock.timer(link.delayMs(), () => finish(isOpen)));
        };
        timers.push(clock.timer(link.delayMs(), arrive));
    });
}
