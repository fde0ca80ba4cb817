import type { Level, Logger } from 'pino';
import { createLogger } from '../observe/index.js';
import type { SdkParameters } from './parameters.js';

type SdkLogger = NonNullable<SdkParameters['logger']>;
type Method = keyof SdkLogger;

/** The SDK's `LoggerLevel` by its number. */
const LEVELS: readonly Level[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/**
 * The logger that the connector writes to. A pino logger is taken as it is, but for lines below a `loggerLevel` that is
 * given; any other one that fits the SDK is called as the SDK calls it, with lines that are redacted as all of ours are.
 * Null if there is nothing to choose: then the connector's own is used.
 */
export function loggerOf({ logger, loggerLevel }: Pick<SdkParameters, 'logger' | 'loggerLevel'>): Logger | null {
  const level = loggerLevel === undefined ? null : (LEVELS[loggerLevel] ?? 'info');
  if (logger === undefined) return level === null ? null : createLogger({ level });
  if (isPino(logger)) {
    const isStricter = level !== null && (logger.levels.values[level] ?? 0) > logger.levelVal;
    return isStricter ? logger.child({}, { level }) : logger;
  }
  return createLogger({ level: level ?? 'info', destination: { write: (line) => pass(logger, line) } });
}

function isPino(logger: object): logger is Logger {
  return 'child' in logger && 'bindings' in logger && typeof logger.child === 'function';
}

/**
 * The SDK hands over one array of parts, whatever its types say, and loggers that are written for it join or print that.
 * The fields are text, so that they can be read then too.
 */
function pass(logger: SdkLogger, line: string): void {
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line);
  try {
    const written = logger[methodOf(level)](['[ws]', String(msg ?? ''), JSON.stringify(fields)]);
    // A logger may be asynchronous, and there is nobody else to tell of its failure.
    if (written instanceof Promise) written.catch(() => {});
  } catch {
    // A logger that throws must not take the connection with it.
  }
}

function methodOf(level: string): Method {
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
