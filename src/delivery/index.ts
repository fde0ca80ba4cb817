export * from './dispatcher.js';
export * from './event.js';
export { CALLBACK_TYPES, COMMON_EVENT_TYPES, kindOf } from './kind.js';
export * from './pipeline.js';
export { ACK_LIMIT_MS, DELIVERY_DEFAULTS, type DeliveryPolicy, resolveDeliveryPolicy } from './policy.js';
export { RetryLater, Undeliverable } from './refusal.js';
export * from './report.js';
export { HandlerError, type TraceDelivery, type TracedEvent } from './run.js';
export * from './session.js';
