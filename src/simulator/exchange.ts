/** One HTTP request as the platform sees it. */
export interface PlatformRequest {
  readonly method: string;
  /** Scheme and authority that the client used, such as `http://127.0.0.1:7777`: socket URLs point back there. */
  readonly origin: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of a request. */
export type PlatformAnswer =
  | {
      readonly how: 'answered';
      readonly afterMs: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** No byte ever comes back. */
  | { readonly how: 'hung' }
  /** There never was a connection. */
  | { readonly how: 'unreachable'; readonly error: 'refused' | 'dns' };

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Extract<PlatformAnswer, { how: 'answered' }> {
  return {
    how: 'answered',
    afterMs: 0,
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** What a gateway or a captive portal says instead of JSON. */
export function htmlAnswer(status: number): Extract<PlatformAnswer, { how: 'answered' }> {
  return {
    how: 'answered',
    afterMs: 0,
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
  };
}

/** The members of a JSON object, or null if the text is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

/** Ten mebibytes of something that is JSON but no answer. */
export function hugeBody(): string {
  return JSON.stringify({ code: 0, msg: 'x'.repeat(10 * 1024 * 1024) });
}
