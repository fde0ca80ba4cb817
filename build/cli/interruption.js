import { EXIT } from './exit-code.js';
/** @param onAsked Called at the first signal, before {@link Interruption.asked} resolves. */
export function listenForInterruption(face, onAsked) {
    let isAsked = false;
    let resolveAsked = () => { };
    const asked = new Promise((resolve) => {
        resolveAsked = resolve;
    });
    const listen = (signal, code) => face.onSignal(signal, () => {
        if (isAsked) {
            face.exitNow(code);
            return;
        }
        isAsked = true;
        onAsked(signal);
        resolveAsked(code);
    });
    const ends = [listen('SIGINT', EXIT.interrupted), listen('SIGTERM', EXIT.terminated)];
    return {
        asked,
        dispose: () => {
            for (const end of ends)
                end();
        },
    };
}
