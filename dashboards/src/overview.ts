import { type Board, shelf } from './board.js';
import { lines, mappings, rows, stats, timeline } from './kinds.js';
import { LATE_ACK_SECONDS, UNAVAILABLE_BUDGET } from './limits.js';
import { RUNBOOKS_VARIABLE } from './links.js';
import { COLORS, thresholds } from './panel.js';
import {
  alerts,
  gauge,
  processes,
  quantile,
  rate,
  recorded,
  secondsSince,
  secondsSinceOrZero,
  silentWatchdog,
} from './query.js';
import { CONNECTION_STATES_BY_NAME, SERVED } from './states.js';

const AVAILABLE = recorded('feishu_ws_available:bool');
const LAST_EVENT = gauge('feishu_event_last_received_timestamp_seconds');
const CONNECTION = 'job, instance, app';
/** One sample of 1 for each connection, to hang facts about its process on. */
const EACH_CONNECTION = `group by (${CONNECTION}) (${gauge('feishu_ws_connected')})`;

export const OVERVIEW: Board = {
  uid: 'feishu-overview',
  title: 'Feishu / Overview',
  question: 'Is every app being served?',
  sections: [
    {
      id: 100,
      title: 'Is every app being served?',
      shelves: [
        shelf(
          6,
          [
            5,
            stats({
              id: 1,
              title: 'Apps now',
              normal: 'every app is green: at least one of its instances is connected, proven by a pong.',
              act: 'DEAF means that nobody receives for the app, or nobody can see that anyone does. Look at its alerts on the right, then at the board Connection. An app that is paused on purpose has no tile.',
              unit: 'none',
              queries: [{ expr: `sort(${AVAILABLE})`, legend: '{{app}}' }],
              states: SERVED,
              noValue: 'no data',
              alerts: ['FeishuAppDeaf'],
            }),
          ],
          [
            11,
            timeline({
              id: 2,
              title: 'Apps over time',
              normal: 'one green bar for each app.',
              act: 'red is an outage: its left edge is the moment to look for in the logs and in the annotations. A gap is a pause on purpose, or a time without rules or scrapes.',
              unit: 'none',
              queries: [{ expr: AVAILABLE, legend: '{{app}}' }],
              states: SERVED,
              alerts: ['FeishuAppDeaf'],
            }),
          ],
          [
            8,
            rows({
              id: 3,
              title: 'Firing alerts',
              normal: 'nothing fires.',
              act: 'open the runbook behind the name. Take critical ones first; a warning of the same app often names the cause. SILENT means that the rules are not evaluated, and an empty list means nothing.',
              unit: 'string',
              queries: [{ expr: `${alerts('firing')} or ${silentWatchdog()}`, legend: '' }],
              noValue: 'Nothing fires',
              columns: [
                { field: 'severity', title: 'Severity', override: severityColumn() },
                { field: 'alertname', title: 'Alert', override: runbookColumn() },
                { field: 'app', title: 'App' },
                { field: 'instance', title: 'Instance' },
              ],
              hidden: ['Time', 'Value', 'alertstate'],
              sortBy: 'Severity',
            }),
          ],
        ),
        shelf(
          4,
          [
            4,
            stats({
              id: 4,
              title: 'Current outage',
              normal: 'none: no instance is in an outage.',
              act: 'the time since an instance lost its connection, the longest one. Others may still serve the app: see the tiles above.',
              words: { 0: { text: 'none', color: COLORS.good } },
              unit: 's',
              queries: [
                {
                  expr: `sort_desc(max by (job, app) (${secondsSinceOrZero('feishu_ws_outage_started_timestamp_seconds')}))`,
                  legend: '{{app}}',
                },
              ],
              noValue: 'no data',
              steps: [{ value: null, color: COLORS.critical }],
            }),
          ],
          [
            4,
            stats({
              id: 5,
              title: 'Silence, in heartbeats',
              normal:
                'below 1: each ping is answered, so something arrives in every heartbeat interval, events or not.',
              act: 'at 2.5 intervals without any frame a connection that calls itself connected is not: see Silence on the board Connection.',
              unit: 'none',
              decimals: 1,
              queries: [
                {
                  expr: `sort_desc(max by (job, app) ((${secondsSince('feishu_ws_last_frame_timestamp_seconds')}) / on (${CONNECTION}) ${gauge('feishu_ws_heartbeat_interval_seconds')}))`,
                  legend: '{{app}}',
                },
              ],
              noValue: 'no data',
              alerts: ['FeishuWsHalfOpen'],
            }),
          ],
          [
            4,
            stats({
              id: 6,
              title: 'Since the last event',
              normal: 'as long as your users are quiet; compare with the same hour of other days.',
              act: 'much longer than usual although connected: the platform sends to someone else, or to nobody. See the baseline on the board Events.',
              unit: 's',
              queries: [
                {
                  expr: `sort_desc(time() - max by (job, app) (${LAST_EVENT} > 0) or max by (job, app) (${LAST_EVENT}) - 1)`,
                  legend: '{{app}}',
                },
              ],
              noValue: 'no data',
              words: { '-1': { text: 'never', color: COLORS.warning } },
            }),
          ],
          [
            4,
            stats({
              id: 7,
              title: 'Oldest pending event',
              normal: 'idle, or well below the deadline of a handler.',
              act: 'near the deadline a handler hangs, and a stuck handler shows in no histogram. See Waiting on the board Events.',
              unit: 's',
              queries: [
                {
                  expr: `sort_desc(max by (job, app) (${secondsSinceOrZero('feishu_event_oldest_pending_timestamp_seconds')}))`,
                  legend: '{{app}}',
                },
              ],
              noValue: 'no data',
              words: { 0: { text: 'idle', color: COLORS.good } },
              alerts: ['FeishuHandlerStalled'],
            }),
          ],
          [
            4,
            stats({
              id: 8,
              title: 'Connected, 30 days',
              normal: 'at or above the objective of 99.9 %.',
              act: 'below it, put reliability before features; the board Objectives shows when it was lost.',
              unit: 'percentunit',
              decimals: 3,
              queries: [
                { expr: `sort(avg_over_time(${recorded('feishu_ws_available:bool', '30d')}))`, legend: '{{app}}' },
              ],
              noValue: 'no data',
              steps: [
                { value: null, color: COLORS.critical },
                { value: 1 - UNAVAILABLE_BUDGET, color: COLORS.good },
              ],
              alerts: ['FeishuConnectivityBudgetBurn'],
            }),
          ],
          [
            4,
            stats({
              id: 9,
              title: 'Budget left, 30 days',
              normal: 'above zero: of the 43 minutes without a connection that 30 days allow, some are left.',
              act: 'below zero the objective is missed. The burn rates on the board Objectives tell how fast it goes.',
              unit: 'percentunit',
              decimals: 0,
              queries: [
                {
                  expr: `sort(1 - (1 - avg_over_time(${recorded('feishu_ws_available:bool', '30d')})) / ${UNAVAILABLE_BUDGET})`,
                  legend: '{{app}}',
                },
              ],
              noValue: 'no data',
              steps: [
                { value: null, color: COLORS.critical },
                { value: 0, color: COLORS.good },
              ],
              alerts: ['FeishuConnectivityBudgetBurn'],
            }),
          ],
        ),
      ],
    },
    {
      id: 101,
      title: 'What comes in, and how fast it is answered',
      shelves: [
        shelf(
          7,
          [
            8,
            lines({
              id: 10,
              title: 'Events received',
              normal: 'the rhythm of your users. Zero at night is fine; a type that never comes may not be subscribed.',
              act: 'zero while the app is green and users are awake: see Received against expected on the board Events.',
              unit: 'eps',
              queries: [
                { expr: `sum by (event_type) (${rate('feishu_events_received_total')})`, legend: '{{event_type}}' },
              ],
              alerts: ['FeishuEventsSilent', 'FeishuNeverReceived'],
              steps: [{ value: null, color: COLORS.neutral }],
            }),
          ],
          [
            8,
            lines({
              id: 11,
              title: 'Ack duration',
              normal: 'far below the 3 s after which the platform delivers the event again.',
              act: 'at 3 s, look at handler durations: without a journal the ack waits for the handler. The dots lead to traces.',
              unit: 's',
              queries: [0.5, 0.99].map((q) => ({
                expr: quantile(q, 'feishu_event_ack_duration_seconds', 'app'),
                legend: `p${q * 100} {{app}}`,
                hasExemplars: true as const,
              })),
              alerts: ['FeishuAckLate'],
              steps: [
                { value: null, color: COLORS.good },
                { value: LATE_ACK_SECONDS, color: COLORS.warning },
              ],
            }),
          ],
          [
            8,
            lines({
              id: 12,
              title: 'Oldest pending event against its deadline',
              normal: 'nothing pending, or a fraction of the deadline.',
              act: 'a line that climbs steadily is one stuck handler; many short climbs are slow ones.',
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
        ),
      ],
    },
    {
      id: 102,
      title: 'Instances',
      shelves: [
        shelf(7, [
          24,
          rows({
            id: 13,
            title: 'Connections',
            normal: 'each is connected, all run the same version, none restarted unasked.',
            act: 'a missing row is an instance that cannot be scraped: see Scraping on the board Objectives. A short uptime with nobody deploying is a crash. A token that expires soon was not renewed.',
            unit: 'none',
            queries: [
              { expr: `max by (${CONNECTION}, state) (${gauge('feishu_ws_state')} == 1)`, legend: '' },
              {
                expr: `${EACH_CONNECTION} * on (job, instance) group_left (version) ${gauge('feishu_connector_build_info')}`,
                legend: '',
              },
              {
                expr: `${EACH_CONNECTION} * on (job, instance) group_left () (${processes((own) => `(time() - process_start_time_seconds${own})`)})`,
                legend: '',
              },
              {
                expr: `min by (${CONNECTION}) ((${gauge('feishu_token_expiry_timestamp_seconds')} > 0) - time())`,
                legend: '',
              },
            ],
            columns: [
              { field: 'app', title: 'App' },
              { field: 'instance', title: 'Instance' },
              {
                field: 'state',
                title: 'State',
                override: [
                  { id: 'mappings', value: mappings(CONNECTION_STATES_BY_NAME) },
                  { id: 'custom.cellOptions', value: { type: 'color-text' } },
                ],
              },
              { field: 'version', title: 'Version' },
              { field: 'Value #C', title: 'Uptime', override: [{ id: 'unit', value: 's' }] },
              {
                field: 'Value #D',
                title: 'Token expires in',
                override: [
                  { id: 'unit', value: 's' },
                  {
                    id: 'thresholds',
                    value: thresholds([
                      { value: null, color: COLORS.critical },
                      { value: 0, color: COLORS.good },
                    ]).build(),
                  },
                  { id: 'custom.cellOptions', value: { type: 'color-text' } },
                ],
              },
            ],
            hidden: ['Time', 'job', 'Value #A', 'Value #B'],
            sortBy: 'App',
            steps: [{ value: null, color: COLORS.neutral }],
            alerts: ['FeishuTokenExpired', 'FeishuConnectorCrashLooping'],
          }),
        ]),
      ],
    },
  ],
};

function severityColumn() {
  const states = {
    critical: { text: 'critical', color: COLORS.critical },
    warning: { text: 'warning', color: COLORS.warning },
    silent: { text: 'SILENT', color: COLORS.critical },
  };
  return [
    { id: 'mappings', value: mappings(states) },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    { id: 'custom.width', value: 80 },
  ];
}

function runbookColumn() {
  return [
    {
      id: 'links',
      value: [{ title: 'Runbook', url: `\${${RUNBOOKS_VARIABLE}}/\${__value.text}.md`, targetBlank: true }],
    },
    { id: 'custom.width', value: 220 },
  ];
}
