import type { Http } from '../ports/index.js';

/** An {@link Http} whose requests say who asks; those that say so themselves stay as they are. */
export function withUserAgent(http: Http, userAgent: string): Http {
  return (request) => http({ ...request, headers: { 'user-agent': userAgent, ...request.headers } });
}
