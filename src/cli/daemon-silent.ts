import type { Silence } from '../doctor/index.js';

/** The daemon gave no answer; the message says why and what to do. */
export class DaemonSilent extends Error {
  override readonly name = 'DaemonSilent';
  readonly is: Silence;

  constructor(is: Silence, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.is = is;
  }
}
