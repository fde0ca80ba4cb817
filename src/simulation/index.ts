export { INVARIANT_NAMES, INVARIANTS, type Invariant, type InvariantName } from './invariants.js';
export { CALL_BUDGET, LIMITS } from './limits.js';
export { type FaultProfile, PROFILES, type ProfileName } from './profile.js';
export { measureRecovery, type Recovery, TROUBLES, type Trouble, type TroubleName } from './recovery.js';
export {
  type RecoveryRow,
  type RecoverySummary,
  recoveryOverview,
  recoveryTable,
  summarizeRecoveries,
} from './recovery-table.js';
export type { SimulationResult, Violation } from './result.js';
export { runSimulation, type SimulationOptions, type Subject } from './simulation.js';
