import { registerAlerts } from './alerts.js';
import { registerCompletion } from './completion.js';
import { registerDashboards } from './dashboards.js';
import { registerDeadLetters } from './dead-letters.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import { registerRun } from './run.js';
import { registerSimulate } from './simulate.js';
import { registerStatus } from './status.js';
/** Every command, in the order of `--help`. A new one is a file and a line here. */
export const COMMANDS = [
    registerDemo,
    registerRun,
    registerDoctor,
    registerStatus,
    registerDeadLetters,
    registerSimulate,
    registerAlerts,
    registerDashboards,
    registerCompletion,
];
