import { TOKEN_FAILURES } from '../../token/index.js';
import { Sparse } from '../sparse.js';
import { detailOf, secondsOf } from './lines.js';
/** Lines of the token's life: failures as sparse as those of the connection, and the recovery. */
export function tokenLogs(lines) {
    const failures = new Sparse();
    const seen = new Set();
    return (report, moment) => {
        switch (report.type) {
            case 'refresh_failed': {
                const { failure, verdict } = report;
                const isTold = failures.next(moment.now) || !seen.has(failure);
                seen.add(failure);
                const level = verdict === 'operator' ? 'error' : 'warn';
                lines.write(isTold ? level : 'debug', '[feishu] token refresh failed', {
                    event: 'token_refresh_failed',
                    token_type: report.tokenType,
                    failure,
                    verdict,
                    failures: failures.count,
                    retry_in_s: secondsOf(report.retryInMs),
                    valid_for_s: secondsOf(report.validForMs),
                    detail: detailOf(report.detail),
                    help: verdict === 'operator' ? TOKEN_FAILURES[failure].help : undefined,
                });
                return;
            }
            case 'refreshed': {
                failures.reset();
                seen.clear();
                const hasRecovered = report.failuresBefore > 0;
                lines.write(hasRecovered ? 'info' : 'debug', '[feishu] token refreshed', {
                    event: hasRecovered ? 'token_recovered' : 'token_refreshed',
                    token_type: report.tokenType,
                    failures: hasRecovered ? report.failuresBefore : undefined,
                    expires_in_s: secondsOf(report.expiresInMs),
                });
                return;
            }
            case 'invalidated':
                lines.writeLimited('token_invalidated', 'warn', '[feishu] token refused before its time', {
                    event: 'token_invalidated',
                    token_type: report.tokenType,
                    code: report.code,
                });
                return;
            case 'refresh_started':
                return;
        }
    };
}
