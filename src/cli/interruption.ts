import { EXIT, type ExitCode } from './exit-code.js';
import type { CliFace } from './face.js';

/** SIGINT and SIGTERM of one command: the first asks it to end, the second ends it at once. */
export interface Interruption {
  /** Resolves with the exit code at the first of the signals. */
  readonly asked: Promise<ExitCode>;
  /** Ends the listening. */
  dispose(): void;
}

/** @param onAsked Called at the first signal, before {@link Interruption.asked} resolves. */
export function listenForInterruption(face: CliFace, onAsked: (signal: 'SIGINT' | 'SIGTERM') => void): Interruption {
  let isAsked = false;
  let resolveAsked: (code: ExitCode) => void = () => {};
  const asked = new Promise<ExitCode>((resolve) => {
    resolveAsked = resolve;
  });
  const listen = (signal: 'SIGINT' | 'SIGTERM', code: ExitCode) =>
    face.onSignal(signal, () => {
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
      for (const end of ends) end();
    },
  };
}
