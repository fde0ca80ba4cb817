export type { Fate } from './arrival.js';
export { type ContentKeysOf, contentKeysOf } from './content-keys.js';
export {
  type DeadLetter,
  type DeadLetterPage,
  DeadLetters,
  type OpenedDeadLetter,
  ReplayRefused,
} from './dead-letters.js';
export {
  deadLettersAtRest,
  type ReadableDeadLetters,
  type ReadableStore,
  readDeadLetters,
} from './dead-letters-at-rest.js';
export * from './dispatcher.js';
export * from './event.js';
export type { ContextOf } from './event-run.js';
export type { JournalSnapshot } from './journal-health.js';
export { migrateJournal } from './journal-migration.js';
export { JOURNAL_DEFAULTS, type JournalPolicy, MIN_RETENTION_MS, resolveJournalPolicy } from './journal-policy.js';
export { type JournalContents, surveyJournal } from './journal-survey.js';
export { JOURNAL_SCHEMA, TABLES as JOURNAL_TABLES } from './journal-tables.js';
export { CALLBACK_TYPES, COMMON_EVENT_TYPES, kindOf } from './kind.js';
export { chatOf, ORDERS, type OrderBy } from './order.js';
export * from './pipeline.js';
export {
  ACK_LIMIT_MS,
  DELIVERY_DEFAULTS,
  type DeliveryPolicy,
  JOURNAL_MAX_PENDING,
  resolveDeliveryPolicy,
  STALE_EVENTS,
  type StaleEvents,
} from './policy.js';
export { RetryLater, Undeliverable } from './refusal.js';
export * from './report.js';
export { HandlerError, type Running, type TraceDelivery, type TracedEvent, type TraceEnded } from './run.js';
export * from './session.js';
