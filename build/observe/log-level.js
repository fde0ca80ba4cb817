/** Levels of a log line, from the least important: pino's, and the values of the metric label `level`. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** The standard level at or below pino's number of a level, custom ones included. */
export function logLevelOf(pinoNumber) {
    const rank = Math.min(Math.max(Math.floor(pinoNumber / 10), 1), LOG_LEVELS.length);
    return LOG_LEVELS[rank - 1] ?? 'info';
}
