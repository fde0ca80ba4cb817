export const FRAME_TYPES = ['ping', 'pong', 'event', 'card', 'unknown'];
export const FRAME_ERROR_REASONS = ['malformed', 'text', 'too_large', 'unknown_method', 'unknown_type'];
