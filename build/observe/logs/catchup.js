import { CALL_FAILURES, } from '../../catchup/index.js';
import { traceFields } from '../logger.js';
import { Sparse } from '../sparse.js';
import { detailOf, secondsOf } from './lines.js';
/** What a verdict on our connections means, and how loudly it is told. */
const VERDICTS = {
    agrees: { level: 'info' },
    unknown: { level: 'debug' },
    ghost: {
        level: 'info',
        help: 'The platform still counts a connection of ours that is gone, and gives it events. Nothing is to be done: they come again, or are caught up.',
    },
    zombie: {
        level: 'warn',
        help: 'The platform counts fewer connections than we hold: one of ours gets no events. It is replaced once a second fact says so.',
    },
    foreign_consumer: {
        level: 'warn',
        help: 'Somebody else is connected as this app and takes part of its events: an old deployment, a laptop. Find and stop it, or reset the secret.',
    },
};
const LEVELS = {
    free: { level: 'info' },
    slowed: { level: 'warn', help: 'At this pace the month takes too much of the quota: we look less often.' },
    saving: { level: 'warn', help: 'Only catch-up still calls; nobody looks at the server view any more.' },
    exhausted: {
        level: 'error',
        help: 'No call of ours is made any more, catch-up included, so that the app can still send.',
    },
};
/** What keeps a gap from being read, besides failures of calls. */
const BARRIERS = {
    bounds: 'A bound on chats, pages, messages or time was met; raise it if the app is that large.',
    too_long_ago: 'It reaches further back than catchup.windowMs.',
    refused: 'Our own delivery did not take a message: look for a full queue, or for a journal that fails.',
    other_processes: 'Other processes serve this app and do not share what they handled.',
    disabled: 'Catch-up is switched off.',
};
/**
 * Lines of what is seen from outside: what the platform counts, gaps and what became of them, suspicion, proof and advice.
 * None holds content or names a chat. A verdict is told when it changes; whatever may come often is bounded.
 */
