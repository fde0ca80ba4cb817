import type { Logger } from 'pino';
import { type Clock, redact } from '../../ports/index.js';
import { LineLimit } from '../line-limit.js';
import type { LogLevel } from '../log-level.js';

/** Fields of a line; undefined and null ones are left out. */
export type Fields = Readonly<Record<string, unknown>>;

/** A detail is for people; one that long is a dump. */
const DETAIL_MAX_LENGTH = 500;

/** Writes one app's lines: constant messages with fields, floods bounded. */
export class Lines {
  readonly #logger: Logger;
  readonly #onLog: ((level: LogLevel) => void) | undefined;
  readonly #limit: LineLimit;

  constructor(logger: Logger, clock: Clock, onLog: ((level: LogLevel) => void) | undefined) {
    this.#logger = logger;
    this.#onLog = onLog;
    this.#limit = new LineLimit(clock, (kind, suppressed) =>
      this.write('warn', '[feishu] more of the same', { event: 'suppressed', kind, suppressed }),
    );
  }

  /** @param message Constant text; all that varies is a field. */
  write(level: LogLevel, message: string, fields: Fields): void {
    if (!this.#logger.isLevelEnabled(level)) return;
    const present = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
    this.#logger[level](Object.fromEntries(present), message);
    this.#onLog?.(level);
  }

  /** As {@link write}, for what may come as a flood. @param kind From a closed list. */
  writeLimited(kind: string, level: LogLevel, message: string, fields: Fields): void {
    if (this.#limit.admits(kind)) this.write(level, message, fields);
  }

  /** Tells of what was suppressed so far, and ends the timers. */
  flush(): void {
    this.#limit.flush();
  }
}

/** A report's detail as a field: redacted once more, and bounded. */
export function detailOf(detail: string): string | undefined {
  return detail === '' ? undefined : redact(detail).slice(0, DETAIL_MAX_LENGTH);
}

/** Seconds with milliseconds, for people. */
export function secondsOf(durationMs: number): number {
  return Math.round(durationMs) / 1_000;
}
