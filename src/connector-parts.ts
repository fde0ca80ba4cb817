/** What the daemon and the CLI need of the rooms behind the connector; they know those through here alone. */
export {
  type ConnectionPolicy,
  DEFAULT_CONNECTION_POLICY,
  FAILURES,
  type FailureCode,
  resolveConnectionPolicy,
  type State,
  type Step,
} from './connection/index.js';
export {
  DELIVERY_DEFAULTS,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetters,
  type DeliveryPolicy,
  type FeishuEvent,
  type HandlerContext,
  type Handlers,
  JOURNAL_DEFAULTS,
  JOURNAL_MAX_PENDING,
  JOURNAL_SCHEMA,
  MIN_RETENTION_MS,
  type OpenedDeadLetter,
  ORDERS,
  resolveDeliveryPolicy,
  type SdkEventDispatcher,
  STALE_EVENTS,
} from './delivery/index.js';
export { resolveTokenPolicy, TOKEN_DEFAULTS, type TokenFailureCode, type TokenPolicy } from './token/index.js';
