export { type ApiAnswer, answerOf, type TokenPort } from './api.js';
export * from './baseline.js';
export * from './budget.js';
export * from './canary.js';
export { recoveryOf } from './catchup.js';
export type { Feed } from './catchup-run.js';
export * from './console-check.js';
export * from './failure.js';
export * from './gap.js';
export {
  type Audience,
  type ChatType,
  type HistoryMessage,
  isMeantForUs,
  ROUTES,
  readOnlineCount,
  SCOPES,
} from './history.js';
export * from './lookout.js';
export * from './lookout-parts.js';
export { NOTES_TABLE } from './notes.js';
export * from './policy.js';
export * from './rate-limits.js';
export * from './reconcile.js';
export * from './report.js';
export * from './server-view.js';
export * from './suspicion.js';
export { EVENT_ID_PREFIX, envelopeOf, MESSAGE_EVENT } from './synthetic.js';
