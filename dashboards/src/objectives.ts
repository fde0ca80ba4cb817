import { type Board, shelf } from './board.js';
import { bars, lines, stats, timeline } from './kinds.js';
import { BURN_FACTORS, LATE_ACK_BUDGET, LIMITS, UNAVAILABLE_BUDGET } from './limits.js';
import { COLORS } from './panel.js';
import { alerts, counted, gauge, increase, processes, recorded, secondsSince, target } from './query.js';
import { ALERTING, RELOADED, UP, USABLE, WATCHDOG } from './states.js';

const CONNECTED_SHARE = `avg_over_time(${recorded('feishu_ws_available:bool', '30d')})`;
const ON_TIME_SHARE = `1 - sum by (job, app) (${increase('feishu_event_acks_late_total', '30d')}) / (sum by (job, app) (${increase('feishu_event_acks_total', '30d')}) > 0)`;

const BURN_STEPS = [
  { value: null, color: COLORS.good },
  ...[...BURN_FACTORS].reverse().map(({ factor, severity }) => ({ value: factor, color: COLORS[severity] })),
];

/** Red below a limit, green from it on. */
function from(value: number) {
  return [
    { value: null, color: COLORS.critical },
    { value, color: COLORS.good },
  ];
}

function burnRates(ratio: 'ws_unavailable' | 'event_acks_late', budget: number) {
  return BURN_FACTORS.map(({ window }) => ({
    expr: `${recorded(`feishu_${ratio}:ratio${window}`)} / ${budget}`,
    legend: `${window} {{app}}`,
  }));
}

