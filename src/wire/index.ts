export * from './ack.js';
export * from './envelope.js';
export * from './fragments.js';
export * from './frame.js';
export * from './frame-codec.js';
export * from './frame-error.js';
export * from './pacing.js';
export * from './ticket.js';
