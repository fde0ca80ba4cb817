import type { Command } from 'commander';
import { registerAlerts } from './alerts.js';
import { registerCatchUp } from './catch-up.js';
import { registerCompletion } from './completion.js';
import { registerDashboards } from './dashboards.js';
import { registerDeadLetters } from './dead-letters.js';
import { registerDemo } from './demo.js';
import { registerDoctor } from './doctor.js';
import type { ExitCode } from './exit-code.js';
import type { CliFace } from './face.js';
import { registerReconnect } from './reconnect.js';
import { registerRun } from './run.js';
import { registerRunbook } from './runbook.js';
import { registerSimulate } from './simulate.js';
import { registerStatus } from './status.js';

/**
 * Adds one command. Its action calls `end` with its exit code; without that the code is 0.
 * Heavy parts of a command are imported inside its action, so that `--help` stays quick.
 */
export type RegisterCommand = (program: Command, face: CliFace, end: (code: ExitCode) => void) => void;

/** Every command, in the order of `--help`. A new one is a file and a line here. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerDemo,
  registerRun,
  registerDoctor,
  registerStatus,
  registerDeadLetters,
  registerReconnect,
  registerCatchUp,
  registerSimulate,
  registerRunbook,
  registerAlerts,
  registerDashboards,
  registerCompletion,
];
