import { FAILURES } from '../../connection/index.js';
import { traceFields } from '../logger.js';
import { Sparse } from '../sparse.js';
import { detailOf, secondsOf } from './lines.js';
/**
 * Lines of the connection's life. `[feishu] connected`, `disconnected`, `reconnecting` and `reconnected` are fixed:
 * people grep for them. Of the attempts of an Outage only the 1st, 2nd, 4th, 8th … are told, one every 10 minutes at
 * least, and each that fails in a way not seen before in this Outage; the others at level debug. What happens to one
 * connection beside a proven one is told of a `standby`, by the same rule: those fixed words are about the app.
 */
export function connectionLogs(lines, spans) {
    const ofApp = new Retelling();
    const ofStandbys = new Retelling();
    return (report, moment) => {
        switch (report.type) {
            case 'attempt_started': {
                const isTold = (report.isStandby ? ofStandbys : ofApp).begins(moment.now);
                const [message, event] = startOf(report);
                lines.write(isTold ? 'info' : 'debug', message, {
                    event,
                    attempt: report.attempt,
                    outage_id: report.outage,
                    ...traceFields(spans.ofAttempt(report.attempt)),
                });
                return;
            }
            case 'attempt_failed': {
                const { code, detail } = report.failure;
                const { isStandby } = report;
                const retelling = isStandby ? ofStandbys : ofApp;
                const message = isStandby ? '[feishu] standby attempt failed' : '[feishu] attempt failed';
                lines.write(retelling.fails(code) ? levelOf(report.verdict) : 'debug', message, {
                    event: isStandby ? 'standby_attempt_failed' : 'attempt_failed',
                    failure: code,
                    verdict: report.verdict,
                    step: report.step,
                    attempt: report.attempt,
                    attempts: retelling.count,
                    outage_id: report.outage,
                    detail: detailOf(detail),
                    help: report.verdict === 'operator' ? FAILURES[code].help : undefined,
                    ...traceFields(spans.ofAttempt(report.attempt)),
                });
                return;
            }
            case 'connected': {
                const { outage } = report;
                (report.isStandby ? ofStandbys : ofApp).startAnew();
                const fields = {
                    attempt: report.attempt,
                    connection_id: report.connectionId,
                    replaces: report.replaces,
                    ...traceFields(spans.ofAttempt(report.attempt)),
                };
                if (report.isStandby)
                    lines.write('info', '[feishu] standby connected', { event: 'standby_connected', ...fields });
                else if (outage === null)
                    lines.write('info', '[feishu] connected', { event: 'connected', ...fields });
                else
                    lines.write('info', '[feishu] reconnected', {
                        event: 'reconnected',
                        ...fields,
                        failure: outage.cause,
                        outage_id: outage.number,
                        outage_s: secondsOf(outage.durationMs),
                        attempts: outage.attempts,
                        gap: gapOf(outage, moment),
                    });
                return;
            }
            case 'disconnected': {
                const { code, detail } = report.failure;
                const { isStandby } = report;
                (isStandby ? ofStandbys : ofApp).startAnew();
                const isExpected = isStandby || code === 'local_stop' || code === 'replaced';
                lines.write(isExpected ? 'info' : 'warn', isStandby ? '[feishu] standby disconnected' : '[feishu] disconnected', {
                    event: isStandby ? 'standby_disconnected' : 'disconnected',
                    failure: code,
                    attempt: report.attempt,
                    connection_id: report.connectionId,
                    outage_id: report.outage,
                    session_s: secondsOf(report.sessionMs),
                    close_code: report.closeCode,
                    detail: detailOf(detail),
                    ...traceFields(spans.ofAttempt(report.attempt)),
                });
                return;
            }
            case 'frame_error':
                lines.writeLimited(`frame_error:${report.reason}`, 'warn', '[feishu] frame could not be read', {
                    event: 'frame_error',
                    reason: report.reason,
                    attempt: report.attempt,
                    detail: detailOf(report.detail),
                });
                return;
            case 'pacing_rejected':
                lines.writeLimited('pacing_rejected', 'warn', '[feishu] pacing of the platform is unusable', {
                    event: 'pacing_rejected',
                    field: report.field,
                    detail: detailOf(report.detail),
                });
                return;
            case 'late':
                lines.writeLimited('late', 'warn', '[feishu] event loop was late', {
                    event: 'late',
                    late_s: secondsOf(report.lateMs),
                });
                return;
            case 'outage_ended':
                lines.write('debug', '[feishu] outage ended', {
                    event: 'outage_ended',
                    failure: report.outage.cause,
                    outage_id: report.outage.number,
                    outage_s: secondsOf(report.outage.durationMs),
                    attempts: report.outage.attempts,
                });
                return;
            case 'state_changed':
                // An Outage that was stopped has no end of its own; the next start() counts anew.
                if (report.to === 'stopped')
                    for (const retelling of [ofApp, ofStandbys])
                        retelling.startAnew();
                if (report.to === 'suspect')
                    lines.writeLimited('suspect', 'warn', '[feishu] suspect', { event: 'suspect' });
                lines.write('debug', '[feishu] state changed', { event: 'state_changed', from: report.from, to: report.to });
                return;
            default:
                return; // the lines above tell of these too, or metrics do: frames, heartbeats, steps
        }
    };
}
/** Which of many attempts are worth a line. */
class Retelling {
    #attempts = new Sparse();
    #seen = new Set();
    #isTold = false;
    get count() {
        return this.#attempts.count;
    }
    /** @returns Whether to tell that one begins. */
    begins(now) {
        this.#isTold = this.#attempts.next(now);
        return this.#isTold;
    }
    /** @returns Whether to tell that it failed. */
    fails(code) {
        const isNew = !this.#seen.has(code);
        this.#seen.add(code);
        return this.#isTold || isNew;
    }
    startAnew() {
        this.#attempts.reset();
        this.#seen.clear();
    }
}
/** The line of an attempt that begins, and its name as a field. */
function startOf(report) {
    if (report.isStandby)
        return ['[feishu] standby connecting', 'standby_connecting'];
    return report.isReconnect ? ['[feishu] reconnecting', 'reconnecting'] : ['[feishu] connecting', 'connecting'];
}
function levelOf(verdict) {
    return verdict === 'operator' ? 'error' : 'warn';
}
/** What may have been missed, as an ISO 8601 interval: a catch-up by hand can start from it. */
function gapOf(outage, moment) {
    const from = new Date(moment.wallNow - outage.durationMs);
    return `${from.toISOString()}/${new Date(moment.wallNow).toISOString()}`;
}
