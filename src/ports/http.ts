/** One HTTP request with a deadline. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Route template such as `/open-apis/im/v1/messages/:message_id`: the name of this call in metrics and spans. */
  readonly route: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Limit for the whole exchange, body included, in milliseconds; at least 1. */
  readonly timeoutMs: number;
  /** Largest response body that is read, in bytes. A larger one is the error `too_large`. */
  readonly maxBytes: number;
  /**
   * What a larger body means. `fail` (default): the error `too_large`. `cut`: it is read that far and no further, for
   * callers to whom the status says enough.
   */
  readonly whenLarger?: 'fail' | 'cut';
  /** Aborts the exchange; it then rejects with `aborted`. */
  readonly signal?: AbortSignal;
  /** The connection Attempt this call belongs to, so that its span becomes a child of the attempt's. */
  readonly attempt?: number;
}

/** What was answered, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. Repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves with any status that was answered; rejects only with an {@link HttpError}. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** What kept an answer from arriving. One closed list for every network step, HTTP and socket alike. */
export const NETWORK_ERRORS = [
  'timeout', // the deadline passed
  'aborted', // our own signal ended it
  'dns', // the name did not resolve: ENOTFOUND, EAI_AGAIN
  'refused', // nobody listens: ECONNREFUSED
  'reset', // the peer or something between tore it down: ECONNRESET, EPIPE, socket hang up
  'unreachable', // no route: ENETUNREACH, EHOSTUNREACH
  'tls', // the certificate is not trusted, expired, or for another host
  'proxy', // a proxy refused the tunnel or died
  'too_large', // more bytes than allowed
  'protocol', // the peer does not speak HTTP or WebSocket
  'unknown', // anything else; the message says what
] as const;

export type NetworkError = (typeof NETWORK_ERRORS)[number];

/** Why there is no {@link HttpResponse}. Its message never holds a request body or a query. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: NetworkError;

  constructor(kind: NetworkError, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
