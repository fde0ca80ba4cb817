import { ACK_ALERTS } from './rules/ack.js';
import { AUTH_ALERTS } from './rules/auth.js';
import { BASELINE_ALERTS } from './rules/baseline.js';
import { CONNECTION_ALERTS } from './rules/connection.js';
import { DURABILITY_ALERTS } from './rules/durability.js';
import { EVENT_ALERTS } from './rules/events.js';
import { LOOKOUT_ALERTS } from './rules/lookout.js';
import { META_ALERTS } from './rules/meta.js';
import { PROCESS_ALERTS } from './rules/process.js';
import { SLO_ALERTS } from './rules/slo.js';
/** Alerts on what is true now. A new one is a row in the file of its layer, nothing else. */
export const STATE_ALERTS = [
    ...META_ALERTS,
    ...PROCESS_ALERTS,
    ...CONNECTION_ALERTS,
    ...AUTH_ALERTS,
    ...EVENT_ALERTS,
    ...DURABILITY_ALERTS,
    ...LOOKOUT_ALERTS,
    ...ACK_ALERTS,
    ...SLO_ALERTS,
];
/** Every alert. Some names have several rows: the windows of a burn rate, the two windows of silence. */
export const ALERTS = [...STATE_ALERTS, ...BASELINE_ALERTS];
/** The names, each once: what a runbook is written for. */
export const ALERT_NAMES = [...new Set(ALERTS.map(({ name }) => name))];
