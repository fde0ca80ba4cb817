export type { Attempt } from './attempt.js';
export { failureOfSocketEnd } from './classify.js';
export { attemptUnderWay, newConnection, step, wakeAt } from './connection.js';
export { createDiscovery, type Discovery } from './discovery.js';
export { ConnectionDriver, type DriverPorts } from './driver.js';
export type { Effort } from './effort.js';
export { EVIDENCE, type Evidence } from './evidence.js';
export { FAILURES, type Failure, type FailureCode, STEPS, type Step, verdictOf } from './failure.js';
export { HEARTBEAT_KINDS, type HeartbeatKind } from './heartbeat.js';
export { LOOKS, type Look, type LookAt } from './look.js';
export type { Outage, OutageSummary } from './outage.js';
export {
  type ConnectionPolicy,
  DEFAULT_CONNECTION_POLICY,
  longestWaitMs,
  resolveConnectionPolicy,
  silenceLimitMs,
} from './policy.js';
export type { Discover, DiscoveryOutcome, FrameSession, FrameSink } from './ports.js';
export {
  type ConnectionReport,
  FRAME_ERROR_REASONS,
  FRAME_TYPES,
  type FrameErrorReason,
  type FrameType,
  type Gateway,
} from './report.js';
export { type Connection, STATES, type State } from './state.js';
export { TeamDriver, type TeamPorts } from './team-driver.js';
export type { Whole } from './whole.js';
