export { INVARIANT_NAMES, INVARIANTS } from './invariants.js';
export { CALL_BUDGET, LIMITS } from './limits.js';
export { PROFILES } from './profile.js';
export { measureRecovery, TROUBLES } from './recovery.js';
export { recoveryOverview, recoveryTable, summarizeRecoveries, } from './recovery-table.js';
export { runSimulation } from './simulation.js';
