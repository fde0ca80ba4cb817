export * from './failure.js';
export * from './report.js';