export const OBJECTIVES: Board = {
  uid: 'feishu-objectives',
  title: 'Feishu / Objectives and self-check',
  question: 'Can we trust the alarms?',
  sections: [
    {
      id: 100,
      title: 'Are the objectives kept? (30 days, or as long as Prometheus remembers)',
      shelves: [
        shelf(
          5,
          [
            6,
            stats({
              id: 1,
              title: 'Connected',
              normal: 'at or above 99.9 % of the time.',
              act: 'the objective is missed: find the outages in Outage duration on the board Connection.',
              unit: 'percentunit',
              decimals: 3,
              queries: [{ expr: `sort(${CONNECTED_SHARE})`, legend: '{{app}}' }],
              noValue: 'no data',
              steps: from(1 - UNAVAILABLE_BUDGET),
              alerts: ['FeishuConnectivityBudgetBurn'],
            }),
          ],
          [
            6,
            stats({
              id: 2,
              title: 'Budget left: connected',
              normal: 'above zero: some of the 43 minutes that 30 days allow is left.',
              act: 'below zero: put reliability before features until it is back.',
              unit: 'percentunit',
              decimals: 0,
              queries: [{ expr: `sort(1 - (1 - ${CONNECTED_SHARE}) / ${UNAVAILABLE_BUDGET})`, legend: '{{app}}' }],
              noValue: 'no data',
              steps: from(0),
              alerts: ['FeishuConnectivityBudgetBurn'],
            }),
          ],
          [
            6,
            stats({
              id: 3,
              title: 'Acks on time',
              normal: 'at or above 99.9 % within 3 s.',
              act: 'the platform redelivers what was late: see Ack duration and the handlers on the board Events.',
              unit: 'percentunit',
              decimals: 3,
              queries: [{ expr: `sort(${ON_TIME_SHARE})`, legend: '{{app}}' }],
              noValue: 'no acks, or no data',
              steps: from(1 - LATE_ACK_BUDGET),
              alerts: ['FeishuAckBudgetBurn'],
            }),
          ],
          [
            6,
            stats({
              id: 4,
              title: 'Budget left: acks',
              normal: 'above zero: some of the one in a thousand acks that may be late is left.',
              act: 'below zero: put reliability before features until it is back.',
              unit: 'percentunit',
              decimals: 0,
              queries: [{ expr: `sort(1 - (1 - (${ON_TIME_SHARE})) / ${LATE_ACK_BUDGET})`, legend: '{{app}}' }],
              noValue: 'no acks, or no data',
              steps: from(0),
              alerts: ['FeishuAckBudgetBurn'],
            }),
          ],
        ),
        shelf(
          8,
          [
            12,
            lines({
              id: 5,
              title: 'Burn rate: connected',
              normal: 'below 1: the budget lasts the 30 days.',
              act: 'the alert of a window fires at its own line: 14.4 for 1 h, 6 for 6 h, 3 for 1 d, 1 for 3 d. A high short window alone is an outage that just happened.',
              unit: 'none',
              queries: burnRates('ws_unavailable', UNAVAILABLE_BUDGET),
              steps: BURN_STEPS,
              isLogarithmic: true,
              alerts: ['FeishuConnectivityBudgetBurn'],
            }),
          ],
          [
            12,
            lines({
              id: 6,
              title: 'Burn rate: acks',
              normal: 'below 1: the budget lasts the 30 days.',
              act: 'the lines as on the left, and at least a hundred acks in the window. High in all windows means that handlers are slow by design: use a journal.',
              unit: 'none',
              queries: burnRates('event_acks_late', LATE_ACK_BUDGET),
              steps: BURN_STEPS,
              isLogarithmic: true,
              alerts: ['FeishuAckBudgetBurn'],
            }),
          ],
        ),
      ],
    },
    {
      id: 101,
      title: 'Do the alarms work?',
      shelves: [
        shelf(
          8,
          [
            18,
            timeline({
              id: 7,
              title: 'Alerts',
              normal: 'empty.',
              act: 'yellow is a condition that may still pass, red has been sent. Many at once: the earliest left edge is nearest to the cause.',
              unit: 'none',
              queries: [
                {
                  expr: `max by (alertname, app, instance) (2 * ${alerts('firing')} or 1 * ${alerts('pending')})`,
                  legend: '{{alertname}} {{app}} {{instance}}',
                },
              ],
              states: ALERTING,
              noValue: 'No alert was pending or firing, if the watchdog is present',
            }),
          ],
          [
            6,
            stats({
              id: 8,
              title: 'Watchdog',
              normal: 'present: an alert that always fires, so that its silence can be noticed outside.',
              act: 'SILENT means that the rules are not loaded or not evaluated: no alert of ours can fire. Look at the page of rules in Prometheus.',
              unit: 'none',
              queries: [
                {
                  expr: 'max(ALERTS{alertname="FeishuWatchdog", alertstate="firing"}) or vector(0)',
                  legend: 'Watchdog',
                },
              ],
              states: WATCHDOG,
              noValue: 'no data',
              alerts: ['FeishuWatchdog'],
            }),
          ],
        ),
        shelf(
          6,
          [
            8,
            lines({
              id: 9,
              title: 'Rule evaluations that failed, in 5 minutes',
              normal: 'zero.',
              act: 'these rules are blind: the page of rules in Prometheus shows the error.',
              unit: 'short',
              queries: [
                {
                  expr: 'sum by (instance, rule_group) (increase(prometheus_rule_evaluation_failures_total{rule_group=~".*;feishu-.*"}[5m]))',
                  legend: '{{instance}} {{rule_group}}',
                },
              ],
              alerts: ['FeishuRuleEvaluationFailing'],
            }),
          ],
          [
            8,
            lines({
              id: 10,
              title: 'Notifications that failed, share of 5 minutes',
              normal: 'zero.',
              act: 'Prometheus cannot hand over alerts to its Alertmanagers: look at its log and at the network between them.',
              unit: 'percentunit',
              queries: [
                {
                  expr: 'min without (alertmanager) (rate(prometheus_notifications_errors_total[5m]) / rate(prometheus_notifications_sent_total[5m]))',
                  legend: '{{instance}}',
                },
              ],
              alerts: ['FeishuAlertsNotDelivered'],
            }),
          ],
          [
            8,
            lines({
              id: 11,
              title: 'Alertmanagers known to Prometheus',
              normal: 'at least one, better two.',
              act: 'zero: every alert ends in Prometheus, and nobody is told. Look at its alerting section.',
              unit: 'short',
              isStepped: true,
              queries: [{ expr: 'prometheus_notifications_alertmanagers_discovered', legend: '{{instance}}' }],
              steps: from(1),
              alerts: ['FeishuAlertsNotDelivered'],
            }),
          ],
        ),
      ],
    },
    {
      id: 102,
      title: 'Can the connector be seen?',
      shelves: [
        shelf(
          7,
          [
            8,
            timeline({
              id: 12,
              title: 'Scraping',
              normal: 'up, for each instance.',
              act: 'down: the process is dead, or its port cannot be reached. A bar that ends: the instance left service discovery. Up without a row on the board Overview: it exports no connector metrics.',
              unit: 'none',
              queries: [{ expr: target('up'), legend: '{{job}} {{instance}}' }],
              states: UP,
              alerts: ['FeishuTargetDown', 'FeishuTargetAbsent', 'FeishuTargetDisappeared', 'FeishuMetricsMissing'],
              steps: [
                { value: null, color: COLORS.warning },
                { value: LIMITS.FeishuTargetDown.value, color: COLORS.good },
              ],
            }),
          ],
          [
            5,
            lines({
              id: 13,
              title: 'Scrape duration',
              normal: 'tens of milliseconds.',
              act: 'near 10 s, the usual timeout, scrapes begin to fail: the event loop is blocked.',
              unit: 's',
              queries: [{ expr: target('scrape_duration_seconds'), legend: '{{instance}}' }],
            }),
          ],
          [
            5,
            lines({
              id: 14,
              title: 'Samples per scrape',
              normal: 'flat: every label set exists from the start.',
              act: 'a climb is a label without a bound: please report it.',
              unit: 'short',
              queries: [{ expr: target('scrape_samples_scraped'), legend: '{{instance}}' }],
            }),
          ],
          [
            6,
            lines({
              id: 15,
              title: "Since the supervisor's last tick",
              normal: 'a few seconds.',
              act: 'above a minute HTTP answers but the loop that owns the timers does not: restart that process and keep its log.',
              unit: 's',
              queries: [
                {
                  expr: secondsSince('feishu_connector_supervisor_heartbeat_timestamp_seconds'),
                  legend: '{{app}} {{instance}}',
                },
              ],
              alerts: ['FeishuSupervisorStalled'],
            }),
          ],
        ),
        shelf(
          6,
          [
            6,
            lines({
              id: 26,
              title: 'Time left of the TLS certificate',
              normal: 'weeks. Nothing where the HTTP surface has no TLS.',
              act: 'below a week nobody has renewed it: at zero every scrape fails, though the apps go on.',
              unit: 's',
              queries: [
                {
                  expr: `${gauge('feishu_connector_certificate_expiry_timestamp_seconds')} - time()`,
                  legend: '{{instance}}',
                },
              ],
              alerts: ['FeishuCertificateNotRenewed'],
            }),
          ],
          [
            6,
            timeline({
              id: 27,
              title: 'Files of the TLS certificate',
              normal: 'usable. Nothing where the HTTP surface has no TLS.',
              act: 'unusable: what was renewed is damaged, or no pair, and the older one goes on until it ends. The log says what is wrong with it.',
              unit: 'none',
              queries: [{ expr: gauge('feishu_connector_certificate_files_usable'), legend: '{{instance}}' }],
              states: USABLE,
              alerts: ['FeishuCertificateNotRenewed'],
            }),
          ],
          [
            6,
            timeline({
              id: 29,
              title: 'Configuration',
              normal: 'in force.',
              act: 'refused: a reload found something wrong, and the configuration before goes on. status and doctor say what it was; mend that before the process restarts.',
              unit: 'none',
              queries: [{ expr: gauge('feishu_connector_config_last_reload_successful'), legend: '{{instance}}' }],
              states: RELOADED,
              alerts: ['FeishuConfigReloadFailed'],
            }),
          ],
          [
            6,
            bars({
              id: 28,
              title: 'Refused at the HTTP surface, by reason',
              normal: 'none.',
              act: 'credentials: somebody guesses, or a password was changed for one side alone. busy or late: a client that asks too much. The log names address and route.',
              unit: 'short',
              queries: [{ expr: counted('feishu_connector_http_refusals_total', 'reason'), legend: '{{reason}}' }],
            }),
          ],
        ),
        shelf(
          6,
          [
            8,
            bars({
              id: 16,
              title: 'Log lines by level',
              normal: 'mostly info, few warnings, no errors.',
              act: 'errors here and no alert: read the log anyway, and say which rule is missing.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_connector_log_messages_total', 'level'),
                  legend: '{{level}}',
                },
              ],
            }),
          ],
          [
            8,
            bars({
              id: 17,
              title: 'Telemetry errors by reason',
              normal: 'none.',
              act: 'our own instrumentation failed, and other panels may be wrong: please report it with the log line.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_connector_telemetry_errors_total', 'reason'),
                  legend: '{{reason}}',
                },
              ],
            }),
          ],
          [
            8,
            bars({
              id: 18,
              title: 'Clock jumps by direction',
              normal: 'none.',
              act: 'forward: the machine slept, or was frozen. backward: time was set. Ages and expiries around it are not to be trusted.',
              unit: 'short',
              queries: [
                {
                  expr: counted('feishu_connector_clock_jumps_total', 'direction'),
                  legend: '{{direction}}',
                },
              ],
            }),
          ],
        ),
      ],
    },
    {
      id: 103,
      title: 'Is the process well?',
      shelves: [
        shelf(
          7,
          [
            6,
            lines({
              id: 19,
              title: 'Event loop lag, p99',
              normal: 'a few tens of milliseconds.',
              act: 'above 250 ms heartbeats and acks run late: find the synchronous work in handlers with a CPU profile.',
              unit: 's',
              queries: [{ expr: processes((own) => `nodejs_eventloop_lag_p99_seconds${own}`), legend: '{{instance}}' }],
              alerts: ['FeishuEventLoopBlocked'],
            }),
          ],
          [
            6,
            lines({
              id: 20,
              title: 'CPU',
              normal: 'a few percent of one core.',
              act: 'near 100 % the one thread of Node is full: compare with the loop lag.',
              unit: 'percentunit',
              queries: [
                {
                  expr: processes((own) => `rate(process_cpu_seconds_total${own}[$__rate_interval])`),
                  legend: '{{instance}}',
                },
              ],
            }),
          ],
          [
            6,
            lines({
              id: 21,
              title: 'Memory',
              normal: 'flat after the first hour.',
              act: 'a steady climb of the heap is a leak, most often in user code; take a heap snapshot before you restart.',
              unit: 'bytes',
              queries: [
                {
                  expr: processes((own) => `process_resident_memory_bytes${own}`),
                  legend: 'resident {{instance}}',
                },
                { expr: processes((own) => `nodejs_heap_size_used_bytes${own}`), legend: 'heap {{instance}}' },
              ],
            }),
          ],
          [
            6,
            lines({
              id: 22,
              title: 'Garbage collection, share of time',
              normal: 'below a few percent.',
              act: 'a climb together with the heap: memory is nearly full.',
              unit: 'percentunit',
              queries: [
                {
                  expr: `sum by (instance) (${processes((own) => `rate(nodejs_gc_duration_seconds_sum${own}[$__rate_interval])`)})`,
                  legend: '{{instance}}',
                },
              ],
            }),
          ],
        ),
        shelf(
          6,
          [
            8,
            lines({
              id: 23,
              title: 'Restarts in 15 minutes',
              normal: 'zero; one around a deployment.',
              act: 'three or more is a crash loop: read the last lines of the log and the exit code.',
              unit: 'short',
              queries: [
                {
                  expr: processes((own) => `changes(process_start_time_seconds${own}[15m])`),
                  legend: '{{instance}}',
                },
              ],
              alerts: ['FeishuConnectorCrashLooping'],
            }),
          ],
          [
            8,
            lines({
              id: 24,
              title: 'Active handles',
              normal: 'flat.',
              act: 'a climb is sockets or timers that nobody closes.',
              unit: 'short',
              queries: [{ expr: processes((own) => `nodejs_active_handles_total${own}`), legend: '{{instance}}' }],
            }),
          ],
          [
            8,
            lines({
              id: 25,
              title: 'File descriptors, share of the limit',
              normal: 'a few percent.',
              act: 'a climb towards 100 % ends with no new connection at all: restart in time, then look for the leak.',
              unit: 'percentunit',
              queries: [
                {
                  expr: processes((own) => `process_open_fds${own} / on (job, instance) process_max_fds${own}`),
                  legend: '{{instance}}',
                },
              ],
            }),
          ],
        ),
      ],
    },
  ],
};
