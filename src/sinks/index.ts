export * from './report.js';
export * from './sink.js';