export function catchupLogs(lines, spans) {
    const viewFailures = new Sparse();
    const seenFailures = new Set();
    const canaryFailures = new Sparse();
    let isCanaryMissing = false;
    return (report, moment) => {
        switch (report.type) {
            case 'server_view': {
                viewFailures.reset();
                seenFailures.clear();
                const { level, help } = VERDICTS[report.verdict];
                lines.write(report.isChange ? level : 'debug', '[feishu] server view', {
                    event: 'server_view',
                    verdict: report.verdict,
                    seen: report.seen,
                    expected: report.expected,
                    help,
                });
                return;
            }
            case 'view_failed': {
                const { failure } = report;
                const isTold = viewFailures.next(moment.now) || !seenFailures.has(failure);
                seenFailures.add(failure);
                const { verdict, help } = CALL_FAILURES[failure];
                lines.write(isTold ? loudness(verdict) : 'debug', '[feishu] server view failed', {
                    event: 'server_view_failed',
                    failure,
                    verdict,
                    failures: viewFailures.count,
                    detail: detailOf(report.detail),
                    help: verdict === 'operator' ? help : undefined,
                });
                return;
            }
            case 'gap_opened':
                lines.writeLimited('gap_opened', 'info', '[feishu] gap opened', {
                    event: 'gap_opened',
                    gap: report.number,
                    cause: report.cause,
                    from: timeOf(report.from),
                });
                return;
            case 'gap_closed':
                lines.writeLimited('gap_closed', levelOf(report.record), '[feishu] gap closed', {
                    event: 'gap_closed',
                    ...recordOf(report.record),
                    ...traceFields(spans.ofCatchup()),
                });
                return;
            case 'catchup_started':
                lines.writeLimited('catchup_started', 'info', '[feishu] catch-up started', {
                    event: 'catchup_started',
                    gaps: report.gaps,
                    from: timeOf(report.from),
                    to: timeOf(report.to),
                    is_resumed: report.isResumed,
                    ...traceFields(spans.ofCatchup()),
                });
                return;
            case 'catchup_finished':
                lines.writeLimited('catchup_finished', 'info', '[feishu] catch-up finished', {
                    event: 'catchup_finished',
                    gaps: report.gaps,
                    found: report.found,
                    already_known: report.alreadyKnown,
                    chats: report.chats,
                    calls: report.calls,
                    duration_s: secondsOf(report.durationMs),
                    ...traceFields(spans.ofCatchup()),
                });
                return;
            case 'catchup_failed':
                lines.writeLimited(`catchup_failed:${report.failure}`, report.failure === 'aborted' ? 'info' : 'warn', '[feishu] catch-up failed', {
                    event: 'catchup_failed',
                    failure: report.failure,
                    gaps: report.gaps,
                    duration_s: secondsOf(report.durationMs),
                    retry_in_s: report.retryInMs === null ? undefined : secondsOf(report.retryInMs),
                    detail: detailOf(report.detail),
                    help: helpOf(report.failure),
                    ...traceFields(spans.ofCatchup()),
                });
                return;
            case 'catchup_found':
                lines.write('debug', '[feishu] message found in history', {
                    event: 'catchup_found',
                    event_type: report.eventType,
                    event_id: report.eventId,
                    age_s: secondsOf(report.ageMs),
                });
                return;
            case 'reconciled':
                lines.writeLimited(`reconciled:${report.verdict}`, report.verdict === 'deaf' ? 'warn' : 'debug', '[feishu] history compared', {
                    event: 'reconciled',
                    verdict: report.verdict,
                    reason: report.trigger,
                    chats: report.chats,
                    compared: report.compared,
                    missing: report.missing,
                    detail: detailOf(report.detail),
                });
                return;
            case 'suspected': {
                // Two of them accuse nobody.
                const isRoutine = report.suspicion === 'schedule' || report.suspicion === 'operator';
                lines.writeLimited(`suspected:${report.suspicion}`, isRoutine ? 'info' : 'warn', '[feishu] connection doubted', {
                    event: 'suspected',
                    reason: report.suspicion,
                    detail: detailOf(report.detail),
                });
                return;
            }
            case 'cleared':
                lines.writeLimited(`cleared:${report.suspicion}`, 'info', '[feishu] doubt cleared', {
                    event: 'cleared',
                    reason: report.suspicion,
                });
                return;
            case 'replace_advised':
                lines.write('warn', '[feishu] replacement advised', {
                    event: 'replace_advised',
                    proofs: report.proofs,
                    detail: detailOf(report.detail),
                });
                return;
            case 'replace_judged':
                lines.write(report.isEffective ? 'info' : 'warn', '[feishu] replacement judged', {
                    event: 'replace_judged',
                    is_effective: report.isEffective,
                    help: report.isEffective
                        ? undefined
                        : 'No event came over the new connection either: the cause is not the connection. Run feishu-connector doctor.',
                });
                return;
            case 'canary_seen':
                canaryFailures.reset();
                lines.write(isCanaryMissing ? 'info' : 'debug', '[feishu] canary seen', {
                    event: 'canary_seen',
                    round_trip_s: secondsOf(report.roundTripMs),
                });
                isCanaryMissing = false;
                return;
            case 'canary_missing':
                isCanaryMissing = true;
                lines.writeLimited('canary_missing', 'warn', '[feishu] canary missing', {
                    event: 'canary_missing',
                    missed: report.missed,
                    waited_s: secondsOf(report.waitedMs),
                });
                return;
            case 'canary_failed':
                lines.write(canaryFailures.next(moment.now) ? 'warn' : 'debug', '[feishu] canary could not be caused', {
                    event: 'canary_failed',
                    failures: canaryFailures.count,
                    detail: detailOf(report.detail),
                });
                return;
            case 'budget': {
                const { level, help } = LEVELS[report.level];
                lines.writeLimited('budget', level, '[feishu] call budget', {
                    event: 'budget',
                    budget: report.level,
                    used: report.used,
                    projected: report.projected,
                    quota: report.quota,
                    help,
                });
                return;
            }
            case 'look_failed':
                lines.writeLimited('look_failed', 'error', '[feishu] look from outside failed', {
                    event: 'look_failed',
                    detail: detailOf(report.detail),
                });
                return;
            case 'notes_failed':
                lines.writeLimited('notes_failed', 'error', '[feishu] notes could not be kept', {
                    event: 'notes_failed',
                    detail: detailOf(report.detail),
                    help: 'After a crash a gap may be forgotten, or read twice. Look at the disk of the journal.',
                });
                return;
            case 'gaps':
                lines.write('debug', '[feishu] gaps', { event: 'gaps', open: report.open });
                return;
        }
    };
}
/** A gap's record as fields: what, how much and why, but nothing that was said. */
function recordOf(record) {
    const { cause, from, to, found, unreachable, recovered, chats, calls } = record;
    const [worst] = unreachable;
    return {
        gap: record.number,
        cause,
        from: timeOf(from),
        to: timeOf(to),
        gap_s: secondsOf(to - from),
        found,
        already_known: record.alreadyKnown,
        recovered,
        unreachable: unreachable.length === 0 ? undefined : unreachable.map(({ what, count, why }) => `${count} ${what}: ${why}`),
        chats,
        calls,
        other_event_types: record.otherEventTypes.types,
        detail: worst && detailOf(worst.detail),
        help: worst && helpOf(worst.why),
    };
}
/** What was not caught up is a warning, unless nobody wanted it to be. */
function levelOf({ recovered, unreachable }) {
    return recovered === 'yes' || unreachable.every(({ why }) => why === 'disabled') ? 'info' : 'warn';
}
function loudness(verdict) {
    return verdict === 'operator' ? 'error' : 'warn';
}
function helpOf(reason) {
    return isCallFailure(reason) ? CALL_FAILURES[reason].help : BARRIERS[reason];
}
function isCallFailure(reason) {
    return Object.hasOwn(CALL_FAILURES, reason);
}
/** ISO 8601: a catch-up by hand can be asked for with it. */
function timeOf(wallMs) {
    return new Date(wallMs).toISOString();
}
