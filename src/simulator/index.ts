export type { ActiveFault } from './active-faults.js';
export { botOpenId, type SentMessage } from './api.js';
export { type AppCredentials, DEFAULT_APP } from './app.js';
export { CANARY_EVENT, simulatorCanary } from './canary.js';
export type { ChatMessage, Mention } from './chats.js';
export {
  BRISK_CLIENT_CONFIG,
  BROKEN_CONFIGS,
  type BrokenConfig,
  type ClientConfig,
  type ConfigChange,
  DEFAULT_CLIENT_CONFIG,
} from './client-config.js';
export { CONTROL_PREFIX, stateOf } from './control.js';
export { REDELIVERY_LADDER_MS } from './deliveries.js';
export type { EventDraft, EventEnvelope, EventKind, Stamp } from './event.js';
export {
  type CardActionOptions,
  cardActionEvent,
  customEvent,
  DEFAULT_CHAT_ID,
  type EventOptions,
  type MessageOptions,
  messageEvent,
  type Version1Options,
  version1Event,
} from './event-builders.js';
export type { PlatformAnswer, PlatformRequest } from './exchange.js';
export type { Fault, FaultFields, FaultKind, FaultOf } from './fault.js';
export { describeFault } from './fault-description.js';
export { FAULT_FIELDS, FAULT_KINDS } from './fault-fields.js';
export { FaultError, parseFault } from './fault-parser.js';
export type { Reception, Upgrade } from './gateway.js';
export { inMemoryFace, type LinkOptions } from './in-memory-face.js';
export {
  type AckRecord,
  type DeliveryRecord,
  EVENT_STATES,
  type EventState,
  type Ledger,
  type LedgerEvent,
} from './ledger.js';
export type { Line, LineEnd } from './line.js';
export { Platform, type PlatformNotice, type PlatformOptions } from './platform.js';
export type { PlatformConnection } from './platform-connection.js';
export { RealFace, type RealFaceOptions } from './real-face.js';
export { runScenario, type Scenario, type ScenarioRun, type ScheduledFault } from './scenario.js';
export * from './scenarios/index.js';
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator.js';
export { TRAFFIC_KINDS, type Traffic, type TrafficEntry, type TrafficKind } from './traffic.js';
export { VirtualClock } from './virtual-clock.js';
