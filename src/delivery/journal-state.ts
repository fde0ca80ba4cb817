import type { NotedTime } from './journal-time.js';

/** The journal's one row about itself. */
export interface JournalState extends NotedTime {
  /** Written by a close: whatever is unfinished was not running. */
  readonly isClosed: boolean;
}

export const STATE_KEY = 'journal';

export function encodeState(state: JournalState): Uint8Array {
  return Buffer.from(JSON.stringify(state));
}

/** Null for bytes that are no state. */
export function decodeState(bytes: Uint8Array): JournalState | null {
  const { journalMs, wallMs, isClosed } = jsonOf(bytes);
  if (typeof journalMs !== 'number' || typeof wallMs !== 'number' || typeof isClosed !== 'boolean') return null;
  return Number.isFinite(journalMs) && Number.isFinite(wallMs) ? { journalMs, wallMs, isClosed } : null;
}

/** What is known of an unfinished event's runs. */
export interface Progress {
  readonly failures: number;
  readonly runs: number;
  /** It was about to run when this was written, and nothing says that the run ended. */
  readonly isBegun: boolean;
}

export const NO_PROGRESS: Progress = Object.freeze({ failures: 0, runs: 0, isBegun: false });

export function encodeProgress({ failures, runs, isBegun }: Progress): Uint8Array {
  return Buffer.from(JSON.stringify({ failures, runs, isBegun }));
}

/** Bytes that are no progress count as none: the event runs, with all its attempts. */
export function decodeProgress(bytes: Uint8Array | null): Progress {
  if (bytes === null) return NO_PROGRESS;
  const { failures, runs, isBegun } = jsonOf(bytes);
  return { failures: countOf(failures), runs: countOf(runs), isBegun: isBegun === true };
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
