import { createLogger } from '../observe/index.js';
/** The SDK's `LoggerLevel` by its number. */
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
/**
 * The logger that the connector writes to. A pino logger is taken as it is; any other one that fits the SDK gets the
 * message and the fields of each line, redacted as all of our lines are. Null if there is nothing to choose: then the
 * connector's own is used.
 */
export function loggerOf({ logger, loggerLevel }) {
    const level = loggerLevel === undefined ? null : (LEVELS[loggerLevel] ?? 'info');
    if (logger === undefined)
        return level === null ? null : createLogger({ level });
    if (isPino(logger))
        return logger;
    return createLogger({ level: level ?? 'info', destination: { write: (line) => pass(logger, line) } });
}
function isPino(logger) {
    return 'child' in logger && 'bindings' in logger && typeof logger.child === 'function';
}
function pass(logger, line) {
    const { level, msg, time: _time, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line);
    try {
        const written = logger[methodOf(level)]('[ws]', String(msg ?? ''), fields);
        // A logger may be asynchronous, and there is nobody else to tell of its failure.
        if (written instanceof Promise)
            written.catch(() => { });
    }
    catch {
        // A logger that throws must not take the connection with it.
    }
}
function methodOf(level) {
    switch (level) {
        case 'fatal':
        case 'error':
            return 'error';
        case 'warn':
        case 'debug':
        case 'trace':
            return level;
        default:
            return 'info';
    }
}
