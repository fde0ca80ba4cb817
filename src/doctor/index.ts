export { isAliveByEvidence, isConnectedByEvidence } from './app-judgement.js';
export type { Check, CheckResult, Finding, Result } from './check.js';
export { askDaemon, DAEMON_HEADERS, type DaemonAnswer } from './daemon-answer.js';
export type { AppStatus, BrokenApp, DaemonStatus } from './daemon-status.js';
export type { AppDiagnosis, Diagnosis } from './diagnosis.js';
export { type Examination, examine, UnknownAppError } from './doctor.js';
export { SILENCE_BY_ERROR } from './silence.js';
export type { ProbedApp, WayOut } from './visit.js';
export { printable, span } from './words.js';
