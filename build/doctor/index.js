export { isAliveByEvidence, isConnectedByEvidence } from './app-judgement.js';
export { askDaemon, DAEMON_HEADERS } from './daemon-answer.js';
export { DIAGNOSIS_VERSION } from './diagnosis.js';
export { examine, UnknownAppError } from './doctor.js';
export { SILENCE_BY_ERROR } from './silence.js';
export { CHECKS, longestWayMs, SECTIONS } from './table.js';
export { printable, span } from './words.js';
