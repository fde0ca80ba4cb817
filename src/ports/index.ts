export * from './clock.js';
export * from './dial.js';
export * from './http.js';
export * from './random.js';
export * from './report.js';
