import { ConfigError } from '../daemon/config-error.js';

/** Nothing says which app or which daemon is meant, and none listens where one would without being told. */
export class UnknownDaemonError extends ConfigError {
  /** Where one would listen. */
  readonly url: string;

  constructor({ problems }: ConfigError, url: string) {
    super(problems);
    this.url = url;
  }
}
