/** Limits of the journal. */
export interface JournalPolicy {
  /**
   * Milliseconds the ids of finished events are remembered, over restarts. Default 86,400,000: a day. At least
   * 28,800,000, eight hours, and at most thirty days.
   */
  readonly retentionMs: number;
}

// The platform pushes an event again for 7 h 05 m 15 s, see DEDUPLICATION_DEFAULTS; whatever is shorter lets the last
// repeat through.
export const MIN_RETENTION_MS = 28_800_000;

const MAX_RETENTION_MS = 2_592_000_000;

/** What holds of a journal where the option says nothing. */
export const JOURNAL_DEFAULTS: JournalPolicy = Object.freeze({
  // Three times the ladder: an operator who sets a clock right, or looks at history after a night, still finds every id
  // known. An id costs 12 bytes on disk and 24 in memory, and a message has two: a day of ten messages a second is 20 MB
  // and 40 MB.
  retentionMs: 86_400_000,
});

/**
 * The defaults with these options over them.
 * @throws RangeError naming option, bound and value.
 */
export function resolveJournalPolicy({ retentionMs = JOURNAL_DEFAULTS.retentionMs }: Partial<JournalPolicy> = {}) {
  if (!Number.isInteger(retentionMs) || retentionMs < MIN_RETENTION_MS || retentionMs > MAX_RETENTION_MS) {
    throw new RangeError(
      `retentionMs must be a whole number from ${MIN_RETENTION_MS} to ${MAX_RETENTION_MS}, got ${retentionMs}`,
    );
  }
  return Object.freeze({ retentionMs });
}
