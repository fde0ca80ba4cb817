export {
  CLOUD_EVENT_TYPE_PREFIX,
  type CloudEvent,
  type CloudEventAttributes,
} from './cloud-event.js';
export { createFunctionSink } from './functions.js';
export { DOWN_AFTER_FAILURES } from './health.js';
export { idempotencyKeyOf } from './identity.js';
export { createJetStreamSink, JETSTREAM_DEFAULTS, type JetStreamParts, type JetStreamSettings } from './jetstream.js';
export {
  type BrokerCredentials,
  type BrokerParts,
  type BrokerSettings,
  checkNats,
  createNatsConnect,
  STREAM_DEFAULTS,
  type StreamSettings,
} from './nats.js';
export * from './report.js';
export { checkJetStreamSettings, checkWebhookSettings } from './settings.js';
export { signingKeyOf, verifyWebhook, type WebhookVerification } from './signature.js';
export * from './sink.js';
export { createStdoutSink, lineOf, SinkClosedError, type StdoutSink } from './stdout.js';
export { tokenOf } from './subject.js';
export {
  createWebhookSink,
  WEBHOOK_DEFAULTS,
  WEBHOOK_MODES,
  type WebhookMode,
  type WebhookParts,
  type WebhookSettings,
} from './webhook.js';
