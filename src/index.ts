export type {
  Canary,
  CanaryEvent,
  CanarySchedule,
  CatchupReport,
  ConsoleAdvice,
  GapCause,
  GapRecord,
} from './catchup/index.js';
export {
  type ConnectionPolicy,
  DEFAULT_CONNECTION_POLICY,
  FAILURES,
  type FailureCode,
  type OutageSummary,
  type State,
  type Step,
} from './connection/index.js';
export { type CatchUpOptions, Connector, createConnector, type ReadyOptions, type StopOptions } from './connector.js';
export type { CatchupOptions } from './connector-catchup.js';
export { ConnectorError, type ConnectorErrorCode } from './connector-error.js';
export type { ConnectorEvents, ConnectorReport, Listener } from './connector-events.js';
export type { JournalOptions } from './connector-journal.js';
export { type ConnectorOptions, DOMAINS, type Seams } from './connector-options.js';
export {
  createSink,
  type JetStreamOptions,
  type SinkApp,
  type SinkSettings,
  type WebhookOptions,
} from './connector-sinks.js';
export type { ConnectorStatus, Fact } from './connector-status.js';
export {
  DELIVERY_DEFAULTS,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetters,
  type DeliveryPolicy,
  type FeishuEvent,
  type Handler,
  type HandlerContext,
  type Handlers,
  JOURNAL_DEFAULTS,
  type OpenedDeadLetter,
  type OrderBy,
  RetryLater,
  type SdkEventDispatcher,
  type Source,
  type StaleEvents,
  Undeliverable,
} from './delivery/index.js';
export type { MetricsRegistry } from './observe/index.js';
export type * from './ports/index.js';
export {
  type CloudEvent,
  SEND_FAILURES,
  type SendFailure,
  type Sink,
  type SinkHealth,
  type SinkKind,
  type SinkLike,
  type SinkReport,
  type StreamSettings,
  verifyWebhook,
  type WebhookVerification,
} from './sinks/index.js';
export { TOKEN_DEFAULTS, TOKEN_FAILURES, TokenError, type TokenFailureCode, type TokenPolicy } from './token/index.js';
export { type StartParameters, WSClient, type WSClientParameters } from './ws-client/index.js';
