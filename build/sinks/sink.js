/** `unknown`: nothing was tried yet. */
export const SINK_STATES = ['unknown', 'up', 'down', 'stopped'];
