/** An {@link Http} whose requests say who asks; those that say so themselves stay as they are. */
export function withUserAgent(http, userAgent) {
    return (request) => http({ ...request, headers: { 'user-agent': userAgent, ...request.headers } });
}
