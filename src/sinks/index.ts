export { createFunctionSink } from './functions.js';
export { DOWN_AFTER_FAILURES } from './health.js';
export * from './report.js';
export * from './sink.js';
export { createStdoutSink, lineOf, SinkClosedError, type StdoutSink } from './stdout.js';
