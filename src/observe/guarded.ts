import type { OnTelemetryError, TelemetryError } from './catalogue.js';

/** A subscriber that never throws: instrumentation must not hurt what it watches. Its failures are counted instead. */
export function guarded<Args extends readonly unknown[]>(
  subscriber: (...args: Args) => void,
  reason: TelemetryError,
  onError: OnTelemetryError,
): (...args: Args) => void {
  return (...args) => {
    try {
      subscriber(...args);
    } catch {
      onError(reason);
    }
  };
}
