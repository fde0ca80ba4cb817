export { ChildProgram, ProgramFailedError } from './child-program.js';
export { monitoringFiles } from './configuration.js';
export { freePorts } from './free-ports.js';
export { MAILBOXES, openInbox } from './inbox.js';
export { startMonitoring } from './monitoring.js';
export { findPrograms, ProgramMissingError } from './program.js';
export { SCALED_ALERTS } from './scaled-alerts.js';
