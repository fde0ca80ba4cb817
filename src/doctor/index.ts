export type { Check, CheckResult, Finding, Result } from './check.js';
export type { AppDiagnosis, Diagnosis } from './diagnosis.js';
export { type Examination, examine, UnknownAppError } from './doctor.js';
export type { ProbedApp, WayOut } from './visit.js';
export { printable, span } from './words.js';
