/** The journal's tables in its store. */
export const TABLES = Object.freeze({
  /** Unfinished events in the order in which they came, those of one commit on sheets: by the number of the first. */
  entries: 'entries',
  /** Which entries of a sheet are finished, by the same key; most sheets go as a whole and have none. */
  marks: 'marks',
  /** What is known of an unfinished event's runs, by its number; most have none. */
  progress: 'progress',
  /** Ids and content keys of finished events as fingerprints, in the order of time; those of one commit share a row. */
  newIds: 'new_ids',
  /** Where they go from there: as many as may share a row. */
  ids: 'ids',
  /** Events that nobody handled, by sequence number, until a human decides. */
  deadLetters: 'dead_letters',
  /** Their sequence numbers by event id. */
  deadLetterIds: 'dead_letter_ids',
  /** Entries that could not be read, byte for byte as they were found. */
  damaged: 'damaged',
  /** One row of what the journal knows about itself. */
  state: 'state',
});

/**
 * Version of what stands in the tables; the store refuses to open files of a newer one.
 * @see migrateJournal for older ones
 */
export const JOURNAL_SCHEMA = 2;
