export * from './envelope.js';
export * from './frame.js';
export * from './pacing.js';
export * from './ticket.js';
