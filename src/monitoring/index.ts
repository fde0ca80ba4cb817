export { ChildProgram, ProgramFailedError } from './child-program.js';
export { monitoringFiles } from './configuration.js';
export { freePorts } from './free-ports.js';
export { type AlertNews, type Inbox, MAILBOXES, type Mailbox, openInbox } from './inbox.js';
export { type Monitoring, type MonitoringSettings, startMonitoring } from './monitoring.js';
export { findPrograms, ProgramMissingError, type ProgramName } from './program.js';
export { SCALED_ALERTS } from './scaled-alerts.js';
