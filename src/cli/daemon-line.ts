import { DAEMON_HEADERS, printable, SILENCE_BY_ERROR, type Silence } from '../doctor/index.js';
import { HttpError, type HttpResponse } from '../ports/index.js';
import type { DaemonClient } from './daemon-client.js';
import { DaemonSilent } from './daemon-silent.js';

/** A whole event of the platform, many times over. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** One daemon, asked request by request; where it gives no answer that is one, what to do is told. */
export class DaemonLine {
  readonly where: string;
  readonly #client: Pick<DaemonClient, 'http' | 'hint'>;
  readonly #url: string;
  readonly #timeoutMs: number;

  /** @param timeoutMs For each answer, in milliseconds. */
  constructor(client: Pick<DaemonClient, 'http' | 'hint'>, url: string, timeoutMs: number) {
    this.#client = client;
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.where = `the daemon at ${url}`;
  }

  /**
   * @param route For people, without what stands for something.
   * @throws DaemonSilent without an answer.
   */
  async ask(method: 'GET' | 'POST', route: string, path: string): Promise<HttpResponse> {
    try {
      return await this.#client.http({
        method,
        url: this.#url + path,
        route,
        headers: DAEMON_HEADERS,
        timeoutMs: this.#timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
      });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      const is = SILENCE_BY_ERROR[error.kind];
      throw new DaemonSilent(is, this.#wordsFor(is, method, error), { cause: error });
    }
  }

  /** What an answer means that says of itself that it is none. */
  refusal(status: number, error: string, hint: string): DaemonSilent {
    if (status === 503) return new DaemonSilent('busy', `${this.where} cannot answer now: ${error}. ${hint}`);
    if (status !== 401 && status !== 403)
      return new DaemonSilent('foreign', `${this.where} answered HTTP ${status}: ${error}. ${hint}`);
    const own = this.#client.hint === null ? '' : ` ${this.#client.hint}`;
    return new DaemonSilent('refused', `${this.where} refuses: ${error}. ${hint}${own}`);
  }

  /** What an answer means that none of our daemons gives. */
  foreign(what: string): DaemonSilent {
    return new DaemonSilent(
      'foreign',
      `what answers at ${this.#url} is no feishu-connector: ${what}. Name the right address with --url.`,
    );
  }

  /** @param path Of what is wrong in it; never a value, which may be anything. */
  misshapen(path: readonly PropertyKey[] | undefined): DaemonSilent {
    return this.foreign(`JSON of another shape (at ${printable(path?.map(String).join('.') || 'its root')})`);
  }

  #wordsFor(is: Silence, method: 'GET' | 'POST', { message }: HttpError): string {
    switch (is) {
      case 'absent':
        return `nobody listens at ${this.#url}. Start the daemon, or name the address of the one that runs with --url.`;
      case 'mute': {
        const fate = method === 'POST' ? ' It may do it all the same: the list tells.' : '';
        return `${this.where} does not answer (${message}).${fate} Look at its log; --timeout gives it longer.`;
      }
      case 'foreign':
        return `what answers at ${this.#url} is no feishu-connector (${message}). Name the right address with --url.`;
      case 'unreachable':
      case 'refused':
      case 'busy':
        return `there is no way to ${this.#url} (${message}). Run the command on the machine of the daemon.`;
    }
  }
}
