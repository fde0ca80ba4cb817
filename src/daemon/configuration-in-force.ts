import type { ConfigurationReport } from '../observe/index.js';
import { type Clock, firstLineOf, momentOf, type ReportSink } from '../ports/index.js';
import { ConfigError } from './config-error.js';

/** Which configuration a daemon runs by, and whether it is the one that its operator wrote last. Moments are epoch milliseconds. */
export interface ConfigurationStanding {
  /** When it was taken over: at the start, or in the latest reload that was carried out. */
  readonly loadedAt: number;
  /** Why a newer one is not in force; null where the latest that was given is. `problem` is one line, without secrets. */
  readonly refused: { readonly at: number; readonly problem: string } | null;
}

/** Remembers what became of each configuration that the daemon was given, and reports it. The first one counts as taken over. */
export class ConfigurationInForce {
  readonly #clock: Clock;
  readonly #report: ReportSink<ConfigurationReport>;
  #standing: ConfigurationStanding;

  constructor(clock: Clock, report: ReportSink<ConfigurationReport>) {
    this.#clock = clock;
    this.#report = report;
    this.#standing = this.#takenOver();
  }

  get standing(): ConfigurationStanding {
    return this.#standing;
  }

  takeOver(): void {
    this.#standing = this.#takenOver();
  }

  refuse(error: unknown): void {
    const moment = momentOf(this.#clock);
    this.#standing = { ...this.#standing, refused: { at: moment.wallNow, problem: problemOf(error) } };
    this.#report({ type: 'refused' }, moment);
  }

  #takenOver(): ConfigurationStanding {
    const moment = momentOf(this.#clock);
    this.#report({ type: 'taken_over' }, moment);
    return { loadedAt: moment.wallNow, refused: null };
  }
}

function problemOf(error: unknown): string {
  const others = error instanceof ConfigError ? error.problems.length - 1 : 0;
  return `${firstLineOf(error)}${others > 0 ? ` (and ${others} more; the log has them all)` : ''}`;
}
