import { DEAD_LETTER_REASONS, JOURNAL_FAILURES } from '../../delivery/index.js';
/**
 * Declares the series that one app has because of its journal, and feeds them from the delivery room's reports: the
 * journal itself, and the retries and dead letters that only a journal makes possible.
 */
export function journalMetrics(series, spans) {
    declareJournal(series);
    // What comes with each event.
    const append = series.histogram('feishu_journal_append_duration_seconds', {});
    return (report) => {
        switch (report.type) {
            case 'journal_opened':
                series.set('feishu_journal_size_bytes', {}, report.sizeBytes);
                series.set('feishu_event_dead_letters', {}, report.deadLetters);
                return;
            case 'journaled':
                append.observe(report.durationMs / 1_000, spans.ofEvent(report.eventId));
                return;
            case 'journal_failed':
                series.add('feishu_journal_failures_total', { reason: report.reason });
                return;
            case 'journal_size':
                series.set('feishu_journal_size_bytes', {}, report.bytes);
                return;
            case 'retry_scheduled':
                series.add('feishu_event_retries_total', {});
                return;
            case 'dead_lettered':
                series.add('feishu_event_dead_letters_total', { reason: report.reason });
                return;
            case 'dead_letters':
                series.set('feishu_event_dead_letters', {}, report.count);
                return;
            default:
                return; // told of with or without a journal
        }
    };
}
function declareJournal(series) {
    for (const name of [
        'feishu_journal_append_duration_seconds',
        'feishu_journal_size_bytes',
        'feishu_event_retries_total',
        'feishu_event_dead_letters',
    ]) {
        series.declare(name, {});
    }
    for (const reason of JOURNAL_FAILURES)
        series.declare('feishu_journal_failures_total', { reason });
    for (const reason of DEAD_LETTER_REASONS)
        series.declare('feishu_event_dead_letters_total', { reason });
}
