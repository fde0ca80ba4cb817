import { redact } from './redact.js';

/** What is logged of an error that is somebody else's. */
export interface ToldError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
}

/**
 * Name, message and stack of what was thrown, redacted, for a logger that may not redact itself. Nothing else of it: what
 * hangs on errors are requests, with their headers.
 */
export function toldError(thrown: unknown): ToldError {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { type: name, message: redact(String(message)), stack: redact(String(stack ?? '')) };
}
