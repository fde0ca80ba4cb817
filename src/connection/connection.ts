/** Where a Connection is. */
export const STATES = [
  'idle',
  'discovering',
  'dialing',
  'proving',
  'connected',
  'suspect',
  'waiting',
  'stopped',
] as const;
export type State = (typeof STATES)[number];
