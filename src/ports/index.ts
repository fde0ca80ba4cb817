export * from './backoff.js';
export * from './clock.js';
export * from './dial.js';
export * from './http.js';
export * from './random.js';
export * from './report.js';
export * from './secret.js';
export * from './store.js';
