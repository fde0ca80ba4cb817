import { type Board, shelf } from './board.js';
import { bars, lines, spread, timeline } from './kinds.js';
import { LIMITS } from './limits.js';
import { COLORS } from './panel.js';
import {
  buckets,
  counted,
  gauge,
  increase,
  quantile,
  rate,
  recorded,
  secondsSince,
  secondsSinceOrZero,
} from './query.js';
import { SINK_UP } from './states.js';

const NEUTRAL = [{ value: null, color: COLORS.neutral }];

/** One counter's growth over another's, both summed per app over an alert's window. No events, no share. */
function share(part: Parameters<typeof increase>[0], whole: Parameters<typeof increase>[0], window: string): string {
  return `sum by (job, app) (${increase(part, window)}) / (sum by (job, app) (${increase(whole, window)}) > 0)`;
}

export const EVENTS: Board = {
  uid: 'feishu-events',
  title: 'Feishu / Events',
  question: 'Is anything lost or late?',
  sections: [
    {
      id: 100,
      title: 'Does everything arrive?',
      shelves: [
        shelf(
          8,
          [
            8,
            lines({
              id: 1,
              title: 'Received in 30 minutes against expected',
              normal: 'near the expected line, which is the same hour of days past.',
              act: 'far below it while connected: another client takes the events, or the platform sends none. Send the bot a message: if it arrives, look for the other client; if not, reconnect.',
              unit: 'short',
              queries: [
                { expr: recorded('feishu_events_received:increase30m'), legend: 'received {{app}}' },
                { expr: recorded('feishu_events_received:baseline30m'), legend: 'expected {{app}}' },
                {
                  expr: `${LIMITS.FeishuEventsBelowBaseline.value} * ${recorded('feishu_events_received:baseline30m')}`,
                  legend: 'alert {{app}}',
                  limitOf: 'FeishuEventsBelowBaseline',
                },
              ],
              alerts: ['FeishuEventsSilent', 'FeishuEventsBelowBaseline'],
              steps: NEUTRAL,
            }),
          ],
          [
            8,
            lines({
              id: 2,
              title: 'Received in 6 hours against expected',
              normal: 'near the expected line: the view for apps with few events.',
              act: 'zero against ten or more expected is silence, even when every single half hour might have been chance.',
              unit: 'short',
              queries: [
                { expr: recorded('feishu_events_received:increase6h'), legend: 'received {{app}}' },
                { expr: recorded('feishu_events_received:baseline6h'), legend: 'expected {{app}}' },
              ],
              alerts: ['FeishuEventsSilent'],
            }),
          ],
          [
            8,
            lines({
              id: 3,
              title: 'Received by type',
              normal: 'the types you subscribed to, in the rhythm of your users.',
              act: 'one type that stopped while others go on was unsubscribed, or its permission was withdrawn. All zero for a day after the first connection: the event subscription was never set up.',
              unit: 'eps',
              queries: [
                { expr: `sum by (event_type) (${rate('feishu_events_received_total')})`, legend: '{{event_type}}' },
              ],
              alerts: ['FeishuNeverReceived'],
              steps: NEUTRAL,
            }),
          ],
        ),
        shelf(
          7,
          [
            6,
            bars({
              id: 4,
              title: 'Drops by reason',
              normal: 'none, or no_handler alone: events nobody registered for.',
              act: 'overloaded and stopping come again by redelivery. The bad_… reasons will not: keep the log line and report it.',
              unit: 'short',
              queries: [{ expr: counted('feishu_events_dropped_total', 'reason'), legend: '{{reason}}' }],
            }),
          ],
          [
            6,
            lines({
              id: 5,
              title: 'Duplicates, share of 15 minutes',
              normal: 'near zero; each was recognised and not handled twice.',
              act: 'above one in twenty the ladder of redelivery is running: look for late acks at the same time.',
              unit: 'percentunit',
              queries: [
                {
                  expr: share('feishu_event_duplicates_total', 'feishu_events_received_total', '15m'),
                  legend: '{{app}}',
                },
              ],
              alerts: ['FeishuDuplicateDeliveries'],
            }),
          ],
          [
            6,
            bars({
              id: 6,
              title: 'Fragments that expired',
              normal: 'none.',
              act: 'a split event of which a part never came. It is redelivered whole; if it goes on, a part is lost on the way each time.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, app) (${increase('feishu_event_fragments_expired_total')})`,
                  legend: '{{app}}',
                },
              ],
            }),
          ],
          [
            6,
            lines({
              id: 7,
              title: 'Frames not readable, in 10 minutes',
              normal: 'zero.',
              act: 'the platform sends what this version cannot read. They were not acknowledged; the log has a line for each.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, instance, app, reason) (${increase('feishu_ws_frame_errors_total', '10m')})`,
                  legend: '{{app}} {{instance}} {{reason}}',
                },
              ],
              alerts: ['FeishuFramesUndecodable'],
            }),
          ],
        ),
      ],
    },
    {
      id: 101,
      title: 'Is it answered in time?',
      shelves: [
        shelf(
          7,
          [
            8,
            spread({
              id: 8,
              title: 'Age of events on arrival',
              normal: 'a band within the first seconds.',
              act: 'bands at 15 s, 5 min, 1 h and 6 h are the redelivery ladder: these events were not acknowledged before.',
              unit: 's',
              queries: [
                { expr: buckets('feishu_event_delivery_age_seconds', 'source=~"push|redelivery"'), legend: '' },
              ],
              alerts: ['FeishuDuplicateDeliveries'],
            }),
          ],
          [
            8,
            spread({
              id: 9,
              title: 'Ack duration',
              normal: 'far below 3 s.',
              act: 'cells above 3 s are late acks: click a dot for the trace of one. Then look at what the ack waits for: the journal below, or without one the handlers.',
              unit: 's',
              queries: [{ expr: buckets('feishu_event_ack_duration_seconds'), legend: '', hasExemplars: true }],
              alerts: ['FeishuAckLate'],
            }),
          ],
          [
            8,
            lines({
              id: 10,
              title: 'Late acks, share of 10 minutes',
              normal: 'zero.',
              act: 'above one in a hundred, look first at the journal, or without one at the handlers, then at the event loop lag on the board Objectives.',
              unit: 'percentunit',
              queries: [
                { expr: share('feishu_event_acks_late_total', 'feishu_event_acks_total', '10m'), legend: '{{app}}' },
              ],
              alerts: ['FeishuAckLate'],
            }),
          ],
        ),
        shelf(
          7,
          [
            8,
            lines({
              id: 11,
              title: 'Acks written',
              normal: 'as many as events were received.',
              act: 'fewer than received: some are withheld (overloaded, stopping, refused by the journal), or could not be written.',
              unit: 'eps',
              queries: [
                { expr: `sum by (kind) (${rate('feishu_event_acks_total')})`, legend: '{{kind}}' },
                { expr: `sum (${rate('feishu_events_received_total')})`, legend: 'received' },
              ],
            }),
          ],
          [
            8,
            bars({
              id: 12,
              title: 'Acks not written, by failure',
              normal: 'none, or a few around a lost connection.',
              act: 'socket_gone: the connection ended before the ack. Those events come again and are recognised. journal_refused: they could not be made durable, and come again as well.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_event_ack_failures_total', 'failure'),
                  legend: '{{failure}}',
                },
              ],
            }),
          ],
          [
            8,
            lines({
              id: 13,
              title: 'Queue, share of its bound',
              normal: 'near zero.',
              act: 'at four fifths backpressure is near: at the bound events are not acknowledged, and come again later. Find the slow handler.',
              unit: 'percentunit',
              queries: [
                {
                  expr: `${gauge('feishu_event_queue_depth')} / on (job, instance, app) ${gauge('feishu_event_queue_capacity')}`,
                  legend: '{{app}} {{instance}}',
                },
              ],
              alerts: ['FeishuQueueSaturated'],
            }),
          ],
        ),
      ],
    },
    {
      id: 102,
      title: 'Do the handlers keep up?',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 14,
              title: 'Handler duration, p99 by type',
              normal: 'steady for each type.',
              act: 'a type that climbs has a slow dependency. The dots lead to traces. A handler that never returns is not here: see Oldest pending event.',
              unit: 's',
              queries: [
                {
                  expr: quantile(0.99, 'feishu_event_handler_duration_seconds', 'event_type'),
                  legend: '{{event_type}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
          [
            6,
            lines({
              id: 15,
              title: 'Oldest pending event',
              normal: 'nothing pending, or a fraction of the deadline.',
              act: 'a line that climbs to the deadline is a handler that hangs: the log names the event when it is aborted. With a journal it may be one event between its retries: see Retries below.',
              unit: 's',
              queries: [
                {
                  expr: `max by (job, app) (${secondsSinceOrZero('feishu_event_oldest_pending_timestamp_seconds')})`,
                  legend: '{{app}}',
                },
                {
                  expr: `min by (job, app) (${gauge('feishu_event_handler_deadline_seconds')})`,
                  legend: 'deadline {{app}}',
                  limitOf: 'FeishuHandlerStalled',
                },
              ],
              alerts: ['FeishuHandlerStalled'],
            }),
          ],
          [
            6,
            bars({
              id: 16,
              title: 'Handler failures by type',
              normal: 'none.',
              act: 'thrown: read the log line with its stack. timeout: the deadline passed. aborted: the process was stopped.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_event_handler_failures_total', 'event_type', 'reason'),
                  legend: '{{event_type}} {{reason}}',
                },
              ],
              alerts: ['FeishuHandlerErrors'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            lines({
              id: 17,
              title: 'Events that failed at first, share of 10 minutes',
              normal: 'zero. Retries do not count.',
              act: 'above one in twenty it is a fault of the code, not of one odd message. Roll back, if a deployment came before.',
              unit: 'percentunit',
              queries: [
                {
                  expr: share('feishu_events_failed_total', 'feishu_events_received_total', '10m'),
                  legend: '{{app}}',
                },
              ],
              alerts: ['FeishuHandlerErrors'],
            }),
          ],
        ),
      ],
    },
    {
      id: 104,
      title: 'Is everything kept? (with a journal)',
      shelves: [
        shelf(
          7,
          [
            8,
            lines({
              id: 22,
              title: 'Journal append duration',
              normal: 'a few milliseconds: the time until an event is durable, which its ack waits for.',
              act: 'a climb is the disk, often a network one or a neighbour on it; at 3 s acks are late. The dots lead to traces.',
              unit: 's',
              queries: [0.5, 0.99].map((q) => ({
                expr: quantile(q, 'feishu_journal_append_duration_seconds', 'app'),
                legend: `p${q * 100} {{app}}`,
                hasExemplars: true as const,
              })),
              alerts: ['FeishuAckLate'],
              steps: NEUTRAL,
            }),
          ],
          [
            8,
            lines({
              id: 23,
              title: 'Journal failures, in 5 minutes',
              normal: 'zero.',
              act: 'append and disk_full: events are refused and come again for 7 hours; look at the disk now. sync: outcomes are forgotten. recover: something in it could not be read and was set aside.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, instance, app, reason) (${increase('feishu_journal_failures_total', '5m')})`,
                  legend: '{{app}} {{instance}} {{reason}}',
                },
              ],
              alerts: ['FeishuJournalFailing'],
            }),
          ],
          [
            8,
            lines({
              id: 24,
              title: 'Journal size',
              normal: 'level: the space of finished events is used again, and never given back.',
              act: 'it grows while events wait: see Queue. Compare it with its limit and with the room on the disk.',
              unit: 'bytes',
              queries: [{ expr: gauge('feishu_journal_size_bytes'), legend: '{{app}} {{instance}}' }],
              alerts: ['FeishuJournalFailing'],
              steps: NEUTRAL,
            }),
          ],
        ),
        shelf(
          7,
          [
            8,
            lines({
              id: 25,
              title: 'Retries',
              normal: 'none, or a few.',
              act: 'a steady rate is something that handlers need and do not get: read the failures by type above. When the retries are used up, events become dead letters.',
              unit: 'eps',
              queries: [{ expr: `sum by (app) (${rate('feishu_event_retries_total')})`, legend: '{{app}}' }],
              alerts: ['FeishuHandlerErrors'],
              steps: NEUTRAL,
            }),
          ],
          [
            8,
            lines({
              id: 26,
              title: 'Dead letters that wait',
              normal: 'zero.',
              act: 'each is an event that nobody handles until a human replays or drops it. Mend the cause before you replay.',
              unit: 'short',
              decimals: 0,
              queries: [{ expr: gauge('feishu_event_dead_letters'), legend: '{{app}} {{instance}}' }],
              alerts: ['FeishuDeadLetters'],
            }),
          ],
          [
            8,
            bars({
              id: 27,
              title: 'New dead letters by reason',
              normal: 'none.',
              act: 'attempts: the handler failed as often as it may. undeliverable: it refused the event for good. held: the event was older than the age limit.',
              unit: 'short',
              queries: [{ expr: counted('feishu_event_dead_letters_total', 'reason'), legend: '{{reason}}' }],
              alerts: ['FeishuDeadLetters'],
              steps: NEUTRAL,
            }),
          ],
        ),
      ],
    },
    {
      id: 105,
      title: 'Does it get through? (with a sink)',
      shelves: [
        shelf(
          7,
          [
            6,
            timeline({
              id: 28,
              title: 'Sink',
              normal: 'one green bar for each instance; none before the first event.',
              act: 'red: nobody handles the events of that instance. With a journal they wait, without one they are refused.',
              unit: 'none',
              queries: [{ expr: gauge('feishu_sink_up'), legend: '{{app}} {{instance}} {{sink}}' }],
              states: SINK_UP,
              alerts: ['FeishuSinkDown'],
            }),
          ],
          [
            6,
            lines({
              id: 29,
              title: 'Sends',
              normal: 'as many as events were received.',
              act: 'more than received are repeated tries: see the failures. Fewer: events wait for their turn or for the sink, see Queue.',
              unit: 'eps',
              queries: [
                { expr: `sum by (sink) (${rate('feishu_sink_sends_total')})`, legend: '{{sink}}' },
                { expr: `sum (${rate('feishu_events_received_total')})`, legend: 'received' },
              ],
              alerts: ['FeishuSinkDown'],
            }),
          ],
          [
            6,
            bars({
              id: 30,
              title: 'Send failures by kind',
              normal: 'none.',
              act: 'unreachable, timeout, busy and failing mend themselves with the other side. misconfigured waits for a human. rejected counts towards the dead letters.',
              unit: 'short',
              queries: [
                { expr: counted('feishu_sink_failures_total', 'sink', 'failure'), legend: '{{sink}} {{failure}}' },
              ],
              alerts: ['FeishuSinkDown', 'FeishuDeadLetters'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            lines({
              id: 31,
              title: 'Send duration, p99',
              normal: 'steady, and far below the deadline of a handler.',
              act: 'a climb is the other side or the way there: the queue grows next. The dots lead to traces.',
              unit: 's',
              queries: [
                {
                  expr: quantile(0.99, 'feishu_sink_send_duration_seconds', 'sink'),
                  legend: '{{sink}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
        ),
      ],
    },
    {
      id: 106,
      title: 'What did an outage swallow? (where gaps are caught up)',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 32,
              title: 'Gaps not caught up',
              normal: 'zero; after a brief loss one for half an hour, as brief gaps are read together.',
              act: 'one that stays is a catch-up that fails: see the failures below. While an outage lasts, its gap is open.',
              unit: 'short',
              decimals: 0,
              isStepped: true,
              queries: [{ expr: gauge('feishu_event_gaps_open'), legend: '{{app}} {{instance}}' }],
              alerts: ['FeishuEventGapUnreconciled'],
            }),
          ],
          [
            6,
            bars({
              id: 33,
              title: 'Gaps closed, by whether all was recovered',
              normal: 'none, or yes.',
              act: 'no: something could not be read, and nothing tries again. unknown: nobody let us look, most often a scope is missing. The log line says from, to and why.',
              unit: 'short',
              queries: [{ expr: counted('feishu_event_gaps_closed_total', 'recovered'), legend: '{{recovered}}' }],
              alerts: ['FeishuEventGapLost'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            lines({
              id: 34,
              title: 'Time in gaps, in 6 hours',
              normal: 'near zero.',
              act: 'this is how long events may have passed us by: what is not a message was in no history.',
              unit: 's',
              queries: [
                {
                  expr: `sum by (job, app) (${increase('feishu_event_gap_seconds_total', '6h')})`,
                  legend: '{{app}}',
                },
              ],
              alerts: ['FeishuEventGapLost'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            lines({
              id: 35,
              title: 'Messages that only history had, in 6 hours',
              normal: 'zero outside of outages.',
              act: 'messages that were handled late, thanks to catch-up. Many without an outage: the connection was deaf, see Doubts and proofs on the board Connection.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, app) (${increase('feishu_catchup_events_total', '6h')})`,
                  legend: '{{app}}',
                },
              ],
              steps: NEUTRAL,
            }),
          ],
        ),
        shelf(
          7,
          [
            6,
            lines({
              id: 36,
              title: 'Runs of catch-up, in an hour',
              normal: 'none, or one for each outage; two an hour while it is kicked again and again.',
              act: 'many are runs that fail and are tried again.',
              unit: 'short',
              queries: [
                { expr: `sum by (job, app) (${increase('feishu_catchup_runs_total', '1h')})`, legend: '{{app}}' },
              ],
              alerts: ['FeishuEventGapUnreconciled'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            bars({
              id: 37,
              title: 'Failed runs by code',
              normal: 'none.',
              act: 'budget spared and quota exhausted: calls are kept for sending. refused: our own delivery has no room. bounds: it goes on where it stood.',
              unit: 'short',
              queries: [{ expr: counted('feishu_catchup_failures_total', 'failure'), legend: '{{failure}}' }],
              alerts: ['FeishuEventGapUnreconciled'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            lines({
              id: 38,
              title: 'Since the last run that reached its end',
              noValue: 'Never yet, or no catch-up',
              normal: 'as long as the last outage is ago; 0 for never.',
              act: 'it grows while gaps are open: runs fail.',
              unit: 's',
              queries: [
                {
                  expr: secondsSinceOrZero('feishu_catchup_last_success_timestamp_seconds'),
                  legend: '{{app}} {{instance}}',
                },
              ],
              alerts: ['FeishuEventGapUnreconciled'],
              steps: NEUTRAL,
            }),
          ],
          [
            6,
            bars({
              id: 39,
              title: 'Comparisons with history',
              normal: 'none, or agrees.',
              act: 'deaf: history has a message that never came, and the connection is replaced. unknown: no chat could be compared.',
              unit: 'short',
              queries: [{ expr: counted('feishu_catchup_comparisons_total', 'verdict'), legend: '{{verdict}}' }],
              steps: NEUTRAL,
            }),
          ],
        ),
        shelf(
          7,
          [
            12,
            lines({
              id: 40,
              title: 'Since the last canary',
              noValue: 'Never yet, or no canary',
              normal: 'a saw-tooth of one interval.',
              act: 'above the dashed line the proof from end to end is missing: the log says whether canaries could not be caused, or did not come.',
              unit: 's',
              queries: [
                { expr: secondsSince('feishu_canary_last_received_timestamp_seconds'), legend: '{{app}} {{instance}}' },
                {
                  expr: `max by (job, app) (${LIMITS.FeishuCanaryMissing.value} * ${gauge('feishu_canary_interval_seconds')})`,
                  legend: 'limit {{app}}',
                  limitOf: 'FeishuCanaryMissing',
                },
              ],
              alerts: ['FeishuCanaryMissing'],
              steps: NEUTRAL,
            }),
          ],
          [
            12,
            lines({
              id: 41,
              title: 'Canaries that did not come, in an hour',
              noValue: 'No canary, or no data',
              normal: 'zero.',
              act: 'one may be the platform; two in a row replace the connection.',
              unit: 'short',
              queries: [
                { expr: `sum by (job, app) (${increase('feishu_canary_missed_total', '1h')})`, legend: '{{app}}' },
              ],
              alerts: ['FeishuCanaryMissing'],
              steps: NEUTRAL,
            }),
          ],
        ),
      ],
    },
    {
      id: 103,
      title: 'Does the API answer?',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 18,
              title: 'API calls by route',
              normal: 'few: tokens, tickets, and what your handlers send.',
              act: 'a route that climbs by itself is a loop in user code, and eats the monthly quota.',
              unit: 'reqps',
              queries: [{ expr: `sum by (api) (${rate('feishu_api_requests_total')})`, legend: '{{api}}' }],
            }),
          ],
          [
            6,
            lines({
              id: 19,
              title: 'API duration, p99 by route',
              normal: 'well below a second.',
              act: 'all routes slow at once is the network or the platform; one alone is that API. The dots lead to traces.',
              unit: 's',
              queries: [
                {
                  expr: quantile(0.99, 'feishu_api_duration_seconds', 'api'),
                  legend: '{{api}}',
                  hasExemplars: true,
                },
              ],
            }),
          ],
          [
            6,
            bars({
              id: 20,
              title: 'API failures by route',
              normal: 'none.',
              act: 'the failure says whether the network, the platform or the request is at fault; the log line has the code.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_api_failures_total', 'api', 'failure'),
                  legend: '{{api}} {{failure}}',
                },
              ],
            }),
          ],
          [
            6,
            lines({
              id: 21,
              title: 'API calls refused, in 15 minutes',
              normal: 'zero.',
              act: 'rate: slow down, it is over within the minute. quota: the calls of this month are used up, and only the console helps.',
              unit: 'short',
              queries: [
                {
                  expr: `sum by (job, app, reason) (${increase('feishu_api_limited_total', '15m')})`,
                  legend: '{{app}} {{reason}}',
                },
              ],
              alerts: ['FeishuApiLimited'],
            }),
          ],
        ),
        shelf(7, [
          24,
          lines({
            id: 42,
            title: 'Calls of this month',
            noValue: 'Nobody counts, or no data',
            normal: 'the line climbs through the month and stays below the quota at its end; the projection too.',
            act: 'a projection above 80 % of the quota slows our own looks down, 90 % used stops them, and 98 % stops catch-up too. See which route takes the calls.',
            unit: 'short',
            queries: [
              { expr: gauge('feishu_api_quota_used'), legend: 'used {{app}} {{instance}}' },
              { expr: gauge('feishu_api_quota_projected'), legend: 'projected {{app}} {{instance}}' },
              { expr: `max by (job, app) (${gauge('feishu_api_quota_limit')})`, legend: 'quota {{app}}' },
            ],
            alerts: ['FeishuApiLimited'],
            steps: NEUTRAL,
          }),
        ]),
      ],
    },
  ],
};
